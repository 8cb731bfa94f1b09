using Reft.Python.Runtime;

namespace Reft.Python.Library.NumPy;

/// <summary>The module <c>numpy</c>: arrays of numbers, sums and means, elementwise functions, linear equations.</summary>
internal static class NumPyModule
{
    public static readonly PyType LinAlgError = new("numpy.linalg.LinAlgError", null, null, ExceptionTypes.ValueError);

    private const int MostItems = 4_000_000;

    private static readonly (string Name, Func<double, double> Call)[] Elementwise =
    [
        ("sqrt", Math.Sqrt), ("exp", Math.Exp), ("log", Math.Log), ("log10", Math.Log10), ("log2", Math.Log2), ("sin", Math.Sin),
        ("cos", Math.Cos), ("tan", Math.Tan), ("arcsin", Math.Asin), ("arccos", Math.Acos), ("arctan", Math.Atan),
        ("floor", Math.Floor), ("ceil", Math.Ceiling), ("trunc", Math.Truncate), ("rint", x => Math.Round(x, MidpointRounding.ToEven)),
        ("radians", x => x * (Math.PI / 180)), ("deg2rad", x => x * (Math.PI / 180)),
        ("degrees", x => x * (180 / Math.PI)), ("rad2deg", x => x * (180 / Math.PI)), ("cbrt", Math.Cbrt),
    ];

