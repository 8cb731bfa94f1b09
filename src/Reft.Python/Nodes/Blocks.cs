using Reft.Python.Runtime;

namespace Reft.Python.Nodes;

internal sealed class Block(List<Stmt> statements) : Stmt
{
    public List<Stmt> Statements => statements;

    public override Signal Exec(Frame frame)
    {
        foreach (var statement in statements)
        {
            var signal = statement.Exec(frame);
            if (signal != Signal.Next)
            {
                return signal;
            }
        }

        return Signal.Next;
    }

    public override IEnumerable<object> Walk(Frame frame)
    {
        foreach (var statement in statements)
        {
            if (statement.HasYield)
            {
                foreach (var item in statement.Walk(frame))
                {
                    yield return item;
                }
            }
            else
            {
                frame.Signal = statement.Exec(frame);
            }

            if (frame.Signal != Signal.Next)
            {
                yield break;
            }
        }

        frame.Signal = Signal.Next;
    }
}

/// <summary><c>if</c>, every <c>elif</c>, and <c>else</c>.</summary>
internal sealed class IfStmt(List<(Expr Condition, Block Body)> branches, Block? otherwise) : Stmt
{
    public override Signal Exec(Frame frame) => Choose(frame)?.Exec(frame) ?? Signal.Next;

    public override IEnumerable<object> Walk(Frame frame)
    {
        frame.Signal = Signal.Next;
        return Choose(frame)?.Walk(frame) ?? [];
    }

    private Block? Choose(Frame frame)
    {
        foreach (var (condition, body) in branches)
        {
            frame.Vm.Tick();
            if (Ops.Truth(frame.Vm, condition.Eval(frame)))
            {
                return body;
            }
        }

        return otherwise;
    }
}

internal sealed class WhileStmt(Expr condition, Block body, Block? otherwise) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        while (true)
        {
            frame.Vm.Tick();
            if (!Ops.Truth(frame.Vm, condition.Eval(frame)))
            {
                return otherwise?.Exec(frame) ?? Signal.Next;
            }

            var signal = body.Exec(frame);
            if (signal == Signal.Break)
            {
                return Signal.Next;
            }

            if (signal == Signal.Return)
            {
                return signal;
            }
        }
    }

    public override IEnumerable<object> Walk(Frame frame)
    {
        while (true)
        {
            frame.Vm.Tick();
            if (!Ops.Truth(frame.Vm, condition.Eval(frame)))
            {
                break;
            }

            foreach (var item in body.Walk(frame))
            {
                yield return item;
            }

            if (frame.Signal is Signal.Break or Signal.Return)
            {
                frame.Signal = frame.Signal == Signal.Break ? Signal.Next : Signal.Return;
                yield break;
            }
        }

        frame.Signal = Signal.Next;
        foreach (var item in otherwise?.Walk(frame) ?? [])
        {
            yield return item;
        }
    }
}

internal sealed class ForStmt(Expr target, Expr items, Block body, Block? otherwise) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        var vm = frame.Vm;
        var iterator = Ops.Iterate(vm, items.Eval(frame));
        while (iterator.Next(vm) is { } item)
        {
            vm.Tick();
            target.Assign(frame, item);
            var signal = body.Exec(frame);
            if (signal is Signal.Break or Signal.Return)
            {
                Leave(vm, iterator);
                return signal == Signal.Break ? Signal.Next : signal;
            }
        }

        return otherwise?.Exec(frame) ?? Signal.Next;
    }

    /// <summary>A generator that was made for this loop alone ends with it, and cleans up.</summary>
    private void Leave(Vm vm, PyIterator iterator)
    {
        if (items is CallExpr && iterator is PyGenerator generator)
        {
            generator.Close(vm);
        }
    }

    public override IEnumerable<object> Walk(Frame frame)
    {
        var vm = frame.Vm;
        var iterator = Ops.Iterate(vm, items.Eval(frame));
        while (iterator.Next(vm) is { } item)
        {
            vm.Tick();
            target.Assign(frame, item);
            foreach (var yielded in body.Walk(frame))
            {
                yield return yielded;
            }

            if (frame.Signal is Signal.Break or Signal.Return)
            {
                frame.Signal = frame.Signal == Signal.Break ? Signal.Next : Signal.Return;
                yield break;
            }
        }

        frame.Signal = Signal.Next;
        foreach (var item in otherwise?.Walk(frame) ?? [])
        {
            yield return item;
        }
    }
}
