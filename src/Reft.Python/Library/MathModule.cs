using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The module <c>math</c>.</summary>
internal static class MathModule
{
    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
        [
            .. MathIntegers.Functions(),
            Function("sqrt", x => x < 0 ? throw Domain() : Math.Sqrt(x)),
            Function("cbrt", Math.Cbrt),
            Function("exp", Math.Exp, canOverflow: true),
            Function("exp2", x => Math.Pow(2, x), canOverflow: true),
            Function("expm1", ExpM1, canOverflow: true),
            Function("sin", x => double.IsInfinity(x) ? throw Domain() : Math.Sin(x)),
            Function("cos", x => double.IsInfinity(x) ? throw Domain() : Math.Cos(x)),
            Function("tan", x => double.IsInfinity(x) ? throw Domain() : Math.Tan(x)),
            Function("asin", x => Math.Abs(x) > 1 ? throw Domain() : Math.Asin(x)),
            Function("acos", x => Math.Abs(x) > 1 ? throw Domain() : Math.Acos(x)),
            Function("atan", Math.Atan),
            Function("sinh", Math.Sinh, canOverflow: true),
            Function("cosh", Math.Cosh, canOverflow: true),
            Function("tanh", Math.Tanh),
            Function("asinh", Math.Asinh),
            Function("acosh", x => x < 1 ? throw Domain() : Math.Acosh(x)),
            Function("atanh", x => Math.Abs(x) >= 1 ? throw Domain() : Math.Atanh(x)),
            Function("fabs", Math.Abs),
            Function("degrees", x => x * (180.0 / Math.PI)),
            Function("radians", x => x * (Math.PI / 180.0)),
            new("atan2", 2, 2, (vm, args) => Math.Atan2(Number(vm, args[0]), Number(vm, args[1]))),
            new("pow", 2, 2, (vm, args) => Pow(Number(vm, args[0]), Number(vm, args[1]))),
            new("log", 1, 2, (vm, args) => args.Count == 1
                ? Log(vm, args[0], Math.Log)
                : LogOf(vm, args[0], args[1])),
            new("log2", 1, 1, (vm, args) => Log(vm, args[0], Math.Log2)),
            new("log10", 1, 1, (vm, args) => Log(vm, args[0], Math.Log10)),
            new("log1p", 1, 1, (vm, args) => Number(vm, args[0]) is var x && x <= -1 ? throw Domain() : Log1P(x)),
            new("fmod", 2, 2, (vm, args) => FMod(Number(vm, args[0]), Number(vm, args[1]))),
            new("remainder", 2, 2, (vm, args) => Remainder(Number(vm, args[0]), Number(vm, args[1]))),
            new("copysign", 2, 2, (vm, args) => Math.CopySign(Number(vm, args[0]), Number(vm, args[1]))),
            new("modf", 1, 1, (vm, args) => ModF(Number(vm, args[0]))),
            new("frexp", 1, 1, (vm, args) => FrExp(Number(vm, args[0]))),
            new("ldexp", 2, 2, LdExp),
            new("hypot", 0, int.MaxValue, (vm, args) => Norm([.. args.Values.Select(v => Math.Abs(Number(vm, v)))])),
            new("dist", 2, 2, Dist),
            new("fsum", 1, 1, FSum),
            new("prod", 1, 1, Prod, "start"),
            new("isclose", 2, 2, IsClose, "rel_tol", "abs_tol"),
            new("isnan", 1, 1, (vm, args) => Bools.Of(double.IsNaN(Number(vm, args[0])))),
            new("isinf", 1, 1, (vm, args) => Bools.Of(double.IsInfinity(Number(vm, args[0])))),
            new("isfinite", 1, 1, (vm, args) => Bools.Of(double.IsFinite(Number(vm, args[0])))),
            new("gamma", 1, 1, (vm, args) => Gamma(Number(vm, args[0]))),
            new("erf", 1, 1, (vm, args) => Erf(vm, Number(vm, args[0]))),
            new("erfc", 1, 1, (vm, args) => Erfc(vm, Number(vm, args[0]))),
            new("nextafter", 2, 2, (vm, args) => NextAfter(Number(vm, args[0]), Number(vm, args[1]))),
            new("ulp", 1, 1, (_, _) => throw new UnsupportedException("math.ulp")),
        ]);
        members["pi"] = Math.PI;
        members["e"] = Math.E;
        members["tau"] = Math.Tau;
        members["inf"] = double.PositiveInfinity;
        members["nan"] = Floats.NotANumber;
        return members;
    }

    public static PyError Domain() => Err.Value("math domain error");

    /// <summary>The exact sum of floats, rounded once.</summary>
    public static double ExactSum(Vm vm, IEnumerable<double> values)
    {
        // The parts are kept as CPython keeps them, since it raises where one of them overflows.
        var parts = new List<double>();
        var (special, infinities) = (0.0, 0.0);
        foreach (var value in values)
        {
            vm.Charge(2 + parts.Count);
            var x = value;
            var kept = 0;
            for (var i = 0; i < parts.Count; i++)
            {
                var y = parts[i];
                if (Math.Abs(x) < Math.Abs(y))
                {
                    (x, y) = (y, x);
                }

                var high = x + y;
                var low = y - (high - x);
                if (low != 0)
                {
                    parts[kept++] = low;
                }

                x = high;
            }

            parts.RemoveRange(kept, parts.Count - kept);
            if (x != 0 && !double.IsFinite(x))
            {
                if (double.IsFinite(value))
                {
                    throw Err.Overflow("intermediate overflow in fsum");
                }

                infinities += double.IsInfinity(value) ? value : 0;
                special += value;
                parts.Clear();
            }
            else if (x != 0)
            {
                parts.Add(x);
            }
        }

        if (special != 0)
        {
            return double.IsNaN(infinities) ? throw Err.Value("-inf + inf in fsum") : special;
        }

        // Every finite float is a whole multiple of 2^-1074.
        var total = BigInteger.Zero;
        foreach (var part in parts)
        {
            var (mantissa, exponent) = Floats.Split(part);
            total += mantissa << (exponent + 1074);
        }

        return Floats.Ratio(total, BigInteger.One << 1074);
    }

    private static double Number(Vm vm, object value) => Ops.ToFloat(vm, value);

    /// <summary>The error function, rounded from many more bits; beyond 6 it is 1 to a float's digits.</summary>
    private static double Erf(Vm vm, double x)
    {
        vm.Charge(50);
        return double.IsNaN(x) ? x : Math.Abs(x) > 6.5 ? Math.Sign(x) : SymPy.BigReal.From(x).Erf(120).ToDouble();
    }

    private static double Erfc(Vm vm, double x)
    {
        vm.Charge(200);
        return double.IsNaN(x) ? x : x > 26 ? throw new UnsupportedException("math.erfc of a large number") : x < -6.5 ? 2
            : SymPy.BigReal.One.Add(-SymPy.BigReal.From(x).Erf(1100), 1100).ToDouble();
    }

    private static NativeFunction Function(string name, Func<double, double> call, bool canOverflow = false) =>
        new(name, 1, 1, (vm, args) =>
        {
            var x = Number(vm, args[0]);
            var result = call(x);
            return canOverflow && double.IsInfinity(result) && double.IsFinite(x)
                ? throw Err.Overflow("math range error")
                : result;
        });

    private static double ExpM1(double x)
    {
        if (Math.Abs(x) < 1e-5)
        {
            return x + (x * x / 2) + (x * x * x / 6);
        }

        throw new UnsupportedException("math.expm1");
    }

    private static double Log1P(double x) => x == 0 ? x : throw new UnsupportedException("math.log1p");

    private static double Pow(double a, double b)
    {
        if (double.IsFinite(a) && double.IsFinite(b))
        {
            if ((a < 0 && b != Math.Floor(b)) || (a == 0 && b < 0))
            {
                throw Domain();
            }

            var result = Math.Pow(a, b);
            return double.IsInfinity(result) ? throw Err.Overflow("math range error") : result;
        }

        return Math.Pow(a, b);
    }

    private static double Log(Vm vm, object value, Func<double, double> log)
    {
        if (Ops.ToIndex(vm, value) is { } integer && value is not double)
        {
            var big = Ints.Big(integer);
            if (big.Sign <= 0)
            {
                throw Domain();
            }

            var direct = Floats.FromBig(big);
            if (double.IsFinite(direct))
            {
                return log(direct);
            }

            // As CPython: the mantissa in [0.5, 1) and the exponent apart.
            var bits = (int)big.GetBitLength();
            var mantissa = Floats.Ratio(big, BigInteger.One << bits);
            return mantissa == 1.0 ? log(0.5) + (log(2.0) * (bits + 1)) : log(mantissa) + (log(2.0) * bits);
        }

        var x = Number(vm, value);
        return x <= 0 ? throw Domain() : log(x);
    }

    private static double LogOf(Vm vm, object value, object radix)
    {
        var numerator = Log(vm, value, Math.Log);
        var denominator = Log(vm, radix, Math.Log);
        return denominator == 0 ? throw Err.ZeroDivision("float division by zero") : numerator / denominator;
    }

    private static double FMod(double x, double y)
    {
        if (double.IsInfinity(x) || y == 0)
        {
            return double.IsNaN(x) || double.IsNaN(y) ? double.NaN : throw Domain();
        }

        return x % y;
    }

    private static double Remainder(double x, double y)
    {
        if ((double.IsInfinity(x) && !double.IsNaN(y)) || (y == 0 && !double.IsNaN(x)))
        {
            throw Domain();
        }

        return double.IsInfinity(y) && double.IsFinite(x) ? x : Math.IEEERemainder(x, y);
    }

    private static PyTuple ModF(double x)
    {
        if (double.IsInfinity(x))
        {
            return new PyTuple([Math.CopySign(0.0, x), x]);
        }

        var whole = Math.Truncate(x);
        return new PyTuple([double.IsNaN(x) ? x : Math.CopySign(x - whole, x), whole]);
    }

    private static PyTuple FrExp(double x)
    {
        if (x == 0 || !double.IsFinite(x))
        {
            return new PyTuple([x, Ints.Box(0)]);
        }

        var exponent = Math.ILogB(x) + 1;
        return new PyTuple([Math.ScaleB(x, -exponent), Ints.Box(exponent)]);
    }

    private static object LdExp(Vm vm, Args args)
    {
        var x = Number(vm, args[0]);
        var power = Ints.Big(Ops.ToIndex(vm, args[1]) ?? throw Err.Type("Expected an int as second argument to ldexp."));
        if (x == 0 || !double.IsFinite(x))
        {
            return x;
        }

        var result = power < -3000 ? Math.CopySign(0.0, x)
            : power > 3000 ? double.PositiveInfinity
            : Exact(x, (int)power);
        return double.IsInfinity(result) ? throw Err.Overflow("math range error") : result;
    }

    private static double Exact(double x, int power)
    {
        var (mantissa, exponent) = Floats.Split(x);
        exponent += power;
        return exponent >= 0
            ? Floats.FromBig(mantissa << exponent)
            : Floats.Ratio(mantissa, BigInteger.One << -exponent);
    }

    private static object Dist(Vm vm, Args args)
    {
        var p = Ops.ToList(vm, args[0]).ConvertAll(v => Number(vm, v));
        var q = Ops.ToList(vm, args[1]).ConvertAll(v => Number(vm, v));
        return p.Count == q.Count
            ? Norm([.. p.Select((x, i) => Math.Abs(x - q[i]))])
            : throw Err.Value("both points must have the same number of dimensions");
    }

    /// <summary>The length of a vector of magnitudes, by CPython 3.11's compensated algorithm.</summary>
    private static double Norm(double[] vector)
    {
        var max = 0.0;
        var foundNan = false;
        foreach (var x in vector)
        {
            foundNan |= double.IsNaN(x);
            max = x > max ? x : max;
        }

        if (double.IsInfinity(max))
        {
            return max;
        }

        if (foundNan)
        {
            return double.NaN;
        }

        if (max == 0.0 || vector.Length <= 1)
        {
            return max;
        }

        var exponent = Math.ILogB(max) + 1;
        if (exponent < -1023)
        {
            throw new UnsupportedException("hypot of subnormal numbers");
        }

        var scale = Math.ScaleB(1.0, -exponent);
        var sum = 1.0;
        var (first, second, third) = (0.0, 0.0, 0.0);
        foreach (var item in vector)
        {
            var (high, low) = Halves(item * scale);
            Add(high * high, ref sum, ref first);
            Add(2.0 * high * low, ref sum, ref second);
            third += low * low;
        }

        var root = Math.Sqrt(sum - 1.0 + (first + second + third));
        var (rootHigh, rootLow) = Halves(root);
        Add(-rootHigh * rootHigh, ref sum, ref first);
        Add(-2.0 * rootHigh * rootLow, ref sum, ref second);
        Add(-rootLow * rootLow, ref sum, ref third);
        var rest = sum - 1.0 + (first + second + third);
        return (root + (rest / (2.0 * root))) / scale;
    }

    private static (double High, double Low) Halves(double x)
    {
        var t = x * 134217729.0;
        var high = t - (t - x);
        return (high, x - high);
    }

    private static void Add(double x, ref double sum, ref double fraction)
    {
        var old = sum;
        sum += x;
        fraction += old - sum + x;
    }

    private static object FSum(Vm vm, Args args) =>
        ExactSum(vm, Ops.Each(vm, args[0]).Select(v => Number(vm, v)));

    private static object Prod(Vm vm, Args args)
    {
        var product = args.Named("start") ?? Ints.Box(1);
        foreach (var item in Ops.Each(vm, args[0]))
        {
            product = Ops.Binary(vm, BinaryOp.Multiply, product, item);
        }

        return product;
    }

    private static object IsClose(Vm vm, Args args)
    {
        var (a, b) = (Number(vm, args[0]), Number(vm, args[1]));
        var relative = args.Named("rel_tol") is { } rel ? Number(vm, rel) : 1e-9;
        var absolute = args.Named("abs_tol") is { } abs ? Number(vm, abs) : 0.0;
        if (relative < 0 || absolute < 0)
        {
            throw Err.Value("tolerances must be non-negative");
        }

        if (a == b)
        {
            return Bools.True;
        }

        if (double.IsInfinity(a) || double.IsInfinity(b))
        {
            return Bools.False;
        }

        var difference = Math.Abs(b - a);
        return Bools.Of(
            difference <= Math.Abs(relative * b) || difference <= Math.Abs(relative * a) || difference <= absolute);
    }

    private static object Gamma(double x)
    {
        if (x is >= 1 and <= 23 && x == Math.Floor(x))
        {
            var product = 1.0;
            for (var i = 2; i < x; i++)
            {
                product *= i;
            }

            return product;
        }

        throw new UnsupportedException("math.gamma of other than small whole numbers");
    }

    private static double NextAfter(double x, double y)
    {
        if (double.IsNaN(x) || double.IsNaN(y))
        {
            return double.NaN;
        }

        return x == y ? y : x < y ? Math.BitIncrement(x) : Math.BitDecrement(x);
    }
}

