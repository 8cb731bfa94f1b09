using Reft.Python.Runtime;

namespace Reft.Python.Templates;

/// <summary>
/// A value that is not there: it prints as nothing, is false, empty and equal to its like; whatever else is asked of it is an error.
/// </summary>
internal sealed class TemplateUndefined(string message, JinjaFault fault = JinjaFault.Undefined) : PyObject
{
    private static readonly PyType Kind = new("Undefined");

    public override PyType Type => Kind;

    /// <summary>A name that nothing has.</summary>
    public static TemplateUndefined OfName(string name) => new($"{Show.Quote(name)} is undefined");

    /// <summary>An attribute or item that an object does not have.</summary>
    public static TemplateUndefined Of(Vm vm, object owner, object key)
    {
        var kind = owner is PyNone ? "None" : Types.Of(owner).Name + " object";
        return new(key is string name
            ? $"{Show.Quote(kind)} has no attribute {Show.Quote(name)}"
            : $"{kind} has no element {Show.Repr(vm, key)}");
    }

    /// <summary>An attribute that is there and that templates must not use.</summary>
    public static TemplateUndefined Unsafe(object owner, string name) => new(
        $"access to attribute {Show.Quote(name)} of {Show.Quote(Types.Of(owner).Name)} object is unsafe.", JinjaFault.Security);

    public TemplateFailure Failure() => new(fault, message);

    public override bool Truth(Vm vm) => false;

    public override long Length(Vm vm) => 0;

    public override PyIterator Iterate(Vm vm) => new ArrayIterator([]);

    public override bool? EqualTo(Vm vm, object other) => other is TemplateUndefined;

    public override long Hash(Vm vm) => 0x5eed;

    public override string Repr(Vm vm) => "Undefined";

    public override string Str(Vm vm) => "";

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected) => throw Failure();

    public override object? Unary(Vm vm, UnaryOp op) => throw Failure();

    public override bool? Compare(Vm vm, CompareOp op, object other) => throw Failure();

    public override object? GetAttribute(Vm vm, string name) => throw Failure();

    public override object GetItem(Vm vm, object key) => throw Failure();

    public override object Call(Vm vm, Args args) => throw Failure();

    public override double? ToFloat(Vm vm) => throw Failure();

    public override object? ToInt(Vm vm) => throw Failure();
}

/// <summary>An object of the template language: attributes by name, and nothing else of Python.</summary>
internal abstract class TemplateObject(string name) : PyObject
{
    public override PyType Type { get; } = new(name);

    /// <summary>The attribute, or null when there is none.</summary>
    public abstract object? Get(Vm vm, string name);

    public sealed override object? GetAttribute(Vm vm, string name) => Get(vm, name);
}

/// <summary><c>namespace()</c>: what a template may write into from inside a loop.</summary>
internal sealed class TemplateNamespace(PyDict values) : TemplateObject("Namespace")
{
    public override object? Get(Vm vm, string name) => values.Find(vm, name);

    public void Set(Vm vm, string name, object value) => values.Set(vm, name, value);

    public override object GetItem(Vm vm, object key) => values.GetItem(vm, key);

    public override string Repr(Vm vm) => $"<Namespace {values.Repr(vm)}>";
}

/// <summary>
/// A text that is marked as safe HTML. Nothing is escaped in a prompt, but adding to such a text would escape what is added: that is
/// refused.
/// </summary>
internal sealed class TemplateMarkup(string text) : TemplateObject("Markup")
{
    public string Text { get; } = text;

    public override string Str(Vm vm) => Text;

    public override string Repr(Vm vm) => $"Markup({Show.Quote(Text)})";

    public override bool Truth(Vm vm) => Text.Length > 0;

    public override long Length(Vm vm) => Texts.Length(vm, Text);

    public override PyIterator Iterate(Vm vm) => new TextIterator(Text);

    public override bool? EqualTo(Vm vm, object other) => (other as string ?? (other as TemplateMarkup)?.Text) == Text;

    public override long Hash(Vm vm) => Hashing.OfText(Text);

    public override bool? Contains(Vm vm, object item) => Ops.Contains(vm, Text, item is TemplateMarkup part ? part.Text : item);

    public override object? Get(Vm vm, string name) => throw new UnsupportedException($"'{name}' of a text marked as safe");

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected) =>
        throw new UnsupportedException("operators on a text marked as safe");
}

/// <summary><c>loop</c>: where a loop is. The next item is taken early only when it is asked for.</summary>
internal sealed class TemplateLoop(object items, PyIterator iterator, int depth, Func<object, int, string>? again) : TemplateObject("LoopContext")
{
    private PyIterator _iterator = iterator;
    private object? _after;
    private object? _before;
    private object? _current;
    private PyTuple? _last;
    private long _index = -1;
    private long _length = -1;

    /// <summary>Goes on to the next item; null when there is none.</summary>
    public object? Next(Vm vm)
    {
        var next = _after ?? _iterator.Next(vm);
        _after = null;
        if (next is not null)
        {
            _index++;
            (_before, _current) = (_current, next);
        }

        return next;
    }

