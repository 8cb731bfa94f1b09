namespace Reft.Python.Runtime;

/// <summary>A Python exception on its way up; the only kind that Python's <c>except</c> sees.</summary>
internal sealed class PyError(PyExceptionObject value) : Exception
{
    public PyExceptionObject Value { get; } = value;

    public override string Message => Value.Type.Name;
}

/// <summary>A budget is used up.</summary>
internal sealed class BudgetException(ProgramOutcome outcome, string message) : Exception(message)
{
    public ProgramOutcome Outcome { get; } = outcome;
}

/// <summary>The program uses something that the interpreter does not have.</summary>
internal sealed class UnsupportedException(string construct) : Exception("unsupported " + construct);

/// <summary>The source text is not Python.</summary>
internal sealed class SyntaxException(string message, int line, string kind = "SyntaxError")
    : Exception(FormattableString.Invariant($"{kind}: {message} (line {line})"));

/// <summary>The native stack is nearly used up; the run starts over on a larger one.</summary>
internal sealed class StackShortageException : Exception;

/// <summary>Makes Python exceptions to throw.</summary>
internal static class Err
{
    public static PyError Make(PyType type, string message) => new(new PyExceptionObject(type, [message]));

    public static PyError Make(PyType type, params object[] args) => new(new PyExceptionObject(type, args));

    public static PyError Type(string message) => Make(ExceptionTypes.TypeError, message);

    public static PyError Value(string message) => Make(ExceptionTypes.ValueError, message);

    public static PyError Index(string message) => Make(ExceptionTypes.IndexError, message);

    public static PyError Key(object key) => Make(ExceptionTypes.KeyError, [key]);

    public static PyError Name(string message) => Make(ExceptionTypes.NameError, message);

    public static PyError Overflow(string message) => Make(ExceptionTypes.OverflowError, message);

    public static PyError ZeroDivision(string message) => Make(ExceptionTypes.ZeroDivisionError, message);

    public static PyError Runtime(string message) => Make(ExceptionTypes.RuntimeError, message);

    public static PyError Attribute(object target, string name) => Make(
        ExceptionTypes.AttributeError,
        target is PyType type
            ? $"type object '{type.Name}' has no attribute '{name}'"
            : target is PyModule module
                ? $"module '{module.Name}' has no attribute '{name}'"
                : $"'{Types.Of(target).Name}' object has no attribute '{name}'");
}
