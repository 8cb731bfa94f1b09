using Reft.Python.Library;
using Reft.Python.Runtime;
using Reft.Python.Syntax;

namespace Reft.Python.Nodes;

internal sealed class ExprStmt(Expr value) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        frame.Vm.Tick();
        value.Eval(frame);
        return Signal.Next;
    }

    public override IEnumerable<object> Walk(Frame frame)
    {
        frame.Signal = Signal.Next;
        return value is YieldExpr source ? source.Walk(frame) : base.Walk(frame);
    }
}

internal sealed class AssignStmt(List<Expr> targets, Expr value) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        frame.Vm.Tick();
        Store(frame, value.Eval(frame));
        return Signal.Next;
    }

    public override IEnumerable<object> Walk(Frame frame)
    {
        if (value is not YieldExpr source)
        {
            throw new UnsupportedException("yield inside an expression");
        }

        foreach (var item in source.Walk(frame))
        {
            yield return item;
        }

        Store(frame, frame.Sent);
        frame.Signal = Signal.Next;
    }

    private void Store(Frame frame, object result)
    {
        foreach (var target in targets)
        {
            target.Assign(frame, result);
        }
    }
}

internal sealed class AugmentedStmt(Expr target, BinaryOp op, Expr value) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        var vm = frame.Vm;
        vm.Tick();
        if (target is NameExpr name)
        {
            var left = name.Eval(frame);
            var right = value.Eval(frame);
            name.Assign(frame, Combine(vm, left, right));
        }
        else
        {
            target.Update(frame, left => Combine(vm, left, value.Eval(frame)));
        }

        return Signal.Next;
    }

    private object Combine(Vm vm, object left, object right) =>
        left is long or double ? BinaryExpr.Apply(vm, op, left, right) : Ops.InPlace(vm, op, left, right);
}

/// <summary>An annotated name: a plain assignment, save that a class remembers the order of its names.</summary>
internal sealed class AnnotatedStmt(Expr target, Expr? value, string? name) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        frame.Vm.Tick();
        if (value is not null)
        {
            target.Assign(frame, value.Eval(frame));
        }

        if (name is not null && frame.Annotated is { } annotated && !annotated.Contains(name))
        {
            annotated.Add(name);
        }

        return Signal.Next;
    }
}

internal sealed class ReturnStmt(Expr? value) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        frame.Vm.Tick();
        frame.Result = value?.Eval(frame) ?? PyNone.Value;
        return Signal.Return;
    }
}

internal sealed class JumpStmt(Signal signal) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        frame.Vm.Tick();
        return signal;
    }
}

internal sealed class DeleteStmt(List<Expr> targets) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        frame.Vm.Tick();
        foreach (var target in targets)
        {
            target.Delete(frame);
        }

        return Signal.Next;
    }
}

internal sealed class AssertStmt(Expr condition, Expr? message) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        frame.Vm.Tick();
        if (Ops.Truth(frame.Vm, condition.Eval(frame)))
        {
            return Signal.Next;
        }

        throw message is null
            ? Err.Make(ExceptionTypes.AssertionError)
            : Err.Make(ExceptionTypes.AssertionError, [message.Eval(frame)]);
    }
}

internal sealed class RaiseStmt(Expr? value, Expr? cause) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        var vm = frame.Vm;
        vm.Tick();
        if (value is null)
        {
            throw new PyError(vm.Handling ?? Err.Runtime("No active exception to reraise").Value);
        }

        var raised = Make(vm, value.Eval(frame));
        if (cause is not null)
        {
            var reason = cause.Eval(frame);
            raised.Cause = reason is PyNone ? reason : Make(vm, reason);
        }

        throw new PyError(raised);
    }

    private static PyExceptionObject Make(Vm vm, object value) => value switch
    {
        PyExceptionObject exception => exception,
        PyType { IsException: true } type => (PyExceptionObject)type.Call(vm, Args.None),
        _ => throw Err.Type("exceptions must derive from BaseException"),
    };
}

/// <summary><c>import name as target</c>.</summary>
internal sealed class ImportStmt(string module, bool wantsLeaf, Expr target) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        frame.Vm.Tick();
        var loaded = Modules.Load(frame.Vm, module);
        target.Assign(
            frame,
            wantsLeaf || !module.Contains('.', StringComparison.Ordinal)
                ? loaded
                : Modules.Load(frame.Vm, module[..module.IndexOf('.', StringComparison.Ordinal)]));
        return Signal.Next;
    }
}

/// <summary><c>from module import name as target, …</c>.</summary>
internal sealed class FromImportStmt(string module, List<(string Name, Expr Target)> names) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        frame.Vm.Tick();
        if (module == "__future__")
        {
            return Signal.Next;
        }

        foreach (var (name, target) in names)
        {
            target.Assign(frame, Modules.Import(frame.Vm, module, name));
        }

        return Signal.Next;
    }
}

/// <summary>
/// <c>from module import *</c>: binds those of the module's names that the program has somewhere, so that a name which
/// is not here still hides a built-in one.
/// </summary>
internal sealed class StarImportStmt(string module, Scope scope) : Stmt
{
    public override Signal Exec(Frame frame)
    {
        frame.Vm.Charge(scope.Symbols.Count);
        var loaded = Modules.Load(frame.Vm, module);
        var star = LibraryNames.Star(module) ?? throw new UnsupportedException($"import * of module '{module}'");
        foreach (var symbol in scope.Symbols)
        {
            if (Modules.ImportAny(loaded, star, symbol.Name) is { } value)
            {
                frame.Vm.Globals[symbol.Index] = value;
            }
        }

        return Signal.Next;
    }
}