    public override object? Get(Vm vm, string name) => name switch
    {
        "index" => Ints.Box(_index + 1),
        "index0" => Ints.Box(_index),
        "revindex" => Ints.Box(Count(vm) - _index),
        "revindex0" => Ints.Box(Count(vm) - _index - 1),
        "first" => Bools.Of(_index == 0),
        "last" => Bools.Of(Peek(vm) is null),
        "length" => Ints.Box(Count(vm)),
        "depth" => Ints.Box(depth + 1L),
        "depth0" => Ints.Box((long)depth),
        "previtem" => _index == 0 ? new TemplateUndefined("there is no previous item") : _before,
        "nextitem" => Peek(vm) ?? new TemplateUndefined("there is no next item"),
        "cycle" => new NativeFunction("cycle", 0, int.MaxValue, (_, args) => args.Count == 0
            ? throw Err.Type("no items for cycling given")
            : args[(int)(_index % args.Count)]),
        "changed" => new NativeFunction("changed", 0, int.MaxValue, (machine, args) =>
        {
            var given = new PyTuple(args.Positional);
            var same = _last is not null && Ops.Equal(machine, _last, given);
            _last = given;
            return Bools.Of(!same);
        }),
        _ => null,
    };

    public override long Length(Vm vm) => Count(vm);

    public override bool IsCallable => true;

    public override object Call(Vm vm, Args args)
    {
        Signature.Check("loop", args, 1, 1, ["iterable"]);
        return again is null
            ? throw Err.Type("The loop must have the 'recursive' marker to be called recursively.")
            : again(args.At(0, "iterable")!, depth + 1);
    }

    public override string Repr(Vm vm) => FormattableString.Invariant($"<LoopContext {_index + 1}/{Count(vm)}>");

    private object? Peek(Vm vm) => _after ??= _iterator.Next(vm);

    private long Count(Vm vm)
    {
        if (_length < 0)
        {
            _length = items is string text ? Texts.Length(vm, text) : items is PyIterator ? -1 : ((PyObject)items).Length(vm);
        }

        if (_length < 0)
        {
            var rest = Ops.ToList(vm, _iterator);
            _iterator = new ArrayIterator([.. rest]);
            _length = rest.Count + _index + 1 + (_after is null ? 0 : 1);
        }

        return _length;
    }
}

/// <summary><c>cycler()</c>: its items one after the other, over and over.</summary>
internal sealed class TemplateCycler(object[] items) : TemplateObject("Cycler")
{
    private int _at;

    public override object? Get(Vm vm, string name) => name switch
    {
        "current" => items[_at],
        "items" => new PyTuple(items),
        "pos" => Ints.Box((long)_at),
        "next" => new NativeFunction("next", 0, 0, (_, _) =>
        {
            var item = items[_at];
            _at = (_at + 1) % items.Length;
            return item;
        }),
        "reset" => new NativeFunction("reset", 0, 0, (_, _) =>
        {
            _at = 0;
            return PyNone.Value;
        }),
        _ => null,
    };
}

/// <summary><c>joiner()</c>: nothing the first time, its separator afterwards.</summary>
internal sealed class TemplateJoiner(object separator) : TemplateObject("Joiner")
{
    private bool _used;

    public override bool IsCallable => true;

    public override object? Get(Vm vm, string name) => name switch { "sep" => separator, "used" => Bools.Of(_used), _ => null };

    public override object Call(Vm vm, Args args)
    {
        Signature.Check("joiner", args, 0, 0, []);
        var before = _used ? separator : "";
        _used = true;
        return before;
    }
}

/// <summary>A macro, or the body of a <c>call</c> block, with the scope that it was defined in.</summary>
internal sealed class TemplateMacro(string name, MacroBody body, TemplateScope scope, TemplateFrame frame) : TemplateObject("Macro")
{
    public override bool IsCallable => true;

    public override object? Get(Vm vm, string attribute) => attribute switch
    {
        "name" => name,
        "arguments" => new PyTuple([.. body.Parameters.Select(p => (object)p.Name)]),
        "catch_kwargs" => Bools.Of(body.TakesNamed),
        "catch_varargs" => Bools.Of(body.TakesMore),
        "caller" => Bools.Of(body.TakesCaller),
        _ => null,
    };

    public override object Call(Vm vm, Args args) => body.Call(name, frame, scope, args);

    public override string Repr(Vm vm) => $"<Macro {Show.Quote(name)}>";
}

/// <summary>A group of <c>groupby</c>: what its members share, and they.</summary>
internal sealed class TemplateGroup(object grouper, PyList members) : TemplateObject("_GroupTuple")
{
    private readonly PyTuple _pair = new([grouper, members]);

    public override object? Get(Vm vm, string name) =>
        name switch { "grouper" => grouper, "list" => members, _ => Types.BindMethod(_pair, name) };

    public override long Length(Vm vm) => 2;

    public override PyIterator Iterate(Vm vm) => _pair.Iterate(vm);

    public override object GetItem(Vm vm, object key) => _pair.GetItem(vm, key);

    public override bool? Contains(Vm vm, object item) => _pair.Contains(vm, item);

    public override bool? EqualTo(Vm vm, object other) => _pair.EqualTo(vm, other is TemplateGroup group ? group._pair : other);

    public override string Repr(Vm vm) => _pair.Repr(vm);
}