    public static Dictionary<string, object> Create()
    {
        var members = Modules.Of(
        [
            .. NpMethods.Functions(),
            new("array", 1, 2, (vm, args) => NpArray.From(vm, args[0], Kind(args.At(1, "dtype"))), "dtype"),
            new("asarray", 1, 2, (vm, args) => NpArray.From(vm, args[0], Kind(args.At(1, "dtype"))), "dtype"),
            new("arange", 1, 3, Range),
            new("linspace", 2, 3, Spaced, "num"),
            new("zeros", 1, 2, (vm, args) => Filled(vm, args[0], 0.0, Kind(args.At(1, "dtype")) ?? 'f'), "dtype"),
            new("ones", 1, 2, (vm, args) => Filled(vm, args[0], 1.0, Kind(args.At(1, "dtype")) ?? 'f'), "dtype"),
            new("full", 2, 2, (vm, args) => NpScalar.Plain(args[1]) is { } value
                ? Filled(vm, args[0], value, value is double ? 'f' : value is long ? 'i' : 'b')
                : throw new UnsupportedException("numpy.full of this value")),
            new("eye", 1, 1, (vm, args) => Identity(vm, args[0])),
            new("identity", 1, 1, (vm, args) => Identity(vm, args[0])),
            new("dot", 2, 2, (vm, args) => NpLinear.Dot(vm, NpArray.From(vm, args[0]), NpArray.From(vm, args[1]))),
            new("matmul", 2, 2, (vm, args) => NpLinear.Dot(vm, NpArray.From(vm, args[0]), NpArray.From(vm, args[1]))),
            new("transpose", 1, 1, (vm, args) => NpArray.From(vm, args[0]).Transposed()),
            new("reshape", 2, 2, (vm, args) => NpMethods.Reshaped(vm, NpArray.From(vm, args[0]), args[1])),
            new("abs", 1, 1, (vm, args) => Absolute(vm, args[0])),
            new("absolute", 1, 1, (vm, args) => Absolute(vm, args[0])),
            new("round", 1, 2, Rounded, "decimals"),
            new("around", 1, 2, Rounded, "decimals"),
            new("power", 2, 2, (vm, args) => Operate(vm, BinaryOp.Power, args)),
            new("add", 2, 2, (vm, args) => Operate(vm, BinaryOp.Add, args)),
            new("subtract", 2, 2, (vm, args) => Operate(vm, BinaryOp.Subtract, args)),
            new("multiply", 2, 2, (vm, args) => Operate(vm, BinaryOp.Multiply, args)),
            new("divide", 2, 2, (vm, args) => Operate(vm, BinaryOp.Divide, args)),
            new("mod", 2, 2, (vm, args) => Operate(vm, BinaryOp.Modulo, args)),
            new("maximum", 2, 2, (vm, args) => Larger(vm, args, 1)),
            new("minimum", 2, 2, (vm, args) => Larger(vm, args, -1)),
            new("where", 3, 3, Where),
            new("sort", 1, 1, (vm, args) => Sorted(vm, NpArray.From(vm, args[0]))),
            new("unique", 1, 1, (vm, args) => Sorted(vm, NpMethods.Flat(NpArray.From(vm, args[0]))) is var sorted
                ? sorted.Pick([.. Enumerable.Range(0, sorted.Size).Where(i => i == 0 || sorted.RealAt(i) != sorted.RealAt(i - 1))], null)
                : PyNone.Value),
            new("diff", 1, 1, (vm, args) => NpArray.From(vm, args[0]) is { Shape.Length: 1, Size: > 0 } array
                ? Ops.Binary(
                    vm,
                    BinaryOp.Subtract,
                    array.Pick([.. Enumerable.Range(1, array.Size - 1)], null),
                    array.Pick([.. Enumerable.Range(0, array.Size - 1)], null))
                : throw new UnsupportedException("numpy.diff of this")),
            new("count_nonzero", 1, 1, (vm, args) => NpArray.From(vm, args[0]) is var array
                ? Ints.Box(Enumerable.Range(0, array.Size).Count(i => array.RealAt(i) != 0))
                : PyNone.Value),
            new("concatenate", 1, 1, (vm, args) => Joined(vm, Ops.ToList(vm, args[0]))),
            new("append", 2, 2, (vm, args) => Joined(vm, [NpMethods.Flat(NpArray.From(vm, args[0])), NpMethods.Flat(NpArray.From(vm, args[1]))])),
            new("isclose", 2, 2, (vm, args) => Close(vm, args) is { Shape.Length: 0 } one ? one.Scalar(0) : Close(vm, args)),
            new("allclose", 2, 2, (vm, args) => Bools.Of(Close(vm, args).Wholes.All(w => w != 0))),
            new("polyval", 2, 2, (vm, args) => NpArray.From(vm, args[0]) is var p && args[1] is var x
                ? Enumerable.Range(0, p.Size).Aggregate((object)NpScalar.Of(0L), (v, i) => Ops.Binary(
                    vm, BinaryOp.Add, Ops.Binary(vm, BinaryOp.Multiply, v, x), p.Scalar(i)))
                : PyNone.Value),
            new("roots", 1, 1, (vm, args) => NpRoots.Of(NpArray.From(vm, args[0]))),
            new("isnan", 1, 1, (vm, args) => args[0] is not NpArray && NpScalar.Plain(args[0]) is { } value
                ? NpScalar.Of(double.IsNaN(NpMath.Real(value)))
                : throw new UnsupportedException("numpy.isnan of an array")),
        ]);
        foreach (var (name, call) in Elementwise)
        {
            members[name] = new NativeFunction(name, 1, 1, (vm, args) => Each(vm, args[0], call));
        }

        members["gcd"] = new NativeFunction("gcd", 2, 2, (vm, args) => NpScalar.Plain(args[0]) is long a && NpScalar.Plain(args[1]) is long b
            ? NpScalar.Of((long)System.Numerics.BigInteger.GreatestCommonDivisor(a, b))
            : throw new UnsupportedException("numpy.gcd of these"));
        members["lcm"] = new NativeFunction("lcm", 2, 2, (vm, args) => NpScalar.Plain(args[0]) is long a and not 0 && NpScalar.Plain(args[1]) is long b and not 0
            ? NpScalar.Of(Math.Abs(NpMath.OfInts(BinaryOp.Multiply, a / (long)System.Numerics.BigInteger.GreatestCommonDivisor(a, b), b)))
            : throw new UnsupportedException("numpy.lcm of these"));
        members["pi"] = Math.PI;
        members["e"] = Math.E;
        members["inf"] = double.PositiveInfinity;
        members["nan"] = Floats.NotANumber;
        members["int64"] = members["int_"] = NpScalar.Int64;
        members["float64"] = members["float_"] = NpScalar.Float64;
        members["bool_"] = NpScalar.Boolean;
        members["linalg"] = new PyModule("numpy.linalg", Linear());
        return members;
    }

    /// <summary>The module <c>numpy.linalg</c>.</summary>
    public static Dictionary<string, object> Linear()
    {
        var members = Modules.Of(
            new NativeFunction("solve", 2, 2, (vm, args) => NpLinear.Solve(vm, NpArray.From(vm, args[0]), NpArray.From(vm, args[1]))),
            new NativeFunction("inv", 1, 1, (vm, args) => NpLinear.Inverse(vm, NpArray.From(vm, args[0]))),
            new NativeFunction("det", 1, 1, (vm, args) => NpScalar.Of(NpLinear.Determinant(vm, NpArray.From(vm, args[0])))),
            new NativeFunction("norm", 1, 1, (vm, args) => NpArray.From(vm, args[0]) is { Shape.Length: 1 } array
                ? NpScalar.Of(Math.Sqrt(array.ToReals().Sum(r => r * r)))
                : throw new UnsupportedException("norm of a matrix")));
        members["LinAlgError"] = LinAlgError;
        return members;
    }

    private static char? Kind(object? type) => type is null or PyNone ? null : NpArray.KindOf(type);

    private static object Each(Vm vm, object value, Func<double, double> call)
    {
        if (value is not (NpArray or PyList or PyTuple))
        {
            return NpScalar.Plain(value) is { } number
                ? NpScalar.Of(call(NpMath.Real(number)))
                : throw new UnsupportedException($"a function of NumPy of a {Types.Of(value).Name}");
        }

