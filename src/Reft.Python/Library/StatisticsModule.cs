using System.Numerics;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>The module <c>statistics</c>: sums are exact, as in CPython.</summary>
internal static class StatisticsModule
{
    private static readonly PyType Error = ExceptionTypes.Make("StatisticsError", ExceptionTypes.ValueError);

    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
            new NativeFunction("mean", 1, 1, (vm, args) =>
            {
                var data = new Data(vm, args[0]);
                data.Require(1, "mean requires at least one data point");
                return data.Convert(vm, data.Sum(vm), data.Count);
            }),
            new NativeFunction("fmean", 1, 1, (vm, args) =>
            {
                var numbers = Ops.ToList(vm, args[0]).ConvertAll(v => Ops.ToFloat(vm, v));
                return numbers.Count == 0
                    ? throw Fail("fmean requires at least one data point")
                    : MathModule.ExactSum(vm, numbers) / numbers.Count;
            }),
            new NativeFunction("median", 1, 1, (vm, args) => Median(vm, args[0], null)),
            new NativeFunction("median_low", 1, 1, (vm, args) => Median(vm, args[0], false)),
            new NativeFunction("median_high", 1, 1, (vm, args) => Median(vm, args[0], true)),
            new NativeFunction("mode", 1, 1, (vm, args) => Modes(vm, args[0]) is { Count: > 0 } modes
                ? modes[0] : throw Fail("no mode for empty data")),
            new NativeFunction("multimode", 1, 1, (vm, args) => new PyList(Modes(vm, args[0]))),
            new NativeFunction("variance", 1, 1, (vm, args) => Spread(vm, args[0], 1, "variance", false)),
            new NativeFunction("pvariance", 1, 1, (vm, args) => Spread(vm, args[0], 0, "pvariance", false)),
            new NativeFunction("stdev", 1, 1, (vm, args) => Spread(vm, args[0], 1, "stdev", true)),
            new NativeFunction("pstdev", 1, 1, (vm, args) => Spread(vm, args[0], 0, "pstdev", true)),
            new NativeFunction("geometric_mean", 1, 1, (vm, args) =>
            {
                var logs = Ops.ToList(vm, args[0]).ConvertAll(v => Ops.ToFloat(vm, v) is var x and > 0
                    ? Math.Log(x)
                    : throw Fail("geometric mean requires a non-empty dataset containing positive numbers"));
                return logs.Count == 0
                    ? throw Fail("geometric mean requires a non-empty dataset containing positive numbers")
                    : Math.Exp(MathModule.ExactSum(vm, logs) / logs.Count);
            }),
            new NativeFunction("harmonic_mean", 1, 1, HarmonicMean),
            new NativeFunction("quantiles", 1, 1, Quantiles, "n", "method"));
        members["StatisticsError"] = Error;
        return members;
    }

    private static PyError Fail(string message) => Err.Make(Error, message);

    private static object Median(Vm vm, object source, bool? high)
    {
        var items = Ops.ToList(vm, source);
        Sorting.Sort(vm, items, null, null);
        if (items.Count == 0)
        {
            throw Fail("no median for empty data");
        }

        var middle = items.Count / 2;
        if (items.Count % 2 == 1 || high == true)
        {
            return items[middle];
        }

        return high == false
            ? items[middle - 1]
            : Ops.Binary(vm, BinaryOp.Divide, Ops.Binary(vm, BinaryOp.Add, items[middle - 1], items[middle]), Ints.Box(2));
    }

    private static List<object> Modes(Vm vm, object source)
    {
        var counts = new PyDict();
        foreach (var item in Ops.Each(vm, source))
        {
            counts.Set(vm, item, Ints.Box((long)(counts.Find(vm, item) ?? 0L) + 1));
        }

        var pairs = counts.Pairs(vm);
        var most = pairs.Count == 0 ? 0 : pairs.Max(p => (long)p.Value);
        return [.. pairs.Where(p => (long)p.Value == most).Select(p => p.Key)];
    }

    private static object Spread(Vm vm, object source, int less, string name, bool root)
    {
        var data = new Data(vm, source);
        data.Require(
            1 + less, $"{name} requires at least {(less == 1 ? "two data points" : "one data point")}");
        var sum = data.Sum(vm);
        var squares = data.Squares(vm);
        // n·Σx² − (Σx)², over n·(n − less), all exact.
        var count = new PyFraction(data.Count, BigInteger.One);
        var numerator = Fraction(vm, BinaryOp.Subtract,
            Fraction(vm, BinaryOp.Multiply, count, squares), Fraction(vm, BinaryOp.Multiply, sum, sum));
        var result = Fraction(vm, BinaryOp.Divide, numerator, new PyFraction((BigInteger)data.Count * (data.Count - less), 1));
        return root ? Root(vm, result) : data.Convert(vm, result, 1);
    }

    private static PyFraction Fraction(Vm vm, BinaryOp op, PyFraction a, PyFraction b) =>
        (PyFraction)Ops.Binary(vm, op, a, b);

    /// <summary>The square root of a fraction, rounded once.</summary>
    private static double Root(Vm vm, PyFraction value)
    {
        if (value.Numerator.IsZero)
        {
            return 0.0;
        }

        var shift = (int)Math.Max(0, (260 - (value.Numerator.GetBitLength() - value.Denominator.GetBitLength())) / 2);
        vm.Charge(20);
        var scaled = (value.Numerator << (2 * shift)) / value.Denominator;
        var root = Ints.SquareRoot(scaled);
        var isExact = root * root * value.Denominator == value.Numerator << (2 * shift);
        var result = Floats.Ratio((root * 2) + (isExact ? 0 : 1), BigInteger.One << (shift + 1));
        return double.IsInfinity(result)
            ? throw Err.Overflow("integer division result too large for a float")
            : result;
    }

    private static object HarmonicMean(Vm vm, Args args)
    {
        var items = Ops.ToList(vm, args[0]);
        if (items.Count == 0)
        {
            throw Fail("harmonic_mean requires at least one data point");
        }

        if (items.Exists(i => Ops.Compare(vm, CompareOp.Less, i, Ints.Box(0))))
        {
            throw Fail("harmonic mean does not support negative values");
        }

        if (items.Count == 1)
        {
            return items[0];
        }

        if (items.Exists(i => Ops.Equal(vm, i, Ints.Box(0))))
        {
            return Ints.Box(0);
        }

        var inverses = new Data(
            vm, new PyList(items.ConvertAll(i => Ops.Binary(vm, BinaryOp.Divide, Ints.Box(1), i))));
        return inverses.Convert(
            vm, Fraction(vm, BinaryOp.Divide, new PyFraction(items.Count, 1), inverses.Sum(vm)), 1);
    }

    private static object Quantiles(Vm vm, Args args)
    {
        var items = Ops.ToList(vm, args[0]);
        Sorting.Sort(vm, items, null, null);
        var parts = args.Named("n") is { } n ? Ops.ToLong(vm, n) : 4;
        var inclusive = args.Named("method") is "inclusive";
        if (parts < 1 || items.Count < 2)
        {
            throw Fail(parts < 1 ? "n must be at least 1" : "must have at least two data points");
        }

        vm.AllocateItems(parts);
        var result = new List<object>();
        long size = items.Count;
        for (var i = 1L; i < parts; i++)
        {
            vm.Charge(4);
            var place = i * (inclusive ? size - 1 : size + 1);
            var at = place / parts;
            at = inclusive ? at + 1 : Math.Clamp(at, 1, size - 1);
            var delta = place - ((inclusive ? at - 1 : at) * parts);
            var low = Ops.Binary(vm, BinaryOp.Multiply, items[(int)at - 1], Ints.Box(parts - delta));
            var high = Ops.Binary(vm, BinaryOp.Multiply, items[(int)at], Ints.Box(delta));
            result.Add(Ops.Binary(vm, BinaryOp.Divide, Ops.Binary(vm, BinaryOp.Add, low, high), Ints.Box(parts)));
        }

        return new PyList(result);
    }

    /// <summary>Numbers as exact fractions, with the type their mean takes.</summary>
    private sealed class Data
    {
        private readonly List<PyFraction> _values = [];
        private bool _hasFloat;
        private bool _hasFraction;

        public Data(Vm vm, object source)
        {
            foreach (var item in Ops.Each(vm, source))
            {
                switch (item)
                {
                    case double real:
                        _hasFloat = true;
                        _values.Add(double.IsFinite(real)
                            ? Floats.ToRatio(real) is var (a, b) ? new PyFraction(a, b) : PyFractionZero
                            : throw new UnsupportedException("statistics of numbers that are not finite"));
                        break;
                    case PyFraction fraction:
                        _hasFraction = true;
                        _values.Add(fraction);
                        break;
                    case PyDecimal:
                        throw new UnsupportedException("statistics of Decimal");
                    default:
                        _values.Add(PyFraction.From(item)
                            ?? throw Err.Type($"can't convert type '{Types.Of(item).Name}' to numerator/denominator"));
                        break;
                }
            }
        }

        public int Count => _values.Count;

        private static PyFraction PyFractionZero => new(BigInteger.Zero, BigInteger.One);

        public void Require(int count, string message)
        {
            if (Count < count)
            {
                throw Fail(message);
            }
        }

        public PyFraction Sum(Vm vm) => _values.Aggregate(PyFractionZero, (sum, v) => Fraction(vm, BinaryOp.Add, sum, v));

        public PyFraction Squares(Vm vm) => _values.Aggregate(
            PyFractionZero, (sum, v) => Fraction(vm, BinaryOp.Add, sum, Fraction(vm, BinaryOp.Multiply, v, v)));

        /// <summary>The total over a count, in the type of the data; whole numbers stay ints only where exact.</summary>
        public object Convert(Vm vm, PyFraction total, int count)
        {
            var value = Fraction(vm, BinaryOp.Divide, total, new PyFraction(count, BigInteger.One));
            if (_hasFloat || (!_hasFraction && !value.Denominator.IsOne))
            {
                return Ops.ToFloat(vm, value);
            }

            return _hasFraction ? value : Ints.Box(value.Numerator);
        }
    }
}
