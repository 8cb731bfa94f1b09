namespace Reft.Python.Templates;

/// <summary>What went wrong with a template.</summary>
internal enum JinjaFault
{
    /// <summary>The text is no template.</summary>
    Syntax,

    /// <summary>A value that is not there was used as if it were.</summary>
    Undefined,

    /// <summary>The template itself refused, by <c>raise_exception</c>.</summary>
    Raised,

    /// <summary>An operation that Python refuses, such as adding a number to a text.</summary>
    Type,

    /// <summary>The template asks for what templates must not do.</summary>
    Security,

    /// <summary>Jinja2 has it and this engine does not; the text that would come is not known.</summary>
    Unsupported,

    /// <summary>A budget is used up.</summary>
    Budget,
}

/// <summary>A template could not be read or rendered.</summary>
internal sealed class JinjaException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="fault">What kind of thing went wrong.</param>
    /// <param name="message">What went wrong, in Jinja2's words where it has any.</param>
    /// <param name="line">The line in the template, from 1.</param>
    /// <param name="column">The column in the line, from 1.</param>
    public JinjaException(JinjaFault fault, string message, int line, int column)
        : base(FormattableString.Invariant($"line {line}, column {column}: {message}"))
    {
        (Fault, Reason, Line, Column) = (fault, message, line, column);
    }

    /// <summary>What kind of thing went wrong.</summary>
    public JinjaFault Fault { get; }

    /// <summary>The message without the place.</summary>
    public string Reason { get; }

    /// <summary>The line in the template, from 1; a carriage return, a line feed or both end a line.</summary>
    public int Line { get; }

    /// <summary>The column in the line, from 1, in UTF-16 units.</summary>
    public int Column { get; }
}

/// <summary>A fault on its way to where its place is known.</summary>
internal sealed class TemplateFailure(JinjaFault fault, string message) : Exception(message)
{
    public JinjaFault Fault { get; } = fault;
}
