using System.Text;
using Reft.Python.Runtime;

namespace Reft.Python.Templates;

/// <summary>The names of a block; what it does not have, the scope around it may.</summary>
internal sealed class TemplateScope(TemplateScope? outer)
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    public object? Find(string name)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (scope._values.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        return null;
    }

    private TemplateScope? Outer => outer;

    public void Set(string name, object value) => _values[name] = value;
}

/// <summary>The state of one rendering.</summary>
internal sealed class TemplateFrame(Vm vm, TemplateScope scope, TimeProvider clock)
{
    private StringBuilder _text = new();

    public Vm Vm => vm;

    public TemplateScope Scope { get; set; } = scope;

    /// <summary>Where in the source the evaluation is; what errors name.</summary>
    public int At { get; set; }

    /// <summary>The clock that <c>strftime_now</c> reads.</summary>
    public TimeProvider Clock => clock;

    public string Text => _text.ToString();

    /// <summary>What the model is to have written, as places in the text.</summary>
    public List<Range> Generated { get; } = [];

    /// <summary>How many captures are open: places in the text are known outside of all alone.</summary>
    private int Captures { get; set; }

    public void Write(string text)
    {
        vm.Charge(1 + (text.Length >> 5));
        if (_text.Length + (long)text.Length > vm.Limits.MaxOutputChars)
        {
            throw new BudgetException(
                ProgramOutcome.Error, FormattableString.Invariant($"output budget of {vm.Limits.MaxOutputChars} characters exceeded"));
        }

        _text.Append(text);
    }

    /// <summary>The text that an action writes, instead of writing it.</summary>
    public string Capture(Action write)
    {
        var outer = _text;
        _text = new StringBuilder();
        Captures++;
        write();
        Captures--;
        var text = vm.Text(_text.ToString());
        _text = outer;
        return text;
    }

    /// <summary>Writes what the model is to have written, and notes where.</summary>
    public void Generate(string text)
    {
        if (Captures > 0)
        {
            throw new UnsupportedException("a generation block inside a macro or a captured block");
        }

        var start = _text.Length;
        Write(text);
        Generated.Add(start.._text.Length);
    }

    /// <summary>The text of a value. That of a function holds its address, which is another in every run.</summary>
    public string Shown(object value) => value is NativeFunction or BoundNative or PyType
        ? throw new UnsupportedException("text of a function")
        : Show.Str(vm, value);

    /// <summary><c>value.name</c>: the attribute, or the item of that name.</summary>
    public object Attribute(object value, string name)
    {
        if (value is TemplateUndefined undefined)
        {
            throw undefined.Failure();
        }

        return OwnAttribute(value, name) ?? Item(value, name) ?? TemplateUndefined.Of(vm, value, name);
    }

    /// <summary><c>value[key]</c>: the item, or the attribute of that name.</summary>
    public object Subscript(object value, object key)
    {
        if (value is TemplateUndefined undefined)
        {
            throw undefined.Failure();
        }

        return Item(value, key) ?? (key is string name ? OwnAttribute(value, name) : null) ?? TemplateUndefined.Of(vm, value, key);
    }

    /// <summary>The attribute that a Python object has; null when it has none.</summary>
    public object? OwnAttribute(object value, string name)
    {
        if (value is TemplateObject own)
        {
            return own.Get(vm, name);
        }

        if (name.StartsWith("__", StringComparison.Ordinal) && name.EndsWith("__", StringComparison.Ordinal) && name.Length > 4)
        {
            return TemplateUndefined.Unsafe(value, name);
        }

        if (name.StartsWith('_'))
        {
            return null;
        }

        if (Changes(value, name))
        {
            return TemplateUndefined.Unsafe(value, name);
        }

        return Missing(value, name)
            ? throw new UnsupportedException($"'{name}' of {Types.Of(value).Name}")
            : Ops.FindAttribute(vm, value, name);
    }

    private object? Item(object value, object key)
    {
        switch (value)
        {
            case PyDict dict when key is string:
                return dict.Find(vm, key);
            case string or PyList or PyTuple when key is string:
                return null;
            case PyIterator or NativeFunction or BoundNative or TemplateMacro:
                return null;
        }

        try
        {
            return Ops.GetItem(vm, value, key);
        }
        catch (PyError error) when (error.Value.Type.IsSubtypeOf(ExceptionTypes.LookupError)
            || error.Value.Type.IsSubtypeOf(ExceptionTypes.TypeError))
        {
            return null;
        }
    }

    /// <summary>Methods that would change their object: a template changes nothing that it is given.</summary>
    private static bool Changes(object value, string name) => value switch
    {
        PyDict => name is "clear" or "pop" or "popitem" or "setdefault" or "update",
        PyList => name is "append" or "clear" or "pop" or "reverse" or "insert" or "sort" or "extend" or "remove",
        _ => false,
    };

    /// <summary>Attributes that CPython's objects have and ours do not.</summary>
    private static bool Missing(object value, string name) => value switch
    {
        PyDict => name is "fromkeys",
        string => name is "format_map" or "maketrans" or "encode",
        long or System.Numerics.BigInteger or bool => name is "from_bytes" or "to_bytes" or "as_integer_ratio" or "bit_count",
        double => name is "fromhex" or "as_integer_ratio" or "hex",
        _ => false,
    };
}
