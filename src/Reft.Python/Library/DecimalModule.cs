using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The module <c>decimal</c>.</summary>
internal static class DecimalModule
{
    public static readonly PyType Decimal = new("Decimal", Construct, Methods) { Module = "decimal" };
    public static readonly PyType DecimalException = new("DecimalException", null, null, ExceptionTypes.ArithmeticError) { Module = "decimal" };
    public static readonly PyType InvalidOperation = new("InvalidOperation", null, null, DecimalException) { Module = "decimal" };
    public static readonly PyType DivisionByZero =
        new("DivisionByZero", null, null, DecimalException, ExceptionTypes.ZeroDivisionError) { Module = "decimal" };

    private static readonly string[] RoundingModes =
    [
        "ROUND_CEILING", "ROUND_DOWN", "ROUND_FLOOR", "ROUND_HALF_DOWN", "ROUND_HALF_EVEN", "ROUND_HALF_UP", "ROUND_UP",
        "ROUND_05UP",
    ];

    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
            new NativeFunction("getcontext", 0, 0, (_, _) => new PyContext()),
            new NativeFunction("localcontext", 0, 1, (_, _) => throw new UnsupportedException("decimal.localcontext")),
            new NativeFunction("setcontext", 1, 1, (_, _) => throw new UnsupportedException("decimal.setcontext")));
        members["Decimal"] = Decimal;
        members["DecimalException"] = DecimalException;
        members["InvalidOperation"] = InvalidOperation;
        members["DivisionByZero"] = DivisionByZero;
        foreach (var mode in RoundingModes)
        {
            members[mode] = mode;
        }

        return members;
    }

    public static PyError Invalid(string condition) => Err.Make(InvalidOperation, new PyList([new PyType(condition)]));

    private static object Construct(Vm vm, PyType type, Args args)
    {
        Signature.Check("Decimal", args, 0, 2, ["value", "context"]);
        switch (args.At(0, "value"))
        {
            case null:
                return new PyDecimal(false, 0, 0);
            case PyDecimal same:
                return same;
            case string text:
                return Parse(vm, text);
            case double real:
                if (!double.IsFinite(real))
                {
                    throw new UnsupportedException("Decimal that is not finite");
                }

                var (a, b) = Floats.ToRatio(real);
                var places = (int)b.GetBitLength() - 1;
                return new PyDecimal(
                    double.IsNegative(real), BigInteger.Abs(a) * BigInteger.Pow(5, places), -places);
            case var value when Ints.TryBig(value, out var big):
                return new PyDecimal(big.Sign < 0, BigInteger.Abs(big), 0);
            case PyTuple:
                throw new UnsupportedException("Decimal from a tuple");
            case var value:
                throw Err.Type($"conversion from {Types.Of(value).Name} to Decimal is not supported");
        }
    }

    private static PyDecimal Parse(Vm vm, string text)
    {
        var body = Texts.Strip(text).Replace("_", "", StringComparison.Ordinal);
        if (NumberText.ToFloat(body) is null)
        {
            if (body.Contains("nan", StringComparison.OrdinalIgnoreCase))
            {
                throw new UnsupportedException("Decimal that is not finite");
            }

            throw Invalid("decimal.ConversionSyntax");
        }

        if (body.Contains('n', StringComparison.OrdinalIgnoreCase))
        {
            throw new UnsupportedException("Decimal that is not finite");
        }

        var negative = body[0] == '-';
        body = body.TrimStart('+', '-');
        var cut = body.AsSpan().IndexOfAny('e', 'E');
        var exponent = cut < 0 ? BigInteger.Zero : NumberText.ToInt(vm, body[(cut + 1)..], 10) ?? BigInteger.Zero;
        var mantissa = cut < 0 ? body : body[..cut];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        exponent -= point < 0 ? 0 : mantissa.Length - point - 1;
        if (BigInteger.Abs(exponent) > 100_000)
        {
            throw new UnsupportedException("Decimal with an exponent beyond 100000");
        }

        if (mantissa.Length > 4300)
        {
            throw new UnsupportedException("Decimal of more than 4300 digits");
        }

        var digits = NumberText.ToInt(vm, mantissa.Replace(".", "", StringComparison.Ordinal), 10);
        return new PyDecimal(negative, digits ?? BigInteger.Zero, (int)exponent);
    }

    private static IEnumerable<NativeMethod> Methods() =>
    [
        new("quantize", 1, 2, (vm, self, args) => ((PyDecimal)self).Quantize(
            vm,
            (args[0] as PyDecimal ?? (PyDecimal)Construct(vm, Decimal, new Args([args[0]]))).Exponent,
            Mode(args.At(1, "rounding"))), "rounding"),
        new("to_integral_value", 0, 1, (vm, self, args) => ((PyDecimal)self).ToIntegral(Mode(args.At(0, "rounding"))), "rounding"),
        new("to_integral", 0, 1, (vm, self, args) => ((PyDecimal)self).ToIntegral(Mode(args.At(0, "rounding"))), "rounding"),
        new("sqrt", 0, 0, (vm, self, _) => ((PyDecimal)self).Sqrt(vm)),
        new("normalize", 0, 0, (vm, self, _) => ((PyDecimal)self).Normalize(vm)),
        new("copy_abs", 0, 0, (_, self, _) => ((PyDecimal)self) is var d ? new PyDecimal(false, d.Coefficient, d.Exponent) : self),
        new("is_zero", 0, 0, (_, self, _) => Bools.Of(((PyDecimal)self).Coefficient.IsZero)),
        new("is_signed", 0, 0, (_, self, _) => Bools.Of(((PyDecimal)self).Negative)),
        new("is_nan", 0, 0, (_, _, _) => Bools.False),
        new("is_infinite", 0, 0, (_, _, _) => Bools.False),
        new("is_finite", 0, 0, (_, _, _) => Bools.True),
        new("adjusted", 0, 0, (_, self, _) => Ints.Box(((PyDecimal)self).Adjusted)),
        new("compare", 1, 1, (vm, self, args) => new PyDecimal(
            Ops.Compare(vm, CompareOp.Less, self, args[0]), Ops.Equal(vm, self, args[0]) ? 0 : 1, 0)),
        new("as_integer_ratio", 0, 0, (vm, self, _) => ((PyDecimal)self).ToFraction(vm) is var f
            ? new PyTuple([Ints.Box(f.Numerator), Ints.Box(f.Denominator)]) : self),
        .. ((string[])["ln", "log10", "exp", "as_tuple", "fma"]).Select(name => new NativeMethod(
            name, 0, 2, (_, _, _) => throw new UnsupportedException($"Decimal.{name}"))),
    ];

    private static string Mode(object? rounding) => rounding switch
    {
        null or PyNone => "ROUND_HALF_EVEN",
        string mode when Array.IndexOf(RoundingModes, mode) >= 0 && mode != "ROUND_05UP" => mode,
        "ROUND_05UP" => throw new UnsupportedException("ROUND_05UP"),
        _ => throw Err.Type("valid values for rounding are the ROUND_ constants"),
    };

    /// <summary>The context: only its precision can be read and set.</summary>
    private sealed class PyContext : PyObject
    {
        public override PyType Type => Types.Object;

        public override object? GetAttribute(Vm vm, string name) => name == "prec"
            ? Ints.Box(vm.DecimalPrecision)
            : throw new UnsupportedException($"decimal context's {name}");

        public override void SetAttribute(Vm vm, string name, object? value)
        {
            if (name != "prec" || value is not long digits)
            {
                throw new UnsupportedException($"decimal context's {name}");
            }

            if (digits < 1)
            {
                throw Err.Value("valid range for prec is [1, MAX_PREC]");
            }

            vm.CheckBits(digits * 3.32);
            vm.DecimalPrecision = (int)digits;
        }
    }
}
