using Reft.Python.Runtime;

namespace Reft.Python.Nodes;

/// <summary><c>yield</c> and <c>yield from</c>.</summary>
internal sealed class YieldExpr(Expr? value, bool isFrom) : Expr
{
    /// <summary>In a generator that runs as a coroutine; the others walk their statements.</summary>
    public override object Eval(Frame frame)
    {
        var coroutine = frame.Coroutine ?? throw new UnsupportedException("yield in this place");
        foreach (var item in Walk(frame))
        {
            coroutine.Yield(item);
        }

        return frame.Sent;
    }

    public IEnumerable<object> Walk(Frame frame)
    {
        frame.Vm.Tick();
        var result = value?.Eval(frame) ?? PyNone.Value;
        if (!isFrom)
        {
            frame.Sent = PyNone.Value;
            yield return result;
            yield break;
        }

        var items = Ops.Iterate(frame.Vm, result);
        while (items.Next(frame.Vm) is { } item)
        {
            yield return item;
            if (frame.Sent is not PyNone)
            {
                throw new UnsupportedException("send through yield from");
            }
        }

        frame.Sent = items is PyGenerator generator ? generator.Result : PyNone.Value;
    }
}

/// <summary>A running generator.</summary>
internal sealed class PyGenerator(Frame frame, IEnumerator<object> steps) : PyIterator
{
    private bool _running;
    private bool _started;
    private bool _done;

    public override PyType Type => Types.Generator;

    public object Result => frame.Result;

    public override object? Next(Vm vm)
    {
        if (_running)
        {
            throw Err.Value("generator already executing");
        }

        if (_done)
        {
            frame.Result = PyNone.Value;
            return null;
        }

        vm.Enter();
        var depth = vm.Depth;
        _running = _started = _done = true;
        var stopped = false;
        try
        {
            _done = !steps.MoveNext();
        }
        catch (PyError error) when (error.Value.Type.IsSubtypeOf(ExceptionTypes.StopIteration))
        {
            stopped = true;
        }
        finally
        {
            _running = false;
        }

        if (stopped)
        {
            vm.Unwind(depth);
            throw Err.Runtime("generator raised StopIteration");
        }

        vm.Leave();
        return _done ? null : steps.Current;
    }

    public object? Send(Vm vm, object value)
    {
        if (!_started && value is not PyNone)
        {
            throw Err.Type("can't send non-None value to a just-started generator");
        }

        frame.Sent = value;
        return Next(vm);
    }

    /// <summary>Ends the generator; what it has to clean up runs.</summary>
    public PyNone Close(Vm vm)
    {
        if (frame.Coroutine is not { IsSuspended: true } coroutine || _running)
        {
            _done = true;
            return PyNone.Value;
        }

        var depth = vm.Depth;
        var isOver = false;
        coroutine.Throw(Err.Make(ExceptionTypes.GeneratorExit));
        try
        {
            isOver = Next(vm) is null;
        }
        catch (PyError error) when (error.Value.Type == ExceptionTypes.GeneratorExit)
        {
            isOver = true;
            vm.Unwind(depth);
        }

        _done = true;
        return isOver ? PyNone.Value : throw Err.Runtime("generator ignored GeneratorExit");
    }
}