        var array = NpArray.From(vm, value);
        vm.AllocateItems(array.Size);
        vm.Charge(array.Size);
        return new NpArray('f', array.Shape, Array.ConvertAll(array.ToReals(), r => call(r)), []);
    }

    private static object Absolute(Vm vm, object value) => value is NpArray or PyList or PyTuple
        ? NpArray.From(vm, value).Abs(vm)
        : Scalar(value).Abs(vm);

    private static NpScalar Scalar(object value) => NpScalar.Plain(value) switch
    {
        double real => NpScalar.Of(real),
        long whole => NpScalar.Of(whole),
        bool truth => NpScalar.Of(truth),
        _ => throw new UnsupportedException($"a function of NumPy of a {Types.Of(value).Name}"),
    };

    private static object Rounded(Vm vm, Args args)
    {
        var digits = args.At(1, "decimals") is { } places ? Ops.ToLong(vm, places) : 0;
        if (args[0] is NpArray or PyList or PyTuple)
        {
            return NpArray.From(vm, args[0]).Round(vm, digits)!; // an array has one
        }

        return Scalar(args[0]) is { Value: double real } ? NpScalar.Of(NpMath.Round(real, digits)) : Scalar(args[0]);
    }

    private static object Operate(Vm vm, BinaryOp op, Args args) => Ops.Binary(
        vm, op, args[0] is NpArray or PyList or PyTuple ? NpArray.From(vm, args[0]) : Scalar(args[0]),
        args[1] is NpArray or PyList or PyTuple ? NpArray.From(vm, args[1]) : Scalar(args[1]));

    private static object Larger(Vm vm, Args args, int sign)
    {
        var (a, b) = (NpArray.From(vm, args[0]), NpArray.From(vm, args[1]));
        var result = NpArray.Broadcast(vm, a, b, (x, y) => double.IsNaN(x) || (x.CompareTo(y) * sign >= 0 && !double.IsNaN(y)) ? x : y);
        result = a.Kind == 'f' || b.Kind == 'f' ? result : result.As('i');
        return result.Shape.Length == 0 ? result.Scalar(0) : result;
    }

    private static object Where(Vm vm, Args args)
    {
        var (condition, a, b) = (NpArray.From(vm, args[0]), NpArray.From(vm, args[1]), NpArray.From(vm, args[2]));
        var picked = NpArray.Broadcast(vm, condition, a, (c, x) => c != 0 ? x : 0);
        var other = NpArray.Broadcast(vm, condition, b, (c, y) => c != 0 ? 0 : y);
        var result = NpArray.Broadcast(vm, NpArray.Broadcast(vm, condition, other, (c, y) => c != 0 ? double.NaN : y), picked, (y, x) => double.IsNaN(y) ? x : y);
        if (a.ToReals().Concat(b.ToReals()).Any(double.IsNaN))
        {
            throw new UnsupportedException("numpy.where with NaN");
        }

        return a.Kind == 'f' || b.Kind == 'f' ? result : result.As(a.Kind == 'b' && b.Kind == 'b' ? 'b' : 'i');
    }

    private static NpArray Sorted(Vm vm, NpArray array)
    {
        if (array.Shape.Length != 1 || (array.Kind == 'f' && array.Reals.Any(double.IsNaN)))
        {
            throw new UnsupportedException("numpy.sort of this");
        }

        vm.Charge(array.Size * 4L);
        var at = Enumerable.Range(0, array.Size).ToArray();
        return array.Pick([.. array.Kind == 'f' ? at.OrderBy(i => array.Reals[i]) : at.OrderBy(i => array.Wholes[i])], null);
    }

    private static NpArray Joined(Vm vm, List<object> parts)
    {
        var arrays = parts.ConvertAll(p => NpArray.From(vm, p));
        return arrays.TrueForAll(a => a.Shape.Length == 1)
            ? NpArray.From(vm, new PyList([.. arrays.SelectMany(a => Enumerable.Range(0, a.Size).Select(i =>
                arrays.Exists(x => x.Kind == 'f') ? a.RealAt(i) : a.At(i)))]))
            : throw new UnsupportedException("numpy.concatenate of tables");
    }

    private static NpArray Close(Vm vm, Args args) => NpArray.Broadcast(
        vm, NpArray.From(vm, args[0]), NpArray.From(vm, args[1]), (a, b) => a == b || Math.Abs(a - b) <= 1e-8 + (1e-5 * Math.Abs(b)) ? 1 : 0).As('b');