/// <summary>The functions of <c>math</c> that give integers.</summary>
internal static class MathIntegers
{
    public static IEnumerable<NativeFunction> Functions() =>
    [
        new("floor", 1, 1, (vm, args) => Whole(vm, args[0], "__floor__", Math.Floor)),
        new("ceil", 1, 1, (vm, args) => Whole(vm, args[0], "__ceil__", Math.Ceiling)),
        new("trunc", 1, 1, (vm, args) => Whole(vm, args[0], "__trunc__", Math.Truncate)),
        new("gcd", 0, int.MaxValue, (vm, args) => Fold(vm, args, 0, (a, b) => BigInteger.GreatestCommonDivisor(a, b))),
        new("lcm", 0, int.MaxValue, (vm, args) => Fold(vm, args, 1, (a, b) => a.IsZero || b.IsZero
            ? BigInteger.Zero
            : BigInteger.Abs(a / BigInteger.GreatestCommonDivisor(a, b) * b))),
        new("factorial", 1, 1, Factorial),
        new("isqrt", 1, 1, (vm, args) =>
        {
            var value = Ops.ToBig(vm, args[0]);
            Ints.ChargeProduct(vm, value.GetBitLength() * 6, value.GetBitLength() * 6);
            return value.Sign < 0
                ? throw Err.Value("isqrt() argument must be nonnegative")
                : Ints.Box(vm, Ints.SquareRoot(value));
        }),
        new("comb", 2, 2, (vm, args) => Choose(vm, Ops.ToBig(vm, args[0]), Ops.ToBig(vm, args[1]), "comb")),
        new("perm", 1, 2, (vm, args) => args.Count == 1 || args[1] is PyNone
            ? Factorial(vm, args)
            : Choose(vm, Ops.ToBig(vm, args[0]), Ops.ToBig(vm, args[1]), "perm")),
    ];

