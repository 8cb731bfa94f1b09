using Reft.Python.Library;
using Reft.Python.Runtime;
using Reft.Python.Syntax;

namespace Reft.Python.Nodes;

internal sealed class Constant(object value) : Expr
{
    public object Value => value;

    public override bool IsConstant => true;

    public override object Eval(Frame frame) => value;
}

internal sealed class NameExpr(Symbol symbol) : Expr
{
    public string Name => symbol.Name;

    public override bool IsTarget => true;

    public override object Eval(Frame frame)
    {
        switch (symbol.Kind)
        {
            case SymbolKind.Local:
                return frame.Locals[symbol.Index] ?? throw Unbound();
            case SymbolKind.Cell:
                return ((Cell)frame.Locals[symbol.Index]!).Value ?? throw Unbound(); // cells are made with the frame
            case SymbolKind.Global:
                return frame.Vm.Globals[symbol.Index] ?? Builtin(frame);
            default:
                return frame.Locals[symbol.Index] ?? throw Err.Name($"name '{symbol.Name}' is not defined");
        }
    }

    public override void Assign(Frame frame, object value)
    {
        switch (symbol.Kind)
        {
            case SymbolKind.Cell:
                ((Cell)frame.Locals[symbol.Index]!).Value = value; // cells are made with the frame
                break;
            case SymbolKind.Global:
                frame.Vm.Globals[symbol.Index] = value;
                break;
            default:
                frame.Locals[symbol.Index] = value;
                break;
        }
    }

    public override void Delete(Frame frame)
    {
        switch (symbol.Kind)
        {
            case SymbolKind.Cell:
                Eval(frame);
                ((Cell)frame.Locals[symbol.Index]!).Value = null; // cells are made with the frame
                break;
            case SymbolKind.Global:
                if (frame.Vm.Globals[symbol.Index] is null)
                {
                    throw Err.Name($"name '{symbol.Name}' is not defined");
                }

                frame.Vm.Globals[symbol.Index] = null;
                break;
            default:
                Eval(frame);
                frame.Locals[symbol.Index] = null;
                break;
        }
    }

    public override void Update(Frame frame, Func<object, object> change) => Assign(frame, change(Eval(frame)));

    private object Builtin(Frame frame)
    {
        if (symbol.Builtin is Absence absence)
        {
            throw new UnsupportedException(absence.Construct);
        }

        return symbol.Builtin ?? throw Err.Name($"name '{symbol.Name}' is not defined");
    }

    private PyError Unbound() => symbol.IsFree
        ? Err.Name(
            $"cannot access free variable '{symbol.Name}' where it is not associated with a value in enclosing scope")
        : Err.Make(
            ExceptionTypes.UnboundLocalError,
            $"cannot access local variable '{symbol.Name}' where it is not associated with a value");
}

internal sealed class AttributeExpr(Expr target, string name) : Expr
{
    public Expr Target => target;

    public string Name => name;

    public override bool IsTarget => true;

    public override object Eval(Frame frame)
    {
        frame.Vm.Tick();
        return Ops.GetAttribute(frame.Vm, target.Eval(frame), name);
    }

    public override void Assign(Frame frame, object value) => Set(frame, target.Eval(frame), value);

    public override void Delete(Frame frame) => Set(frame, target.Eval(frame), null);

    public override void Update(Frame frame, Func<object, object> change)
    {
        var owner = target.Eval(frame);
        Set(frame, owner, change(Ops.GetAttribute(frame.Vm, owner, name)));
    }

    private void Set(Frame frame, object owner, object? value)
    {
        if (owner is not PyObject holder)
        {
            throw Err.Attribute(owner, name);
        }

        holder.SetAttribute(frame.Vm, name, value);
    }
}

internal sealed class SubscriptExpr(Expr target, Expr key) : Expr
{
    public override bool IsTarget => true;

    public override object Eval(Frame frame)
    {
        frame.Vm.Tick();
        var container = target.Eval(frame);
        var index = key.Eval(frame);
        if (container is PyList list && index is long position && (ulong)position < (ulong)list.Items.Count)
        {
            return list.Items[(int)position];
        }

        return Ops.GetItem(frame.Vm, container, index);
    }

    public override void Assign(Frame frame, object value)
    {
        frame.Vm.Tick();
        var container = target.Eval(frame);
        var index = key.Eval(frame);
        if (container is PyList list && index is long position && (ulong)position < (ulong)list.Items.Count)
        {
            list.Items[(int)position] = value;
            return;
        }

        Ops.SetItem(frame.Vm, container, index, value);
    }

    public override void Delete(Frame frame) =>
        Ops.DeleteItem(frame.Vm, target.Eval(frame), key.Eval(frame));

    public override void Update(Frame frame, Func<object, object> change)
    {
        frame.Vm.Tick();
        var container = target.Eval(frame);
        var index = key.Eval(frame);
        Ops.SetItem(frame.Vm, container, index, change(Ops.GetItem(frame.Vm, container, index)));
    }
}

internal sealed class SliceExpr(Expr? start, Expr? stop, Expr? step) : Expr
{
    public override object Eval(Frame frame) => new PySlice(
        start?.Eval(frame) ?? PyNone.Value, stop?.Eval(frame) ?? PyNone.Value, step?.Eval(frame) ?? PyNone.Value);
}

/// <summary><c>*items</c> in a call, a display or a target.</summary>
internal sealed class StarExpr(Expr value) : Expr
{
    public Expr Value => value;

    public override bool IsTarget => value.IsTarget;

    public override object Eval(Frame frame) => value.Eval(frame);

    public override void Assign(Frame frame, object assigned) => value.Assign(frame, assigned);
}

internal sealed class WalrusExpr(NameExpr target, Expr value) : Expr
{
    public override object Eval(Frame frame)
    {
        var result = value.Eval(frame);
        target.Assign(frame, result);
        return result;
    }
}