    private static NpArray Range(Vm vm, Args args)
    {
        var numbers = args.Values.Select(v => NpScalar.Plain(v) ?? throw new UnsupportedException("numpy.arange of these")).ToList();
        var (start, stop) = numbers.Count == 1 ? ((object)0L, numbers[0]) : (numbers[0], numbers[1]);
        var step = numbers.Count == 3 ? numbers[2] : 1L;
        var count = Math.Ceiling((NpMath.Real(stop) - NpMath.Real(start)) / NpMath.Real(step));
        if (!(Math.Abs(count) <= MostItems))
        {
            throw new UnsupportedException("numpy.arange of so many numbers");
        }

        var length = (int)Math.Max(0, count);
        vm.AllocateItems(length);
        if (start is double || stop is double || step is double)
        {
            // NumPy takes the difference of the first two numbers for the step.
            var (first, delta) = (NpMath.Real(start), NpMath.Real(start) + NpMath.Real(step) - NpMath.Real(start));
            return NpArray.Of(Enumerable.Range(0, length).Select(i => i == 1 ? NpMath.Real(start) + NpMath.Real(step) : first + (i * delta)).ToArray());
        }

        return NpArray.Of(Enumerable.Range(0, length).Select(i => NpMath.Whole(start) + (i * NpMath.Whole(step))).ToArray());
    }

    private static NpArray Spaced(Vm vm, Args args)
    {
        var count = args.At(2, "num") is { } num ? Ops.ToLong(vm, num) : 50;
        var (start, stop) = (Ops.ToFloat(vm, args[0]), Ops.ToFloat(vm, args[1]));
        if (count is < 0 or > MostItems)
        {
            throw new UnsupportedException("numpy.linspace of so many numbers");
        }

        vm.AllocateItems(count);
        var step = (stop - start) / (count - 1);
        return NpArray.Of(Enumerable.Range(0, (int)count).Select(i => i == count - 1 && count > 1 ? stop : (i * step) + start).Select(
            (v, i) => count == 1 ? start : v).ToArray());
    }

    private static NpArray Filled(Vm vm, object shape, object value, char kind)
    {
        var sizes = (shape is PyTuple or PyList ? Ops.ToList(vm, shape) : [shape]).ConvertAll(s => Ops.ToLong(vm, s));
        if (sizes.Count > 2 || sizes.Exists(s => s < 0) || sizes.Aggregate(1.0, (n, s) => n * s) > MostItems)
        {
            throw new UnsupportedException("arrays of this shape");
        }

        var count = (int)sizes.Aggregate(1L, (n, s) => n * s);
        vm.AllocateItems(count);
        int[] dimensions = [.. sizes.Select(s => (int)s)];
        return kind == 'f'
            ? new NpArray('f', dimensions, [.. Enumerable.Repeat(NpMath.Real(value), count)], [])
            : new NpArray(kind, dimensions, [], [.. Enumerable.Repeat((long)NpMath.Real(value), count)]);
    }

    private static NpArray Identity(Vm vm, object size)
    {
        var n = (int)Math.Clamp(Ops.ToLong(vm, size), -1, 2000);
        var array = Filled(vm, new PyTuple([Ints.Box(n), Ints.Box(n)]), 0.0, 'f');
        for (var i = 0; i < n; i++)
        {
            array.Reals[(i * n) + i] = 1;
        }

        return array;
    }
}

/// <summary>Roots of linear and quadratic polynomials by LAPACK's formula for two by two matrices (dlanv2).</summary>
internal static class NpRoots
{
    public static NpArray Of(NpArray coefficients)
    {
        var p = coefficients.ToReals().SkipWhile(c => c == 0).ToList();
        var zeros = 0;
        while (p.Count > 0 && p[^1] == 0)
        {
            p.RemoveAt(p.Count - 1);
            zeros++;
        }

        if (zeros > 0 || p.Count is < 2 or > 3)
        {
            throw new UnsupportedException("numpy.roots of other than a linear or quadratic polynomial with a constant");
        }

        return p.Count == 2 ? NpArray.Of([-p[1] / p[0]]) : Quadratic(-p[1] / p[0], -p[2] / p[0]);
    }

    /// <summary>The eigenvalues of ((a, b), (1, 0)).</summary>
    private static NpArray Quadratic(double a, double b)
    {
        const double c = 1;
        const double d = 0;
        var p = 0.5 * (a - d);
        var most = Math.Max(Math.Abs(b), Math.Abs(c));
        var least = Math.Min(Math.Abs(b), Math.Abs(c)) * Math.CopySign(1, b) * Math.CopySign(1, c);
        var scale = Math.Max(Math.Abs(p), most);
        var z = (p / scale * p) + (most / scale * least);
        if (z < 1e-12 || p == 0)
        {
            throw new UnsupportedException("numpy.roots with complex, double or opposite roots");
        }

        z = p + Math.CopySign(Math.Sqrt(scale) * Math.Sqrt(z), p);
        return NpArray.Of([d + z, d - (most / z * least)]);
    }
}
