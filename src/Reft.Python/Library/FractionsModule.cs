using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The module <c>fractions</c>.</summary>
internal static class FractionsModule
{
    public static readonly PyType Fraction = new("Fraction", Construct, Methods) { Module = "fractions" };

    public static Dictionary<string, object> Create() =>
        new(StringComparer.Ordinal) { ["Fraction"] = Fraction };

    private static object Construct(Vm vm, PyType type, Args args)
    {
        Signature.Check("Fraction", args, 0, 2, ["numerator", "denominator"]);
        var numerator = args.At(0, "numerator") ?? Ints.Box(0);
        var denominator = args.At(1, "denominator");
        if (denominator is null or PyNone)
        {
            return numerator switch
            {
                PyFraction same => same,
                string text => Parse(vm, text),
                double real => FromFloat(vm, real),
                PyDecimal number => number.ToFraction(vm),
                _ when Ints.IsInt(numerator) => new PyFraction(Ints.Big(numerator), BigInteger.One),
                _ => throw Err.Type("argument should be a string or a Rational instance"),
            };
        }

        if (PyFraction.From(numerator) is not { } a || PyFraction.From(denominator) is not { } b)
        {
            throw Err.Type("both arguments should be Rational instances");
        }

        return b.Numerator.IsZero
            ? throw Err.ZeroDivision($"Fraction({a.Numerator * b.Denominator}, 0)")
            : PyFraction.Make(vm, a.Numerator * b.Denominator, a.Denominator * b.Numerator);
    }

    private static PyFraction FromFloat(Vm vm, double real)
    {
        if (!double.IsFinite(real))
        {
            throw double.IsNaN(real)
                ? Err.Value("cannot convert NaN to integer ratio")
                : Err.Overflow("cannot convert Infinity to integer ratio");
        }

        var (a, b) = Floats.ToRatio(real);
        return PyFraction.Make(vm, a, b);
    }

    private static PyFraction Parse(Vm vm, string text)
    {
        var body = Texts.Strip(text);
        var slash = body.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            var (top, bottom) = (body[..slash], body[(slash + 1)..]);
            if (IsDigits(top.TrimStart('+', '-'), top) && IsDigits(bottom, bottom)
                && NumberText.ToInt(vm, top, 10) is { } a && NumberText.ToInt(vm, bottom, 10) is { } b)
            {
                return b.IsZero ? throw Err.ZeroDivision($"Fraction({a}, 0)") : PyFraction.Make(vm, a, b);
            }
        }
        else if (!body.Contains('n', StringComparison.OrdinalIgnoreCase)
            && NumberText.ToFloat(body) is not null
            && NumberText.WithoutUnderscores(body) is { } clean)
        {
            return Decimal(vm, clean);
        }

        throw Err.Value($"Invalid literal for Fraction: {Show.Quote(text)}");
    }

    private static bool IsDigits(string digits, string text) =>
        digits.Length > 0 && text.Length - digits.Length <= 1 && digits.All(c => char.IsAsciiDigit(c) || c == '_');

    private static PyFraction Decimal(Vm vm, string text)
    {
        var cut = text.AsSpan().IndexOfAny('e', 'E');
        var exponent = cut < 0 ? BigInteger.Zero : NumberText.ToInt(vm, text[(cut + 1)..], 10) ?? BigInteger.Zero;
        var mantissa = cut < 0 ? text : text[..cut];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var places = point < 0 ? 0 : mantissa.Length - point - 1;
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal);
        var value = NumberText.ToInt(vm, digits, 10) ?? BigInteger.Zero;
        exponent -= places;
        vm.CheckBits((double)BigInteger.Abs(exponent) * 3.33);
        return exponent.Sign >= 0
            ? PyFraction.Make(vm, value * Ints.Power10((int)exponent), BigInteger.One)
            : PyFraction.Make(vm, value, Ints.Power10((int)-exponent));
    }

    private static IEnumerable<NativeMethod> Methods() =>
    [
        new("limit_denominator", 0, 1, (vm, self, args) =>
            ((PyFraction)self).LimitDenominator(vm, args.Values.Length > 0 ? Ops.ToBig(vm, args.Values[0]) : 1_000_000),
            "max_denominator"),
        new("as_integer_ratio", 0, 0, (_, self, _) => new PyTuple(
            [Ints.Box(((PyFraction)self).Numerator), Ints.Box(((PyFraction)self).Denominator)])),
        new("conjugate", 0, 0, (_, self, _) => self),
    ];
}