    private static object Whole(Vm vm, object value, string method, Func<double, double> round)
    {
        if (Ints.Plain(value) is { } integer)
        {
            return integer;
        }

        switch (value)
        {
            case PyInstance instance when instance.CallSpecial(vm, method) is { } own:
                return own;
            case PyFraction or PyDecimal or SymPy.SymExpr:
                return ((PyObject)value).ToWhole(vm, method);
            case PyObject other when other.ToIndex(vm) is { } index && method != "__trunc__":
                return index;
            case PyObject or string when method == "__trunc__":
                throw Err.Type($"type {Types.Of(value).Name} doesn't define __trunc__ method");
            default:
                return Floats.ToIntOrRaise(round(Ops.ToFloat(vm, value)));
        }
    }

    private static object Fold(Vm vm, Args args, BigInteger start, Func<BigInteger, BigInteger, BigInteger> combine)
    {
        var result = start;
        foreach (var value in args.Values)
        {
            var next = Ops.ToBig(vm, value);
            vm.CheckBits(result.GetBitLength() + (double)next.GetBitLength() - 2);
            Ints.ChargeProduct(vm, result.GetBitLength() * 8, next.GetBitLength() * 8);
            result = combine(result, next);
        }

        return Ints.Box(vm, BigInteger.Abs(result));
    }

