using Reft.Python.Runtime;

namespace Reft.Python.Library.NumPy;

/// <summary>An array of NumPy of one or two dimensions, of ints, floats or bools. It owns its numbers: there are no views.</summary>
internal sealed class NpArray(char kind, int[] shape, double[] reals, long[] wholes) : PyObject
{
    private static readonly PyType ArrayType = new("numpy.ndarray", null, NpMethods.OfArray);

    public override PyType Type => ArrayType;

    /// <summary>'i' for int64, 'f' for float64, 'b' for bool.</summary>
    public char Kind => kind;

    public int[] Shape => shape;

    /// <summary>The numbers row by row, where they are floats.</summary>
    public double[] Reals => reals;

    /// <summary>The numbers row by row, where they are ints or bools.</summary>
    public long[] Wholes => wholes;

    public int Size => kind == 'f' ? reals.Length : wholes.Length;

    /// <summary>Another array may hold the same numbers in NumPy: a slice is a view. Such a one must not be changed here.</summary>
    public bool IsShared { get; set; }

    public static NpArray Of(double[] values, params int[] shape) => new('f', shape.Length == 0 ? [values.Length] : shape, values, []);

    public static NpArray Of(long[] values, params int[] shape) => new('i', shape.Length == 0 ? [values.Length] : shape, [], values);

    public static NpArray OfBools(long[] values, params int[] shape) => new('b', shape.Length == 0 ? [values.Length] : shape, [], values);

    public object At(int index) => kind switch
    {
        'f' => reals[index],
        'i' => Ints.Box(wholes[index]),
        _ => Bools.Of(wholes[index] != 0),
    };

    public NpScalar Scalar(int index) => kind switch
    {
        'f' => NpScalar.Of(reals[index]),
        'i' => NpScalar.Of(wholes[index]),
        _ => NpScalar.Of(wholes[index] != 0),
    };

    public double RealAt(int index) => kind == 'f' ? reals[index] : wholes[index];

    public double[] ToReals() => kind == 'f' ? reals : Array.ConvertAll(wholes, w => (double)w);

    /// <summary>The kind of a <c>dtype</c> argument.</summary>
    public static char KindOf(object type) => type switch
    {
        PyType t when t == Types.Int || t == NpScalar.Int64 => 'i',
        PyType t when t == Types.Float || t == NpScalar.Float64 => 'f',
        PyType t when t == Types.Bool || t == NpScalar.Boolean => 'b',
        "int" or "int64" => 'i',
        "float" or "float64" => 'f',
        "bool" => 'b',
        _ => throw new UnsupportedException("this dtype of NumPy"),
    };

    public NpArray As(char wanted)
    {
        if (wanted == kind)
        {
            return new NpArray(kind, shape, [.. reals], [.. wholes]);
        }

        return wanted switch
        {
            'f' => new NpArray('f', shape, ToReals(), []),
            'i' => new NpArray('i', shape, [], kind == 'f' ? Array.ConvertAll(reals, Truncate) : [.. wholes]),
            _ => new NpArray('b', shape, [], kind == 'f' ? Array.ConvertAll(reals, r => r != 0 ? 1L : 0) : Array.ConvertAll(wholes, w => w != 0 ? 1L : 0)),
        };
    }

    /// <summary>An array of nested lists of numbers, or of one number.</summary>
    public static NpArray From(Vm vm, object value, char? wanted = null)
    {
        if (value is NpArray array)
        {
            return array.As(wanted ?? array.Kind);
        }

        var items = new List<object>();
        var sizes = new List<int>();
        Gather(vm, value, 0, items, sizes);
        vm.AllocateItems(items.Count * 2L);
        var own = items.Exists(i => i is double) || items.Count == 0 ? 'f' : items.Exists(i => i is long) ? 'i' : 'b';
        int[] dimensions = [.. sizes];
        var made = own == 'f'
            ? new NpArray('f', dimensions, [.. items.Select(NpMath.Real)], [])
            : new NpArray(own, dimensions, [], [.. items.Select(NpMath.Whole)]);
        return wanted is { } kind && kind != own ? made.As(kind) : made;
    }

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        if (other is not NpArray and not PyList and not PyTuple && NpScalar.Plain(other) is null)
        {
            throw new UnsupportedException($"an array of NumPy with a {Types.Of(other).Name}");
        }

