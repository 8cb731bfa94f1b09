using Reft.Python.Runtime;

namespace Reft.Python.Library.NumPy;

/// <summary>Reductions and the like, as functions of the module and as methods of arrays.</summary>
internal static class NpMethods
{
    private static readonly string[] Axis = ["axis"];

    private delegate PyObject Reduction(Vm vm, NpArray array);

    private static readonly (string Name, Reduction Call)[] Reductions =
    [
        ("sum", Sum), ("prod", Product), ("mean", Mean), ("max", (_, a) => Extreme(a, 1)), ("min", (_, a) => Extreme(a, -1)),
        ("argmax", (_, a) => ArgExtreme(a, 1)), ("argmin", (_, a) => ArgExtreme(a, -1)),
        ("any", (_, a) => NpScalar.Of(Enumerable.Range(0, a.Size).Any(i => a.RealAt(i) != 0))),
        ("all", (_, a) => NpScalar.Of(Enumerable.Range(0, a.Size).All(i => a.RealAt(i) != 0))),
        ("median", Median), ("ptp", (_, a) => NpScalar.Of(((double[])[.. a.ToReals()]) is var r && a.Kind == 'f' ? r.Max() - r.Min() : throw new UnsupportedException("ptp of ints"))),
    ];

    public static IEnumerable<NativeMethod> OfArray() =>
    [
        .. Reductions.Where(r => r.Name != "median").Select(r => new NativeMethod(
            r.Name, 0, 1, (vm, self, args) => Along(vm, (NpArray)self, args.At(0, "axis"), r.Call), Axis)),
        new("std", 0, 0, (vm, self, args) => Deviation(vm, (NpArray)self, args, true), "ddof"),
        new("var", 0, 0, (vm, self, args) => Deviation(vm, (NpArray)self, args, false), "ddof"),
        new("tolist", 0, 0, (_, self, _) => ToList((NpArray)self)),
        new("item", 0, 1, (vm, self, args) => ((NpArray)self).Size == 1 || args.Count == 1
            ? ((NpArray)self).At(args.Count == 1 ? (int)Math.Clamp(Ops.ToLong(vm, args[0]), 0, ((NpArray)self).Size - 1) : 0)
            : throw Err.Value("can only convert an array of size 1 to a Python scalar")),
        new("dot", 1, 1, (vm, self, args) => NpLinear.Dot(vm, (NpArray)self, NpArray.From(vm, args[0]))),
        new("astype", 1, 1, (_, self, args) => ((NpArray)self).As(NpArray.KindOf(args[0]))),
        new("copy", 0, 0, (_, self, _) => ((NpArray)self).As(((NpArray)self).Kind)),
        new("flatten", 0, 0, (_, self, _) => Flat((NpArray)self)),
        new("reshape", 1, 2, (vm, self, args) => Reshaped(vm, (NpArray)self, args.Count == 1 ? args[0] : new PyTuple(args.Positional))),
        new("transpose", 0, 0, (_, self, _) => ((NpArray)self).Transposed()),
        new("cumsum", 0, 0, (vm, self, _) => Running(vm, (NpArray)self, BinaryOp.Add)),
        new("round", 0, 1, (vm, self, args) => ((NpArray)self).Round(vm, args.At(0) is { } digits ? Ops.ToLong(vm, digits) : 0)!),
    ];

    public static IEnumerable<NativeFunction> Functions() =>
    [
        .. Reductions.Concat([("amax", (_, a) => Extreme(a, 1)), ("amin", (_, a) => Extreme(a, -1))]).Select(r => new NativeFunction(
            r.Item1, 1, 2, (vm, args) => Along(vm, NpArray.From(vm, args[0]), args.At(1, "axis"), r.Item2), Axis)),
        new("std", 1, 1, (vm, args) => Deviation(vm, NpArray.From(vm, args[0]), args, true), "ddof"),
        new("var", 1, 1, (vm, args) => Deviation(vm, NpArray.From(vm, args[0]), args, false), "ddof"),
        new("cumsum", 1, 1, (vm, args) => Running(vm, NpArray.From(vm, args[0]), BinaryOp.Add)),
        new("cumprod", 1, 1, (vm, args) => Running(vm, NpArray.From(vm, args[0]), BinaryOp.Multiply)),
    ];

    public static NpArray Flat(NpArray array) => array.Pick([.. Enumerable.Range(0, array.Size)], null);

    public static NpArray Reshaped(Vm vm, NpArray array, object shape)
    {
        var sizes = (shape is PyTuple or PyList ? Ops.ToList(vm, shape) : [shape]).ConvertAll(s => Ops.ToLong(vm, s));
        if (sizes.Count > 2 || sizes.Count(s => s < 0) > 1)
        {
            throw new UnsupportedException("arrays of this shape");
        }

        var known = sizes.Where(s => s >= 0).Aggregate(1L, (n, s) => n * s);
        var full = sizes.ConvertAll(s => s >= 0 ? s : known == 0 ? 0 : array.Size / known);
        return full.Aggregate(1L, (n, s) => n * s) == array.Size
            ? array.Pick([.. Enumerable.Range(0, array.Size)], [.. full.Select(s => (int)s)])
            : throw Err.Value($"cannot reshape array of size {array.Size} into this shape");
    }