/// <summary>A fraction in lowest terms.</summary>
internal sealed class PyFraction(BigInteger numerator, BigInteger denominator) : PyObject
{
    public BigInteger Numerator { get; } = numerator;

    public BigInteger Denominator { get; } = denominator;

    public override PyType Type => FractionsModule.Fraction;

    public static PyFraction Make(Vm vm, BigInteger numerator, BigInteger denominator)
    {
        var bits = Math.Max(numerator.GetBitLength(), denominator.GetBitLength());
        vm.CheckBits(bits);
        vm.Allocate(64 + (bits / 4));
        Ints.ChargeProduct(vm, bits * 4, bits * 4);
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
        if (denominator.Sign < 0)
        {
            divisor = -divisor;
        }

        return new PyFraction(numerator / divisor, denominator / divisor);
    }

    public static PyFraction? From(object value) => value switch
    {
        PyFraction same => same,
        _ when Ints.TryBig(value, out var big) => new PyFraction(big, BigInteger.One),
        _ => null,
    };

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (other is double real)
        {
            return reflected ? Ops.Binary(vm, op, real, Float()) : Ops.Binary(vm, op, Float(), real);
        }

        if (From(other) is not { } second)
        {
            return null;
        }

        if (op == BinaryOp.Power)
        {
            return Power(vm, reflected ? second : this, reflected ? this : second, reflected);
        }

