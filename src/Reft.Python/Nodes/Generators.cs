using Reft.Python.Runtime;

namespace Reft.Python.Nodes;

/// <summary><c>yield</c> and <c>yield from</c>; they may stand as a statement or be all that is assigned.</summary>
internal sealed class YieldExpr(Expr? value, bool isFrom) : Expr
{
    public override object Eval(Frame frame) => throw new UnsupportedException("yield inside an expression");

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

    public PyNone Close()
    {
        _done = true;
        return PyNone.Value;
    }
}
