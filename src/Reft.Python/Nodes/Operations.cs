using Reft.Python.Runtime;

namespace Reft.Python.Nodes;

internal sealed class BinaryExpr(BinaryOp op, Expr left, Expr right) : Expr
{
    private const int MostFoldedBits = 128;

    public override bool IsConstant => left.IsConstant && right.IsConstant;

    /// <summary>Whether CPython's compiler calculates the expression: not where the integer would grow too large.</summary>
    public override bool IsFolded(Frame frame)
    {
        if (!IsConstant || !left.IsFolded(frame) || !right.IsFolded(frame))
        {
            return false;
        }

        if (op is not (BinaryOp.Power or BinaryOp.Multiply or BinaryOp.LeftShift)
            || !Ints.TryBig(left.Eval(frame), out var a) || !Ints.TryBig(right.Eval(frame), out var b)
            || a.IsZero || b.Sign <= 0)
        {
            return true;
        }

        var bits = System.Numerics.BigInteger.Abs(a).GetBitLength();
        return op switch
        {
            BinaryOp.Power => bits <= MostFoldedBits / b,
            BinaryOp.Multiply => bits + b.GetBitLength() <= MostFoldedBits,
            _ => bits <= MostFoldedBits && b <= MostFoldedBits - bits,
        };
    }

    public override object Eval(Frame frame)
    {
        var a = left.Eval(frame);
        return Apply(frame.Vm, op, a, right.Eval(frame));
    }

    public static object Apply(Vm vm, BinaryOp op, object a, object b)
    {
        vm.Tick();
        if (a is long x && b is long y)
        {
            return Arithmetic.OfLongs(vm, op, x, y) ?? Ops.Binary(vm, op, a, b);
        }

        if (a is double p && b is double q)
        {
            switch (op)
            {
                case BinaryOp.Add:
                    return p + q;
                case BinaryOp.Subtract:
                    return p - q;
                case BinaryOp.Multiply:
                    return p * q;
            }
        }

        return Ops.Binary(vm, op, a, b);
    }
}

/// <summary>A long chain <c>a + b - c …</c> of operators of one precedence, without nesting.</summary>
internal sealed class ChainExpr(Expr first, List<(BinaryOp Op, Expr Operand)> rest) : Expr
{
    public override object Eval(Frame frame)
    {
        var value = first.Eval(frame);
        foreach (var (op, operand) in rest)
        {
            value = BinaryExpr.Apply(frame.Vm, op, value, operand.Eval(frame));
        }

        return value;
    }
}

internal sealed class UnaryExpr(UnaryOp op, Expr operand) : Expr
{
    public override bool IsConstant => operand.IsConstant;

    public override bool IsFolded(Frame frame) => operand.IsFolded(frame);

    public override object Eval(Frame frame) => Ops.Unary(frame.Vm, op, operand.Eval(frame));
}

internal sealed class NotExpr(Expr operand) : Expr
{
    public override object Eval(Frame frame) => Bools.Of(!Ops.Truth(frame.Vm, operand.Eval(frame)));
}

/// <summary><c>and</c> or <c>or</c> over two or more operands.</summary>
internal sealed class LogicExpr(bool stopsAt, List<Expr> operands) : Expr
{
    public override object Eval(Frame frame)
    {
        for (var i = 0; i < operands.Count - 1; i++)
        {
            var value = operands[i].Eval(frame);
            if (Ops.Truth(frame.Vm, value) == stopsAt)
            {
                return value;
            }
        }

        return operands[^1].Eval(frame);
    }
}

internal sealed class ConditionalExpr(Expr condition, Expr then, Expr otherwise) : Expr
{
    public override object Eval(Frame frame) =>
        Ops.Truth(frame.Vm, condition.Eval(frame)) ? then.Eval(frame) : otherwise.Eval(frame);
}

internal enum Relation : byte
{
    Less, LessEqual, Greater, GreaterEqual, Equal, NotEqual, In, NotIn, Is, IsNot,
}

/// <summary>A comparison or a chain of them: <c>a &lt; b &lt;= c</c>.</summary>
internal sealed class CompareExpr(Expr first, List<(Relation Relation, Expr Operand)> rest) : Expr
{
    public override object Eval(Frame frame)
    {
        var left = first.Eval(frame);
        for (var i = 0; ; i++)
        {
            var right = rest[i].Operand.Eval(frame);
            var result = Holds(frame.Vm, rest[i].Relation, left, right);
            if (i == rest.Count - 1 || !Ops.Truth(frame.Vm, result))
            {
                return result;
            }

            left = right;
        }
    }

    private static object Holds(Vm vm, Relation relation, object a, object b)
    {
        vm.Tick();
        switch (relation)
        {
            case Relation.In:
                return Bools.Of(Ops.Contains(vm, b, a));
            case Relation.NotIn:
                return Bools.Of(!Ops.Contains(vm, b, a));
            case Relation.Is:
                return Bools.Of(Identical(a, b));
            case Relation.IsNot:
                return Bools.Of(!Identical(a, b));
        }

        var op = (CompareOp)relation;
        if (a is PyObject own && own.RichCompare(vm, op, b) is { } rich)
        {
            return rich;
        }

        if (b is PyObject other and not PyInstance && other.RichCompare(vm, Ops.Mirror(op), a) is { } mirrored)
        {
            return mirrored;
        }

        return Bools.Of(Ops.Compare(vm, op, a, b));
    }

    private static bool Identical(object a, object b)
    {
        if (ReferenceEquals(a, b))
        {
            return true;
        }

        switch (a)
        {
            case bool x:
                return b is bool y && x == y;
            case long p when b is long q:
                return p == q && (p is >= -5 and <= 256 ? true : throw Doubtful());
            case string s when b is string t:
                return s == t && (s.Length <= 1 ? true : throw Doubtful());
            case double m when b is double n:
                return m.Equals(n) ? throw Doubtful() : false;
            case PyTuple { Items.Length: 0 }:
                return b is PyTuple { Items.Length: 0 };
            case System.Numerics.BigInteger big:
                return big.Equals(b) ? throw Doubtful() : false;
            default:
                return false;
        }
    }

    private static UnsupportedException Doubtful() => new("identity of equal numbers or strings");
}
