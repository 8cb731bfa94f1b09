namespace Reft.Python.Runtime;

/// <summary>Something that gives its items one by one.</summary>
internal abstract class PyIterator : PyObject
{
    public override PyType Type => Types.IteratorOf(Name);

    /// <summary>The name of the iterator's type.</summary>
    protected virtual string Name => "iterator";

    /// <summary>The next item, or null at the end.</summary>
    public abstract object? Next(Vm vm);

    public override PyIterator Iterate(Vm vm) => this;

    public override bool? Contains(Vm vm, object item)
    {
        while (Next(vm) is { } candidate)
        {
            vm.Tick();
            if (Ops.Same(vm, candidate, item))
            {
                return true;
            }
        }

        return false;
    }

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "__next__" => new NativeFunction(name, 0, 0, (v, _) =>
            Next(v) ?? throw Err.Make(ExceptionTypes.StopIteration)),
        "__iter__" => new NativeFunction(name, 0, 0, (_, _) => this),
        _ => base.GetAttribute(vm, name),
    };
}

internal sealed class ListIterator(PyList list) : PyIterator
{
    protected override string Name => "list_iterator";

    private int _index;

    public override object? Next(Vm vm)
    {
        if (_index < list.Items.Count)
        {
            return list.Items[_index++];
        }

        _index = int.MaxValue;
        return null;
    }
}

internal sealed class ArrayIterator(object[] items) : PyIterator
{
    protected override string Name => "tuple_iterator";

    private int _index;

    public override object? Next(Vm vm) => _index < items.Length ? items[_index++] : null;
}

internal sealed class RangeIterator(long start, long step, long count) : PyIterator
{
    protected override string Name => "range_iterator";

    private long _left = count;
    private long _next = start;

    public override object? Next(Vm vm)
    {
        if (_left == 0)
        {
            return null;
        }

        var value = _next;
        if (--_left > 0)
        {
            _next += step;
        }

        return Ints.Box(value);
    }
}

internal sealed class TextIterator(string text) : PyIterator
{
    protected override string Name => "str_ascii_iterator";

    private int _index;

    public override object? Next(Vm vm)
    {
        if (_index >= text.Length)
        {
            return null;
        }

        if (char.IsHighSurrogate(text[_index]))
        {
            _index += 2;
            return text.Substring(_index - 2, 2);
        }

        return Texts.Of(text[_index++]);
    }
}

/// <summary>An iterator of the library, written as a .NET iterator.</summary>
internal sealed class EnumeratorIterator(string name, IEnumerator<object> items) : PyIterator
{
    private bool _running;
    private bool _done;

    protected override string Name => name;

    public override object? Next(Vm vm)
    {
        if (_done)
        {
            return null;
        }

        if (_running)
        {
            throw Err.Value(name + " already executing");
        }

        vm.Tick();
        vm.Enter();
        // No rethrowing here, nor elsewhere in what can nest: a throw inside a catch keeps the stack below it.
        _running = _done = true;
        try
        {
            _done = !items.MoveNext();
        }
        finally
        {
            _running = false;
        }

        vm.Leave();
        return _done ? null : items.Current;
    }
}

/// <summary>An object of the program with <c>__next__</c>.</summary>
internal sealed class InstanceIterator(PyInstance source) : PyIterator
{
    public override object? Next(Vm vm)
    {
        var depth = vm.Depth;
        try
        {
            return source.CallSpecial(vm, "__next__") ?? throw Err.Type("not an iterator");
        }
        catch (PyError error) when (error.Value.Type.IsSubtypeOf(ExceptionTypes.StopIteration))
        {
            vm.Unwind(depth);
            return null;
        }
    }
}

/// <summary><c>iter(function, sentinel)</c>.</summary>
internal sealed class SentinelIterator(object function, object sentinel) : PyIterator
{
    public override object? Next(Vm vm)
    {
        var value = Ops.Call(vm, function, Args.None);
        return Ops.Same(vm, value, sentinel) ? null : value;
    }
}