    public static PyObject Sum(Vm vm, NpArray array)
    {
        vm.Charge(array.Size >> 2);
        return array.Kind == 'f'
            ? NpScalar.Of(NpMath.Sum(array.Reals))
            : NpScalar.Of(array.Wholes.Aggregate(0L, (s, w) => NpMath.OfInts(BinaryOp.Add, s, w)));
    }

    /// <summary>An array without its first dimension or its second, reduced row by row.</summary>
    private static PyObject Along(Vm vm, NpArray array, object? axis, Reduction reduce)
    {
        vm.Charge(array.Size);
        if (axis is null or PyNone || (array.Shape.Length == 1 && Ops.ToLong(vm, axis) is 0 or -1))
        {
            return reduce(vm, Flat(array));
        }

        if (array.Shape.Length != 2 || array.Size == 0)
        {
            throw new UnsupportedException("this axis of an array");
        }

        var by = Ops.ToLong(vm, axis);
        var rows = by is 1 or -1 ? array : by is 0 or -2 ? array.Transposed() : throw Err.Value("axis is out of bounds");
        // Down the columns NumPy adds row to row, without running sums.
        if (by is 0 or -2 && rows.Shape[1] > 8 && array.Kind == 'f')
        {
            throw new UnsupportedException("a reduction down long columns of floats");
        }

        return NpArray.From(vm, new PyList([.. Enumerable.Range(0, rows.Shape[0]).Select(i => ((NpScalar)reduce(vm, (NpArray)rows.Row(i))).Value)]));
    }

    private static NpScalar Product(Vm vm, NpArray array) => array.Kind == 'f'
        ? NpScalar.Of(array.Reals.Length >= 8 ? throw new UnsupportedException("product of many floats in NumPy") : array.Reals.Aggregate(1.0, (p, r) => p * r))
        : NpScalar.Of(array.Wholes.Aggregate(1L, (p, w) => NpMath.OfInts(BinaryOp.Multiply, p, w)));

    private static NpScalar Mean(Vm vm, NpArray array) => array.Size == 0
        ? NpScalar.Of(Floats.NotANumber)
        : NpScalar.Of(NpMath.Sum(array.ToReals()) / array.Size);

    private static NpScalar Extreme(NpArray array, int sign) => array.Size == 0
        ? throw Err.Value("zero-size array to reduction operation which has no identity")
        : array.Scalar(Place(array, sign));

    private static NpScalar ArgExtreme(NpArray array, int sign) => array.Size == 0
        ? throw Err.Value("attempt to get argmax of an empty sequence")
        : NpScalar.Of((long)Place(array, sign));

    private static int Place(NpArray array, int sign)
    {
        var best = 0;
        for (var i = 0; i < array.Size; i++)
        {
            if (array.Kind == 'f' && double.IsNaN(array.Reals[i]))
            {
                return i;
            }

            var order = array.Kind == 'f' ? array.Reals[i].CompareTo(array.Reals[best]) : array.Wholes[i].CompareTo(array.Wholes[best]);
            best = order * sign > 0 ? i : best;
        }

        return best;
    }

    private static NpScalar Median(Vm vm, NpArray array)
    {
        if (array.Size == 0)
        {
            return NpScalar.Of(Floats.NotANumber);
        }

        double[] sorted = [.. array.ToReals()];
        Array.Sort(sorted);
        var middle = sorted.Length / 2;
        return NpScalar.Of(double.IsNaN(sorted[0]) ? Floats.NotANumber
            : sorted.Length % 2 == 1 ? sorted[middle]
            : (sorted[middle - 1] + sorted[middle]) / 2);
    }

    private static NpScalar Deviation(Vm vm, NpArray array, Args args, bool isRoot)
    {
        vm.Charge(array.Size);
        var lost = args.Named("ddof") is { } ddof ? NpMath.Real(NpScalar.Plain(ddof) ?? throw Err.Type("ddof must be a number")) : 0;
        var reals = array.ToReals();
        var mean = NpMath.Sum(reals) / reals.Length;
        var squares = Array.ConvertAll(reals, r => (r - mean) * (r - mean));
        var variance = NpMath.Sum(squares) / (reals.Length - lost);
        return NpScalar.Of(isRoot ? Math.Sqrt(variance) : variance);
    }

    private static NpArray Running(Vm vm, NpArray array, BinaryOp op)
    {
        vm.AllocateItems(array.Size);
        if (array.Kind == 'f')
        {
            double[] reals = [.. array.Reals];
            for (var i = 1; i < reals.Length; i++)
            {
                reals[i] = NpMath.OfFloats(op, reals[i - 1], reals[i]);
            }

            return NpArray.Of(reals);
        }

        long[] wholes = [.. array.Wholes];
        for (var i = 1; i < wholes.Length; i++)
        {
            wholes[i] = NpMath.OfInts(op, wholes[i - 1], wholes[i]);
        }

        return NpArray.Of(wholes);
    }

    private static object ToList(NpArray array) => array.Shape.Length switch
    {
        0 => array.At(0),
        1 => new PyList([.. Enumerable.Range(0, array.Size).Select(array.At)]),
        _ => new PyList([.. Enumerable.Range(0, array.Shape[0]).Select(i => new PyList(
            [.. Enumerable.Range(i * array.Shape[1], array.Shape[1]).Select(array.At)]))]),
    };
}