    private static object Factorial(Vm vm, Args args)
    {
        if (args[0] is double)
        {
            throw Err.Type("'float' object cannot be interpreted as an integer");
        }

        var number = Ops.ToBig(vm, args[0]);
        if (number.Sign < 0)
        {
            throw Err.Value("factorial() not defined for negative values");
        }

        // n! has at least n·log2(n/e) bits.
        var n = (double)number;
        vm.CheckBits(n < 3 ? 0 : n * Math.Log2(n / Math.E));
        var result = BigInteger.One;
        for (var i = 2; i <= (int)number; i++)
        {
            vm.Charge(1 + (result.GetBitLength() >> 12));
            result *= i;
        }

        return Ints.Box(vm, result);
    }

    private static object Choose(Vm vm, BigInteger n, BigInteger k, string name)
    {
        if (n.Sign < 0 || k.Sign < 0)
        {
            throw Err.Value($"{(n.Sign < 0 ? "n" : "k")} must be a non-negative integer");
        }

        if (k > n)
        {
            return Ints.Box(0);
        }

        if (name == "comb" && k > n - k)
        {
            k = n - k;
        }

        vm.CheckBits((double)k * (name == "perm" ? Math.Log2(Math.Max(1, (double)n / Math.E)) : 0));
        var result = BigInteger.One;
        for (BigInteger i = 0; i < k; i += 1)
        {
            vm.Charge(1 + (result.GetBitLength() >> 11));
            result *= n - i;
            if (name == "comb")
            {
                result /= i + 1;
            }

            vm.CheckBits(result.GetBitLength() - 64);
        }

        return Ints.Box(vm, result);
    }
}
