using Reft.Python.Runtime;
using Reft.Python.Syntax;

namespace Reft.Python.Nodes;

/// <summary>One <c>for … in … if …</c> of a comprehension.</summary>
internal sealed record Clause(Expr Target, Expr Items, List<Expr> Conditions);

internal enum ComprehensionKind : byte
{
    List, Set, Dict,
}

/// <summary>A list, set or dictionary comprehension; its variables live in slots of the frame around it.</summary>
internal sealed class ComprehensionExpr(
    ComprehensionKind kind, Expr element, Expr? value, List<Clause> clauses, Scope scope) : Expr
{
    public override object Eval(Frame frame)
    {
        var first = Ops.Iterate(frame.Vm, clauses[0].Items.Eval(frame));
        foreach (var cell in scope.Cells)
        {
            frame.Locals[cell.Index] = new Cell();
        }

        PyObject result = kind switch
        {
            ComprehensionKind.List => new PyList([]),
            ComprehensionKind.Set => new PySet(),
            _ => new PyDict(),
        };
        Run(frame, 0, first, result);
        return result;
    }

    private void Run(Frame frame, int level, PyIterator items, PyObject result)
    {
        var vm = frame.Vm;
        var clause = clauses[level];
        while (items.Next(vm) is { } item)
        {
            vm.Tick();
            clause.Target.Assign(frame, item);
            if (!clause.Conditions.TrueForAll(c => Ops.Truth(vm, c.Eval(frame))))
            {
                continue;
            }

            if (level + 1 < clauses.Count)
            {
                Run(frame, level + 1, Ops.Iterate(vm, clauses[level + 1].Items.Eval(frame)), result);
                continue;
            }

            switch (result)
            {
                case PyList list:
                    list.Add(vm, element.Eval(frame));
                    break;
                case PySet set:
                    set.Add(vm, element.Eval(frame));
                    break;
                default:
                    var key = element.Eval(frame);
                    ((PyDict)result).Set(vm, key, value!.Eval(frame)); // a dictionary's comprehension has a value
                    break;
            }
        }
    }
}

/// <summary>A generator expression: it has a frame of its own, and its first iterable is made outside of it.</summary>
internal sealed class GeneratorExpr(Expr element, List<Clause> clauses, Scope scope) : Expr
{
    public override object Eval(Frame frame)
    {
        var first = Ops.Iterate(frame.Vm, clauses[0].Items.Eval(frame));
        var inner = new Frame(frame.Vm, new object?[scope.LocalCount], frame.Function);
        foreach (var (outer, own) in scope.Captured)
        {
            inner.Locals[own.Index] = frame.Locals[outer.Index];
        }

        foreach (var cell in scope.Cells)
        {
            inner.Locals[cell.Index] = new Cell();
        }

        return new PyGenerator(inner, Run(inner, 0, first).GetEnumerator());
    }

    private IEnumerable<object> Run(Frame frame, int level, PyIterator items)
    {
        var vm = frame.Vm;
        var clause = clauses[level];
        while (items.Next(vm) is { } item)
        {
            vm.Tick();
            clause.Target.Assign(frame, item);
            if (!clause.Conditions.TrueForAll(c => Ops.Truth(vm, c.Eval(frame))))
            {
                continue;
            }

            if (level + 1 == clauses.Count)
            {
                yield return element.Eval(frame);
                continue;
            }

            foreach (var inner in Run(frame, level + 1, Ops.Iterate(vm, clauses[level + 1].Items.Eval(frame))))
            {
                yield return inner;
            }
        }
    }
}
