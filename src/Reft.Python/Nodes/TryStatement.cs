using Reft.Python.Runtime;

namespace Reft.Python.Nodes;

/// <summary>One <c>except</c>: the types it takes (null takes all), the name it binds, its block.</summary>
internal sealed record Handler(Expr? Types, Expr? Target, Block Body);

internal sealed class TryStmt(Block body, List<Handler> handlers, Block? otherwise, Block? final) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        if (final is null)
        {
            return Guarded(frame);
        }

        var vm = frame.Vm;
        var depth = vm.Depth;
        var outer = vm.Handling;
        var signal = Signal.Next;
        PyError? caught = null;
        frame.OpenCleanups++;
        try
        {
            signal = Guarded(frame);
        }
        catch (PyError error)
        {
            caught = error;
        }

        frame.OpenCleanups--;
        // Nothing of the program runs inside a catch: that would keep the stack below it.
        if (caught is not null)
        {
            vm.Unwind(depth);
            vm.Handling = caught.Value;
            var after = final.Exec(frame);
            vm.Handling = outer;
            return after != Signal.Next ? after : throw new PyError(caught.Value);
        }

        var result = frame.Result;
        var last = final.Exec(frame);
        if (last != Signal.Next)
        {
            return last;
        }

        frame.Result = result;
        return signal;
    }

    public override IEnumerable<object> Walk(Frame frame)
    {
        var vm = frame.Vm;
        var depth = vm.Depth;
        PyError? caught = null;
        Handler? handler = null;
        using (var steps = body.Walk(frame).GetEnumerator())
        {
            while (true)
            {
                depth = vm.Depth;
                var isOver = true;
                try
                {
                    isOver = !steps.MoveNext();
                }
                catch (PyError error)
                {
                    caught = error;
                }

                if (caught is not null)
                {
                    vm.Unwind(depth);
                    handler = Choose(frame, caught) ?? throw new PyError(caught.Value);
                }

                if (isOver)
                {
                    break;
                }

                yield return steps.Current;
            }
        }

        if (caught is null)
        {
            if (frame.Signal == Signal.Next)
            {
                foreach (var item in otherwise?.Walk(frame) ?? [])
                {
                    yield return item;
                }
            }

            yield break;
        }

        var outer = vm.Handling;
        vm.Handling = caught.Value;
        handler!.Target?.Assign(frame, caught.Value); // an exception without a handler was thrown on
        foreach (var item in handler.Body.Walk(frame))
        {
            yield return item;
        }

        vm.Handling = outer;
    }

    private Signal Guarded(Frame frame)
    {
        if (handlers.Count == 0)
        {
            return body.Exec(frame);
        }

        var vm = frame.Vm;
        var depth = vm.Depth;
        var signal = Signal.Next;
        PyError? caught = null;
        try
        {
            signal = body.Exec(frame);
        }
        catch (PyError error)
        {
            caught = error;
        }

        if (caught is not null)
        {
            vm.Unwind(depth);
            var handler = Choose(frame, caught) ?? throw new PyError(caught.Value);
            return Handle(frame, handler, caught.Value);
        }

        return signal == Signal.Next && otherwise is not null ? otherwise.Exec(frame) : signal;
    }

    private static Signal Handle(Frame frame, Handler handler, PyExceptionObject exception)
    {
        var vm = frame.Vm;
        var outer = vm.Handling;
        vm.Handling = exception;
        handler.Target?.Assign(frame, exception);
        Signal signal;
        try
        {
            signal = handler.Body.Exec(frame);
        }
        finally
        {
            vm.Handling = outer;
        }

        if (handler.Target is NameExpr name)
        {
            // Python forgets the name at the end of the block, unless the block already did.
            name.Assign(frame, PyNone.Value);
            name.Delete(frame);
        }

        return signal;
    }

    private Handler? Choose(Frame frame, PyError error)
    {
        var outer = frame.Vm.Handling;
        frame.Vm.Handling = error.Value;
        foreach (var handler in handlers)
        {
            if (handler.Types is null || Takes(frame.Vm, handler.Types.Eval(frame), error.Value.Type))
            {
                frame.Vm.Handling = outer;
                return handler;
            }
        }

        frame.Vm.Handling = outer;
        return null;
    }

    private static bool Takes(Vm vm, object wanted, PyType type)
    {
        switch (wanted)
        {
            case PyType { IsException: true } one:
                return type.IsSubtypeOf(one);
            case PyTuple several:
                vm.Enter();
                vm.Charge(several.Items.Length);
                var any = Array.Exists(several.Items, t => Takes(vm, t, type));
                vm.Leave();
                return any;
            default:
                throw Err.Type("catching classes that do not inherit from BaseException is not allowed");
        }
    }
}

/// <summary><c>with</c> over objects of the program's classes.</summary>
internal sealed class WithStmt(Expr context, Expr? target, Stmt body) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        var vm = frame.Vm;
        vm.Tick();
        var manager = context.Eval(frame) as PyInstance
            ?? throw new UnsupportedException("with over an object of the library");
        if (manager.Type.Find("__enter__") is null || manager.Type.Find("__exit__") is null)
        {
            throw Err.Type($"'{manager.Type.Name}' object does not support the context manager protocol");
        }

        var entered = manager.CallSpecial(vm, "__enter__") ?? PyNone.Value;
        var depth = vm.Depth;
        var signal = Signal.Next;
        PyError? caught = null;
        frame.OpenCleanups++;
        try
        {
            target?.Assign(frame, entered);
            signal = body.Exec(frame);
        }
        catch (PyError error)
        {
            caught = error;
        }

        frame.OpenCleanups--;
        if (caught is not null)
        {
            vm.Unwind(depth);
            var handled = manager.CallSpecial(vm, "__exit__", caught.Value.Type, caught.Value, PyNone.Value);
            return handled is not null && Ops.Truth(vm, handled) ? Signal.Next : throw new PyError(caught.Value);
        }

        manager.CallSpecial(vm, "__exit__", PyNone.Value, PyNone.Value, PyNone.Value);
        return signal;
    }
}