        var second = From(vm, other);
        var (a, b) = reflected ? (second, this) : (this, second);
        if (op == BinaryOp.MatrixMultiply)
        {
            return NpLinear.Dot(vm, a, b);
        }

        return a.Kind == 'f' || b.Kind == 'f' || op == BinaryOp.Divide
            ? Broadcast(vm, a, b, (x, y) => NpMath.OfFloats(op, x, y))
            : a.Kind == 'b' && b.Kind == 'b'
                ? op is BinaryOp.And or BinaryOp.Or or BinaryOp.Xor
                    ? Broadcast(vm, a, b, 'b', (x, y) => NpMath.OfInts(op, x, y))
                    : throw new UnsupportedException("arithmetic of arrays of bools")
                : Broadcast(vm, a, b, 'i', (x, y) => NpMath.OfInts(op, x, y));
    }

    public override object? InPlace(Vm vm, BinaryOp op, object other) => IsShared
        ? throw new UnsupportedException("a change of an array that others may see")
        : Binary(vm, op, other, false) is NpArray result && result.Kind == kind && result.Shape.SequenceEqual(shape)
            ? Replaced(result)
            : throw new UnsupportedException("a change of an array into another kind or shape");

    public override object? Unary(Vm vm, UnaryOp op) => op switch
    {
        UnaryOp.Negate when kind == 'f' => Of(Array.ConvertAll(reals, r => -r), shape),
        UnaryOp.Negate when kind == 'i' => Of(Array.ConvertAll(wholes, w => -w), shape),
        UnaryOp.Invert when kind == 'b' => OfBools(Array.ConvertAll(wholes, w => 1 - w), shape),
        UnaryOp.Plus => this,
        _ => throw new UnsupportedException("this operator of NumPy"),
    };

    public override object Abs(Vm vm) => kind == 'f' ? Of(Array.ConvertAll(reals, Math.Abs), shape) : Of(Array.ConvertAll(wholes, Math.Abs), shape);

    public override object? Round(Vm vm, long? digits) => kind == 'f'
        ? Of(Array.ConvertAll(reals, r => NpMath.Round(r, digits ?? 0)), shape)
        : this;

    public override object? RichCompare(Vm vm, CompareOp op, object other)
    {
        if (other is not NpArray and not PyList && NpScalar.Plain(other) is null)
        {
            throw new UnsupportedException("comparison of an array of NumPy with this");
        }

        var second = From(vm, other);
        return new NpArray('b', BroadcastShape(this, second), [], Array.ConvertAll(
            Broadcast(vm, this, second, (x, y) => op switch
            {
                CompareOp.Less => x < y,
                CompareOp.LessEqual => x <= y,
                CompareOp.Greater => x > y,
                CompareOp.GreaterEqual => x >= y,
                CompareOp.Equal => x == y,
                _ => x != y,
            } ? 1 : 0).Reals,
            r => (long)r));
    }

    public override bool? EqualTo(Vm vm, object other) => throw new UnsupportedException("truth of a comparison of arrays");

    public override long Hash(Vm vm) => throw Err.Type("unhashable type: 'numpy.ndarray'");

    public override bool Truth(Vm vm) => Size == 1
        ? Ops.Truth(vm, At(0))
        : throw (Size == 0
            ? new UnsupportedException("truth of an empty array")
            : Err.Value("The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()"));

    public override long Length(Vm vm) => shape.Length == 0 ? throw Err.Type("len() of unsized object") : shape[0];

    public override PyIterator Iterate(Vm vm)
    {
        vm.AllocateItems(Size);
        return new ArrayIterator([.. Enumerable.Range(0, shape.Length == 0 ? throw Err.Type("iteration over a 0-d array") : shape[0])
            .Select(i => Row(i))]);
    }

    public override bool? Contains(Vm vm, object item) => NpScalar.Plain(item) is { } number
        ? Enumerable.Range(0, Size).Any(i => RealAt(i) == NpMath.Real(number))
        : throw new UnsupportedException("this in an array of NumPy");

    public override object GetItem(Vm vm, object key)
    {
        switch (key)
        {
            case NpArray { Kind: 'b' } mask when mask.Shape.SequenceEqual(shape):
                return Pick([.. Enumerable.Range(0, Size).Where(i => mask.Wholes[i] != 0)], null);
            case NpArray { Kind: 'i' } at when shape.Length == 1:
                return Pick(Array.ConvertAll(at.Wholes, w => Index(w, shape[0])), at.Shape);
            case PyList list when shape.Length == 1 && list.Items.TrueForAll(i => i is long):
                return Pick([.. list.Items.Select(i => Index((long)i, shape[0]))], null);
            case PyTuple { Items: [var row, var column] } when shape.Length == 2:
                var rows = Positions(vm, row, shape[0]);
                var columns = Positions(vm, column, shape[1]);
                var picked = rows.At.SelectMany(i => columns.At.Select(j => (i * shape[1]) + j)).ToArray();
                return rows.IsOne && columns.IsOne ? Scalar(picked[0])
                    : Shared(Pick(picked, rows.IsOne || columns.IsOne ? [picked.Length] : [rows.At.Length, columns.At.Length]));
            case PySlice when shape.Length > 0:
                var (some, _) = Positions(vm, key, shape[0]);
                return shape.Length == 1
                    ? Shared(Pick(some, null))
                    : Shared(Pick([.. some.SelectMany(i => Enumerable.Range(i * shape[1], shape[1]))], [some.Length, shape[1]]));
        }

        return Ops.ToIndex(vm, key) is long index && shape.Length > 0
            ? Row(Index(index, shape[0]))
            : throw new UnsupportedException("this index of an array");
    }

    public override void SetItem(Vm vm, object key, object value)
    {
        if (IsShared)
        {
            throw new UnsupportedException("a change of an array that others may see");
        }

        var at = (key, shape.Length) switch
        {
            (PyTuple { Items: [var row, var column] }, 2) when Ops.ToIndex(vm, row) is long i && Ops.ToIndex(vm, column) is long j =>
                (Index(i, shape[0]) * shape[1]) + Index(j, shape[1]),
            (_, 1) when Ops.ToIndex(vm, key) is long i => Index(i, shape[0]),
            _ => throw new UnsupportedException("this index of an array that is changed"),
        };
        var number = NpScalar.Plain(value) ?? throw new UnsupportedException("this value in an array of NumPy");
        if (kind == 'f')
        {
            reals[at] = NpMath.Real(number);
        }
        else
        {
            wholes[at] = kind == 'i'
                ? number is double real ? Truncate(real) : NpMath.Whole(number)
                : Ops.Truth(vm, number) ? 1 : 0;
        }
    }

    public override double? ToFloat(Vm vm) => Size == 1 ? RealAt(0) : throw Err.Type("only size-1 arrays can be converted to Python scalars");

    public override object? ToInt(Vm vm) => Size == 1
        ? kind == 'f' ? Floats.ToIntOrRaise(reals[0]) : Ints.Box(wholes[0])
        : throw Err.Type("only size-1 arrays can be converted to Python scalars");

    public override string Repr(Vm vm) => throw new UnsupportedException("text of an array of NumPy");

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "shape" => new PyTuple([.. shape.Select(s => Ints.Box(s))]),
        "size" => Ints.Box(Size),
        "ndim" => Ints.Box(shape.Length),
        "T" => Shared(Transposed()),
        _ => Types.BindMethod(this, name) ?? throw new UnsupportedException($"NumPy array's {name}"),
    };

    public NpArray Transposed() => shape.Length < 2 ? this : Pick(
        [.. Enumerable.Range(0, Size).Select(k => (k % shape[0] * shape[1]) + (k / shape[0]))], [shape[1], shape[0]]);

    /// <summary>The numbers at some places, in another shape; null makes a row of them.</summary>
    public NpArray Pick(int[] at, int[]? into) => kind == 'f'
        ? new NpArray(kind, into ?? [at.Length], Array.ConvertAll(at, i => reals[i]), [])
        : new NpArray(kind, into ?? [at.Length], [], Array.ConvertAll(at, i => wholes[i]));

    /// <summary>A number of a row, or a row of a table.</summary>
    public PyObject Row(int index) => shape.Length == 1
        ? Scalar(index)
        : Shared(Pick([.. Enumerable.Range(index * shape[1], shape[1])], null));

    public static NpArray Broadcast(Vm vm, NpArray a, NpArray b, Func<double, double, double> each)
    {
        var shape = BroadcastShape(a, b);
        var result = new double[Count(vm, shape)];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = each(a.RealAt(Source(a, shape, i)), b.RealAt(Source(b, shape, i)));
        }

        return new NpArray('f', shape, result, []);
    }

    private static NpArray Broadcast(Vm vm, NpArray a, NpArray b, char kind, Func<long, long, long> each)
    {
        var shape = BroadcastShape(a, b);
        var result = new long[Count(vm, shape)];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = each(a.Wholes[Source(a, shape, i)], b.Wholes[Source(b, shape, i)]);
        }

        return new NpArray(kind, shape, [], result);
    }

    private static int[] BroadcastShape(NpArray a, NpArray b)
    {
        var rank = Math.Max(a.Shape.Length, b.Shape.Length);
        var shape = new int[rank];
        for (var i = 1; i <= rank; i++)
        {
            var (x, y) = (i <= a.Shape.Length ? a.Shape[^i] : 1, i <= b.Shape.Length ? b.Shape[^i] : 1);
            shape[^i] = x == y || y == 1 ? x : x == 1 ? y : throw Err.Value("operands could not be broadcast together with shapes");
        }

        return shape;
    }

    private static int Source(NpArray array, int[] shape, int index)
    {
        var own = array.Shape;
        return own.Length == 0 || array.Size == 1 ? 0
            : own.Length == 1 ? (own[0] == 1 ? 0 : index % shape[^1])
            : ((own[0] == 1 ? 0 : index / shape[1]) * own[1]) + (own[1] == 1 ? 0 : index % shape[1]);
    }

    private static int Count(Vm vm, int[] shape)
    {
        var count = shape.Aggregate(1L, (n, s) => n * s);
        vm.AllocateItems(count);
        vm.Charge(count);
        return (int)count;
    }

    private static (int[] At, bool IsOne) Positions(Vm vm, object key, int length)
    {
        if (key is PySlice slice)
        {
            var (start, step, count) = slice.Resolve(vm, length);
            return ([.. Enumerable.Range(0, (int)count).Select(i => (int)(start + (i * step)))], false);
        }

        return Ops.ToIndex(vm, key) is long index ? ([Index(index, length)], true) : throw new UnsupportedException("this index of an array");
    }

    private static int Index(long at, int length) => at >= -length && at < length
        ? (int)(at < 0 ? at + length : at)
        : throw Err.Index(FormattableString.Invariant($"index {at} is out of bounds for axis 0 with size {length}"));

    private static long Truncate(double value) => Math.Abs(value) < 9.2e18 ? (long)value : throw new UnsupportedException("integers of NumPy beyond 64 bits");

    private NpArray Replaced(NpArray by)
    {
        by.Reals.CopyTo(reals, 0);
        by.Wholes.CopyTo(wholes, 0);
        return this;
    }

    private NpArray Shared(NpArray view)
    {
        // A change of either would show in the other.
        IsShared = view.IsShared = true;
        return view;
    }

    private static void Gather(Vm vm, object value, int depth, List<object> items, List<int> sizes)
    {
        vm.Tick();
        if (value is NpArray array)
        {
            value = new PyList([.. Enumerable.Range(0, array.Shape.Length == 1 ? array.Size : throw new UnsupportedException("an array of tables"))
                .Select(array.At)]);
        }

        if (value is not (PyList or PyTuple or PyRange))
        {
            if (depth < sizes.Count)
            {
                throw new UnsupportedException("an array of rows of different lengths");
            }

            items.Add(NpScalar.Plain(value) ?? throw new UnsupportedException($"an array of NumPy of {Types.Of(value).Name}"));
            return;
        }

        if (depth >= 2)
        {
            throw new UnsupportedException("arrays of more than two dimensions");
        }

        var list = Ops.ToList(vm, value);
        if (depth == sizes.Count && items.Count == 0)
        {
            sizes.Add(list.Count);
        }
        else if (depth >= sizes.Count || sizes[depth] != list.Count)
        {
            throw new UnsupportedException("an array of rows of different lengths");
        }

        foreach (var item in list)
        {
            Gather(vm, item, depth + 1, items, sizes);
        }
    }
}