        return Combine(vm, op, reflected ? second : this, reflected ? this : second);
    }

    public override object? Unary(Vm vm, UnaryOp op) => op switch
    {
        UnaryOp.Negate => new PyFraction(-Numerator, Denominator),
        UnaryOp.Plus => this,
        _ => null,
    };

    public override bool? EqualTo(Vm vm, object other) => other switch
    {
        double real => double.IsFinite(real) && Floats.ToRatio(real) == (Numerator, Denominator),
        _ => From(other) is { } second ? Numerator == second.Numerator && Denominator == second.Denominator : null,
    };

    public override bool? Compare(Vm vm, CompareOp op, object other)
    {
        if (other is double real)
        {
            if (!double.IsFinite(real))
            {
                return !double.IsNaN(real) && Ops.Holds(op, real > 0 ? -1 : 1);
            }

            var (a, b) = Floats.ToRatio(real);
            return Ops.Holds(op, (Numerator * b).CompareTo(a * Denominator));
        }

        return From(other) is { } second
            ? Ops.Holds(op, (Numerator * second.Denominator).CompareTo(second.Numerator * Denominator))
            : null;
    }

    public override long Hash(Vm vm) => Denominator.IsOne
        ? Hashing.OfBig(Numerator)
        : Hashing.OfRatio(Numerator, Denominator);

    public override bool Truth(Vm vm) => !Numerator.IsZero;

    public override string Repr(Vm vm) => $"Fraction({Show.Integer(vm, Numerator)}, {Show.Integer(vm, Denominator)})";

    public override string Str(Vm vm) => Denominator.IsOne
        ? Show.Integer(vm, Numerator)
        : Show.Integer(vm, Numerator) + "/" + Show.Integer(vm, Denominator);

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "numerator" => Ints.Box(Numerator),
        "denominator" => Ints.Box(Denominator),
        _ => base.GetAttribute(vm, name),
    };

    public override double? ToFloat(Vm vm) => Float();

    public override object ToInt(Vm vm) => Ints.Box(Numerator / Denominator);

    public override object ToWhole(Vm vm, string method)
    {
        var floor = Ints.FloorDivide(Numerator, Denominator, out var rest);
        return Ints.Box(method switch
        {
            "__floor__" => floor,
            "__ceil__" => rest.IsZero ? floor : floor + 1,
            _ => Numerator / Denominator,
        });
    }

    public PyFraction Abs() => new(BigInteger.Abs(Numerator), Denominator);

    public override object Round(Vm vm, long? digits)
    {
        if (digits is not { } places)
        {
            return Ints.Box(Ints.RoundDivide(Numerator, Denominator));
        }

        vm.CheckBits(Math.Abs((double)places) * 3.33);
        var unit = Ints.Power10((int)Math.Abs(places));
        return places > 0
            ? Make(vm, Ints.RoundDivide(Numerator * unit, Denominator), unit)
            : Make(vm, Ints.RoundDivide(Numerator, Denominator * unit) * unit, BigInteger.One);
    }

    public PyFraction LimitDenominator(Vm vm, BigInteger most)
    {
        if (most < 1)
        {
            throw Err.Value("max_denominator should be at least 1");
        }

        if (Denominator <= most)
        {
            return this;
        }

        var (p0, q0, p1, q1) = (BigInteger.Zero, BigInteger.One, BigInteger.One, BigInteger.Zero);
        var (n, d) = (Numerator, Denominator);
        while (true)
        {
            vm.Charge(4);
            var a = Ints.FloorDivide(n, d, out _);
            var q2 = q0 + (a * q1);
            if (q2 > most)
            {
                break;
            }

            (p0, q0, p1, q1) = (p1, q1, p0 + (a * p1), q2);
            (n, d) = (d, n - (a * d));
        }

        var k = (most - q0) / q1;
        var first = Make(vm, p0 + (k * p1), q0 + (k * q1));
        var second = Make(vm, p1, q1);
        var one = ((PyFraction)Combine(vm, BinaryOp.Subtract, second, this)).Abs();
        var two = ((PyFraction)Combine(vm, BinaryOp.Subtract, first, this)).Abs();
        return one.Compare(vm, CompareOp.LessEqual, two) == true ? second : first;
    }

    private static object Combine(Vm vm, BinaryOp op, PyFraction x, PyFraction y)
    {
        var (a, b, c, d) = (x.Numerator, x.Denominator, y.Numerator, y.Denominator);
        vm.CheckBits(Math.Max(a.GetBitLength(), b.GetBitLength()) + (double)Math.Max(c.GetBitLength(), d.GetBitLength()) - 64);
        switch (op)
        {
            case BinaryOp.Add:
                return Make(vm, (a * d) + (c * b), b * d);
            case BinaryOp.Subtract:
                return Make(vm, (a * d) - (c * b), b * d);
            case BinaryOp.Multiply:
                return Make(vm, a * c, b * d);
        }

        if (c.IsZero)
        {
            throw Err.ZeroDivision(op == BinaryOp.Divide
                ? $"Fraction({a.Sign}, 0)"
                : op == BinaryOp.Modulo ? "integer modulo by zero" : "integer division or modulo by zero");
        }

        switch (op)
        {
            case BinaryOp.Divide:
                return Make(vm, a * d, b * c);
            case BinaryOp.FloorDivide:
                return Ints.Box(vm, Ints.FloorDivide(a * d, b * c, out _));
            case BinaryOp.Modulo:
                Ints.FloorDivide(a * d, c * b, out var rest);
                return Make(vm, rest, b * d);
            default:
                throw Err.Type("unsupported operand type(s) for a bit operator: 'Fraction'");
        }
    }

    private static object Power(Vm vm, PyFraction x, PyFraction y, bool fromInt)
    {
        if (!y.Denominator.IsOne)
        {
            return Ops.Binary(vm, BinaryOp.Power, x.Float(), y.Float());
        }

        if (fromInt)
        {
            return Ops.Binary(vm, BinaryOp.Power, Ints.Box(x.Numerator), Ints.Box(y.Numerator));
        }

        var power = BigInteger.Abs(y.Numerator);
        var bits = Math.Max(x.Numerator.GetBitLength(), x.Denominator.GetBitLength());
        if (bits > 1)
        {
            vm.CheckBits((bits - 1) * (double)power);
        }

        var exponent = power > int.MaxValue ? (power.IsEven ? 2 : 3) : (int)power;
        var (a, b) = (BigInteger.Pow(x.Numerator, exponent), BigInteger.Pow(x.Denominator, exponent));
        if (y.Numerator.Sign >= 0)
        {
            return Make(vm, a, b);
        }

        return a.IsZero ? throw Err.ZeroDivision($"Fraction({b}, 0)") : Make(vm, b, a);
    }

    private double Float()
    {
        var value = Floats.Ratio(Numerator, Denominator);
        return double.IsInfinity(value)
            ? throw Err.Overflow("integer division result too large for a float")
            : value;
    }
}
