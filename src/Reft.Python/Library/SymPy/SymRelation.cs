using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>An equation or inequality that is neither true nor false; sympy's true and false are Python's here.</summary>
internal sealed class SymRelation(CompareOp op, SymExpr left, SymExpr right) : PyObject
{
    private static readonly PyType EqualityType = new("sympy Equality");

    public CompareOp Op => op;

    public SymExpr Left => left;

    public SymExpr Right => right;

    public override PyType Type => EqualityType;

    /// <summary>A relation, or its truth where it is decided.</summary>
    public static object Make(Vm vm, CompareOp op, SymExpr left, SymExpr right)
    {
        if (left.IsNumber && right.IsNumber)
        {
            if (left.Key == right.Key)
            {
                return SymTruth.Of(op is CompareOp.Equal or CompareOp.LessEqual or CompareOp.GreaterEqual);
            }

            if (op is CompareOp.Equal or CompareOp.NotEqual)
            {
                return SymTruth.Of(AreEqual(vm, left, right) == (op == CompareOp.Equal));
            }

            if (left is SymConstant { IsInfinite: true } || right is SymConstant { IsInfinite: true })
            {
                var (a, b) = (SymNumeric.ToDouble(vm, left), SymNumeric.ToDouble(vm, right));
                return SymTruth.Of(Ops.Compare(vm, op, a, b));
            }

            return SymTruth.Of(Ops.Holds(op, SymNumeric.Compare(vm, left, right)));
        }

        var difference = SymOps.Subtract(vm, left, right);
        if (op is CompareOp.Equal or CompareOp.NotEqual)
        {
            if (left.Key == right.Key)
            {
                return SymTruth.Of(op == CompareOp.Equal);
            }

            return SymAssume.Sign(vm, difference) is { } known && known != 0
                ? SymTruth.Of(op == CompareOp.NotEqual)
                : difference.IsNumber && !difference.IsZero ? SymTruth.Of(op == CompareOp.NotEqual)
                : new SymRelation(op, left, right);
        }

        if (SymAssume.Sign(vm, difference) is { } sign && SymAssume.IsReal(vm, difference) == true)
        {
            return SymTruth.Of(Ops.Holds(op, sign));
        }

        if (SymAssume.IsNonNegative(vm, difference) == true && op is CompareOp.GreaterEqual or CompareOp.Less)
        {
            return SymTruth.Of(op == CompareOp.GreaterEqual);
        }

        return new SymRelation(op, left, right);
    }

    public override bool Truth(Vm vm) => throw Err.Type("cannot determine truth value of Relational");

    public override bool? EqualTo(Vm vm, object other) => other is SymRelation relation
        ? op == relation.Op && left.Key == relation.Left.Key && right.Key == relation.Right.Key
        : false;

    public override long Hash(Vm vm) => Hashing.OfText($"{(int)op} {left.Key} {right.Key}");

    public override object? Binary(Vm vm, BinaryOp binary, object other, bool reflected) =>
        throw (binary is BinaryOp.And or BinaryOp.Or or BinaryOp.Xor
            ? new UnsupportedException("logic of sympy relations")
            : Err.Type($"unsupported operand type(s) for sympy relations: '{(op == CompareOp.Equal ? "Equality" : "Relational")}'"));

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "lhs" => left,
        "rhs" => right,
        "args" => new PyTuple([left, right]),
        "free_symbols" => SymMethods.SymbolSet(vm, [left, right]),
        "subs" => new NativeFunction(name, 1, 2, (v, args) => Make(
            v, op, SymSubstitution.Apply(v, left, args), SymSubstitution.Apply(v, right, args))),
        "simplify" or "expand" or "doit" => throw new UnsupportedException($"{name} of a sympy relation"),
        _ => throw new UnsupportedException($"sympy Eq's {name}"),
    };

    public override string Repr(Vm vm)
    {
        var (a, b) = (SymPrinter.Write(vm, left, nested: true), SymPrinter.Write(vm, right, nested: true));
        return op switch
        {
            CompareOp.Equal => $"Eq({a}, {b})",
            CompareOp.NotEqual => $"Ne({a}, {b})",
            _ => a + (op switch
            {
                CompareOp.Less => " < ",
                CompareOp.LessEqual => " <= ",
                CompareOp.Greater => " > ",
                _ => " >= ",
            }) + b,
        };
    }

    private static bool AreEqual(Vm vm, SymExpr left, SymExpr right)
    {
        if (left is SymConstant { IsInfinite: true } || right is SymConstant { IsInfinite: true })
        {
            return left.Key == right.Key;
        }

        if (left is SymFloat or SymNumber && right is SymFloat or SymNumber)
        {
            return SymNumeric.Compare(vm, left, right) == 0;
        }

        var difference = SymRadicals.Simplify(vm, SymOps.Subtract(vm, left, right));
        return difference.IsZero
            || (SymNumeric.IsSure(vm, difference, imaginary: false) || SymNumeric.IsSure(vm, difference, imaginary: true)
                ? false
                : throw new UnsupportedException("sympy.Eq of numbers that may be equal"));
    }
}

/// <summary>Sympy's <c>true</c> and <c>false</c>: they act as bools, save that they are objects of their own.</summary>
internal sealed class SymTruth : PyObject
{
    private static readonly PyType TrueType = new("sympy BooleanTrue");
    private static readonly SymTruth True = new(true);
    private static readonly SymTruth False = new(false);
    private readonly bool _value;

    private SymTruth(bool value) => _value = value;

    public override PyType Type => TrueType;

    public static SymTruth Of(bool value) => value ? True : False;

    public override bool Truth(Vm vm) => _value;

    public override bool? EqualTo(Vm vm, object other) => other is SymTruth truth ? truth._value == _value : other is bool plain ? plain == _value : false;

    public override long Hash(Vm vm) => _value ? 1 : 0;

    public override string Repr(Vm vm) => _value ? "True" : "False";

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected) => op switch
    {
        BinaryOp.And or BinaryOp.Or or BinaryOp.Xor when other is bool or SymTruth => Of(op switch
        {
            BinaryOp.And => _value & Ops.Truth(vm, other),
            BinaryOp.Or => _value | Ops.Truth(vm, other),
            _ => _value ^ Ops.Truth(vm, other),
        }),
        BinaryOp.And or BinaryOp.Or or BinaryOp.Xor => throw new UnsupportedException("logic of sympy relations"),
        _ => null,
    };

    public override object? GetAttribute(Vm vm, string name) => throw new UnsupportedException($"sympy BooleanTrue's {name}");
}
