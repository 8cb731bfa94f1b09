using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library.NumPy;

/// <summary>
/// A number of NumPy, <c>int64</c>, <c>float64</c> or <c>bool_</c>: it divides by zero into infinity, and what overflows
/// 64 bits is refused, as NumPy would go on with a wrong number.
/// </summary>
internal sealed class NpScalar : PyObject
{
    public static readonly PyType Int64 = new("numpy.int64", (vm, _, args) => Convert(vm, args, 'i'), Methods);
    public static readonly PyType Float64 = new("numpy.float64", (vm, _, args) => Convert(vm, args, 'f'), Methods);
    public static readonly PyType Boolean = new("numpy.bool_", (vm, _, args) => Convert(vm, args, 'b'), Methods);

    private NpScalar(object value) => Value = value;

    /// <summary>A long, double or bool.</summary>
    public object Value { get; }

    public override PyType Type => Value is long ? Int64 : Value is double ? Float64 : Boolean;

    public static NpScalar Of(long value) => new(Ints.Box(value));

    public static NpScalar Of(double value) => new(value);

    public static NpScalar Of(bool value) => new(Bools.Of(value));

    /// <summary>The plain number in a value of Python or NumPy; null where it is none.</summary>
    public static object? Plain(object value) => value switch
    {
        NpScalar scalar => scalar.Value,
        long or double or bool => value,
        BigInteger => throw new UnsupportedException("integers of NumPy beyond 64 bits"),
        _ => null,
    };

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (other is NpArray)
        {
            return null;
        }

        return Plain(other) is { } second
            ? reflected ? NpMath.Apply(vm, op, second, Value) : NpMath.Apply(vm, op, Value, second)
            : other is SymPy.SymExpr or PyComplex or PyFraction or PyDecimal or string or PyList or PyTuple
                ? throw new UnsupportedException($"a number of NumPy with a {Types.Of(other).Name}")
                : null;
    }

    public override object? Unary(Vm vm, UnaryOp op) => (op, Value) switch
    {
        (UnaryOp.Negate, double real) => Of(-real),
        (UnaryOp.Negate, long whole) => Of(checked(-whole)),
        (UnaryOp.Plus, _) => this,
        _ => throw new UnsupportedException("this operator of NumPy"),
    };

    public override object Abs(Vm vm) => Value is double real ? Of(Math.Abs(real)) : Of(Math.Abs(NpMath.Whole(Value)));

    public override object? Round(Vm vm, long? digits) => Value switch
    {
        double real when digits is null => Floats.Round(real),
        double real => Of(NpMath.Round(real, digits.Value)),
        _ => digits is null ? Value : throw new UnsupportedException("round of an int of NumPy to places"),
    };

    public override bool? EqualTo(Vm vm, object other) => Plain(other) is { } second ? Ops.Equal(vm, Value, second) : null;

    public override object? RichCompare(Vm vm, CompareOp op, object other) =>
        Plain(other) is { } second ? Of(Ops.Compare(vm, op, Value, second)) : null;

    public override bool? Compare(Vm vm, CompareOp op, object other) => Plain(other) is { } second ? Ops.Compare(vm, op, Value, second) : null;

    public override long Hash(Vm vm) => Hashing.Of(vm, Value);

    public override bool Truth(Vm vm) => Ops.Truth(vm, Value);

    public override double? ToFloat(Vm vm) => NpMath.Real(Value);

    public override object? ToInt(Vm vm) => Value is double real ? Floats.ToIntOrRaise(real) : Ints.Plain(Value);

    public override object? ToIndex(Vm vm) => Value is long ? Value : null;

    public override object ToWhole(Vm vm, string method) => Value is double real
        ? Floats.ToIntOrRaise(method switch { "__floor__" => Math.Floor(real), "__ceil__" => Math.Ceiling(real), _ => Math.Truncate(real) })
        : Ints.Plain(Value)!; // an int or a bool

    public override string Repr(Vm vm) => Show.Repr(vm, Value);

    public override string Format(Vm vm, string spec) => Formats.Apply(vm, Value, spec);

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "real" => this,
        "ndim" => Ints.Box(0),
        "size" => Ints.Box(1),
        "shape" => PyTuple.Empty,
        _ => Types.BindMethod(this, name) ?? throw new UnsupportedException($"NumPy scalar's {name}"),
    };

    private static IEnumerable<NativeMethod> Methods() =>
    [
        new("item", 0, 0, (_, self, _) => ((NpScalar)self).Value),
        new("tolist", 0, 0, (_, self, _) => ((NpScalar)self).Value),
        new("is_integer", 0, 0, (_, self, _) => ((NpScalar)self).Value is double real
            ? Bools.Of(double.IsFinite(real) && Math.Floor(real) == real)
            : Bools.True),
        new("round", 0, 1, (vm, self, args) => ((NpScalar)self).Value is double real
            ? Of(NpMath.Round(real, args.At(0) is { } digits ? Ops.ToLong(vm, digits) : 0))
            : self),
        new("astype", 1, 1, (vm, self, args) => Convert(vm, new Args([self]), NpArray.KindOf(args[0]))),
    ];

    private static NpScalar Convert(Vm vm, Args args, char kind)
    {
        if (args.Count == 0)
        {
            return kind == 'i' ? Of(0L) : kind == 'f' ? Of(0.0) : Of(false);
        }

        return kind switch
        {
            'f' => Of((double)Constructors.Float(vm, Types.Float, args)),
            'i' => Constructors.Int(vm, Types.Int, args) is long whole ? Of(whole) : throw new UnsupportedException("integers of NumPy beyond 64 bits"),
            _ => Of(Ops.Truth(vm, args[0])),
        };
    }
}
