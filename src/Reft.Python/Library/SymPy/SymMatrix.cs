using Reft.Python.Runtime;

namespace Reft.Python.Library.SymPy;

/// <summary>A matrix of sympy, with exact elimination.</summary>
internal sealed class SymMatrix(int rows, int columns, SymExpr[] items) : PyObject
{
    private const int MostItems = 2500;

    private static readonly PyType MatrixType = new("sympy Matrix");

    public override PyType Type => MatrixType;

    private SymExpr this[int i, int j] => items[(i * columns) + j];

    public static SymMatrix Make(Vm vm, Args args)
    {
        if (args.Count == 3 && args[2] is PyList or PyTuple)
        {
            var (height, width) = ((int)Ops.ToLong(vm, args[0]), (int)Ops.ToLong(vm, args[1]));
            var flat = Ops.ToList(vm, args[2]).ConvertAll(i => Entry(vm, i));
            return flat.Count == height * width && height >= 0
                ? new SymMatrix(height, width, [.. flat])
                : throw Err.Value("List length should be equal to rows*columns");
        }

        if (args.Count != 1 || args[0] is not (PyList or PyTuple))
        {
            return args.Count == 1 && args[0] is SymMatrix same ? same : throw new UnsupportedException("Matrix of these arguments");
        }

        var lines = Ops.ToList(vm, args[0]);
        if (lines.TrueForAll(l => l is not (PyList or PyTuple or SymMatrix)))
        {
            return new SymMatrix(lines.Count, lines.Count == 0 ? 0 : 1, [.. lines.Select(l => Entry(vm, l))]);
        }

        var table = lines.ConvertAll(l => l is PyList or PyTuple ? Ops.ToList(vm, l) : throw new UnsupportedException("Matrix of matrices"));
        var most = table.Max(l => l.Count);
        if (table.Exists(l => l.Count != most))
        {
            throw Err.Value("mismatched dimensions");
        }

        return (long)most * table.Count > MostItems
            ? throw new UnsupportedException("large matrices of sympy")
            : new SymMatrix(table.Count, most, [.. table.SelectMany(l => l).Select(i => Entry(vm, i))]);
    }

    public static SymMatrix Identity(int size) => size is < 0 or > 50
        ? throw new UnsupportedException("large matrices of sympy")
        : new SymMatrix(size, size, [.. Enumerable.Range(0, size * size).Select(i => i % (size + 1) == 0 ? SymNumber.One : SymNumber.Zero)]);

    public static SymMatrix Filled(int rows, int columns, SymExpr value) => rows is < 0 or > 50 || columns is < 0 or > 50
        ? throw new UnsupportedException("large matrices of sympy")
        : new SymMatrix(rows, columns, [.. Enumerable.Repeat(value, rows * columns)]);

    public override object? Binary(Vm vm, BinaryOp op, object other, bool reflected)
    {
        vm.Charge(items.Length * 4);
        if (other is SymMatrix second)
        {
            var (a, b) = reflected ? (second, this) : (this, second);
            return op switch
            {
                BinaryOp.Add => a.Each(vm, b, (x, y) => SymOps.Add(vm, x, y)),
                BinaryOp.Subtract => a.Each(vm, b, (x, y) => SymOps.Subtract(vm, x, y)),
                BinaryOp.Multiply or BinaryOp.MatrixMultiply => a.Times(vm, b),
                _ => throw new UnsupportedException("this operator of matrices"),
            };
        }

        if (op == BinaryOp.Power && !reflected && Ops.ToIndex(vm, other) is long power && Math.Abs(power) <= 100 && rows == columns)
        {
            var @base = power < 0 ? Inverse(vm) : this;
            var result = Identity(rows);
            for (var i = 0; i < Math.Abs(power); i++)
            {
                result = result.Times(vm, @base);
            }

            return result;
        }

        if (SymExpr.Of(vm, other) is { } scalar && op == BinaryOp.Multiply)
        {
            return Map(i => SymOps.Multiply(vm, scalar, i));
        }

        return SymExpr.Of(vm, other) is { } divisor && op == BinaryOp.Divide && !reflected
            ? Map(i => SymOps.Divide(vm, i, divisor))
            : throw new UnsupportedException("this operator of matrices");
    }

    public override object? Unary(Vm vm, UnaryOp op) => op == UnaryOp.Negate ? Map(i => SymOps.Negate(vm, i)) : null;

    public override bool? EqualTo(Vm vm, object other) => other is SymMatrix matrix
        && rows == matrix.Height && columns == matrix.Width && items.Zip(matrix.Items).All(p => p.First.Key == p.Second.Key);

    public override long Length(Vm vm) => items.Length;

    public override PyIterator Iterate(Vm vm) => new ArrayIterator([.. items]);

    public override object GetItem(Vm vm, object key)
    {
        if (key is PyTuple { Items: [var row, var column] })
        {
            return Ops.ToIndex(vm, row) is long i && Ops.ToIndex(vm, column) is long j
                ? this[Index(i, rows), Index(j, columns)]
                : throw new UnsupportedException("slices of matrices");
        }

        return Ops.ToIndex(vm, key) is long at ? items[Index(at, items.Length)] : throw new UnsupportedException("slices of matrices");
    }

    public override void SetItem(Vm vm, object key, object value)
    {
        if (key is PyTuple { Items: [var row, var column] } && Ops.ToIndex(vm, row) is long i && Ops.ToIndex(vm, column) is long j)
        {
            items[(Index(i, rows) * columns) + Index(j, columns)] = Entry(vm, value);
            return;
        }

        throw new UnsupportedException("slices of matrices");
    }

    public override string Repr(Vm vm) => $"Matrix([{(columns == 0 || rows == 0 ? "" : "\n")}" + string.Join(
        ",\n", Enumerable.Range(0, rows).Select(i => "[" + string.Join(", ", Padded(vm, i)) + "]")) + "])";

    public override object? GetAttribute(Vm vm, string name) => name switch
    {
        "shape" => new PyTuple([Ints.Box(rows), Ints.Box(columns)]),
        "rows" => Ints.Box(rows),
        "cols" => Ints.Box(columns),
        "T" => Transposed(),
        "transpose" => new NativeFunction(name, 0, 0, (_, _) => Transposed()),
        "det" => new NativeFunction(name, 0, 0, (v, _) => Determinant(v)),
        "inv" => new NativeFunction(name, 0, 0, (v, _) => Inverse(v)),
        "rank" => new NativeFunction(name, 0, 0, (v, _) => Ints.Box(Eliminated(v, null).Pivots)),
        "trace" => new NativeFunction(name, 0, 0, (v, _) => rows != columns
            ? throw Err.Value("NonSquareMatrixError")
            : SymOps.Add(v, [.. Enumerable.Range(0, rows).Select(i => this[i, i])])),
        "tolist" => new NativeFunction(name, 0, 0, (_, _) => new PyList([.. Enumerable.Range(0, rows).Select(
            i => new PyList([.. Enumerable.Range(0, columns).Select(j => this[i, j])]))])),
        "LUsolve" or "solve" => new NativeFunction(name, 1, 1, (v, args) => args[0] is SymMatrix right
            ? Inverse(v).Times(v, right)
            : throw new UnsupportedException("solve with other than a matrix")),
        "dot" => new NativeFunction(name, 1, 1, (v, args) => args[0] is SymMatrix other && other.Items.Length == items.Length && Math.Min(rows, columns) == 1
            ? SymOps.Add(v, [.. items.Zip(other.Items).Select(p => SymOps.Multiply(v, p.First, p.Second))])
            : throw new UnsupportedException("dot of these matrices")),
        "norm" => new NativeFunction(name, 0, 0, (v, _) => SymOps.Sqrt(v, SymOps.Add(v, [.. items.Select(i => SymAssume.IsReal(v, i) == true
            ? SymOps.Power(v, i, SymNumber.Two)
            : throw new UnsupportedException("norm of a matrix with symbols"))]))),
        "subs" => new NativeFunction(name, 1, 2, (v, args) => Map(i => SymSubstitution.Apply(v, i, args))),
        _ => throw new UnsupportedException($"sympy Matrix's {name}"),
    };

    private int Height => rows;

    private int Width => columns;

    private SymExpr[] Items => items;

    private static SymExpr Entry(Vm vm, object value) => SymExpr.Of(vm, value) ?? throw new UnsupportedException($"a matrix of {Types.Of(value).Name}");

    private static int Index(long at, int count) => at >= -count && at < count
        ? (int)(at < 0 ? at + count : at)
        : throw Err.Index("Index out of range: a[" + at + "]");

    private SymMatrix Map(Func<SymExpr, SymExpr> each) => new(rows, columns, Array.ConvertAll(items, i => each(i)));

    private SymMatrix Each(Vm vm, SymMatrix other, Func<SymExpr, SymExpr, SymExpr> each) => rows == other.Height && columns == other.Width
        ? new SymMatrix(rows, columns, [.. items.Zip(other.Items, each)])
        : throw Err.Value("ShapeError: Matrix size mismatch");

    private SymMatrix Transposed() => new(columns, rows, [.. Enumerable.Range(0, items.Length).Select(k => this[k % Math.Max(rows, 1), k / Math.Max(rows, 1)])]);

    private SymMatrix Times(Vm vm, SymMatrix other)
    {
        if (columns != other.Height)
        {
            throw Err.Value($"ShapeError: Matrix size mismatch: ({rows}, {columns}) * ({other.Height}, {other.Width}).");
        }

        var result = new SymExpr[rows * other.Width];
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < other.Width; j++)
            {
                result[(i * other.Width) + j] = SymOps.Add(vm, [.. Enumerable.Range(0, columns).Select(k => SymOps.Multiply(vm, this[i, k], other[k, j]))]);
            }
        }

        return new SymMatrix(rows, other.Width, result);
    }

    private SymExpr Determinant(Vm vm)
    {
        if (rows != columns)
        {
            throw Err.Value("NonSquareMatrixError");
        }

        if (Array.TrueForAll(items, i => i is SymNumber))
        {
            return Eliminated(vm, null).Determinant;
        }

        if (rows > 4)
        {
            throw new UnsupportedException("determinant of a large matrix with symbols");
        }

        return SymExpand.Expand(vm, Laplace(vm, [.. Enumerable.Range(0, rows)], 0));
    }

    private SymExpr Laplace(Vm vm, int[] left, int row)
    {
        if (left.Length == 0)
        {
            return SymNumber.One;
        }

        return SymOps.Add(vm, [.. left.Select((column, at) => SymOps.Multiply(
            vm, SymNumber.Of(at % 2 == 0 ? 1 : -1), this[row, column], Laplace(vm, [.. left.Where(c => c != column)], row + 1)))]);
    }

    private SymMatrix Inverse(Vm vm)
    {
        if (rows != columns)
        {
            throw Err.Value("NonSquareMatrixError");
        }

        var (_, _, inverse, pivots) = Eliminated(vm, Identity(rows));
        return pivots < rows
            ? throw Err.Value("Matrix det == 0; not invertible.")
            : inverse!; // it was given the identity
    }

    private (SymMatrix Reduced, SymExpr Determinant, SymMatrix? Other, int Pivots) Eliminated(Vm vm, SymMatrix? other)
    {
        if (items.Any(i => !i.IsNumber || i.Has(e => e is SymFloat)))
        {
            throw new UnsupportedException("elimination in a matrix with symbols or floats");
        }

        var lines = Enumerable.Range(0, rows).Select(i => Enumerable.Range(0, columns).Select(j => this[i, j])
            .Concat(other is null ? [] : Enumerable.Range(0, other.Width).Select(j => other[i, j])).ToArray()).ToList();
        SymExpr determinant = SymNumber.One;
        var at = 0;
        for (var column = 0; column < columns && at < rows; column++)
        {
            var pivot = lines.FindIndex(at, l => !SymPolynomial.IsZero(vm, l[column]));
            if (pivot < 0)
            {
                determinant = SymNumber.Zero;
                continue;
            }

            if (pivot != at)
            {
                (lines[at], lines[pivot]) = (lines[pivot], lines[at]);
                determinant = SymOps.Negate(vm, determinant);
            }

            var by = lines[at][column];
            determinant = SymRadicals.Simplify(vm, SymOps.Multiply(vm, determinant, by));
            lines[at] = Array.ConvertAll(lines[at], v => SymRadicals.Simplify(vm, SymOps.Divide(vm, v, by)));
            for (var i = 0; i < rows; i++)
            {
                var factor = lines[i][column];
                if (i == at || factor.IsZero)
                {
                    continue;
                }

                for (var j = 0; j < lines[i].Length; j++)
                {
                    lines[i][j] = SymRadicals.Simplify(vm, SymOps.Subtract(vm, lines[i][j], SymOps.Multiply(vm, factor, lines[at][j])));
                }
            }

            at++;
        }

        SymMatrix Part(int from, int width) => new(rows, width, [.. lines.SelectMany(l => l.Skip(from).Take(width))]);
        return (Part(0, columns), at < rows ? SymNumber.Zero : determinant, other is null ? null : Part(columns, other.Width), at);
    }

    private IEnumerable<string> Padded(Vm vm, int row) => Enumerable.Range(0, columns).Select(j =>
    {
        var width = Enumerable.Range(0, rows).Max(i => SymPrinter.Write(vm, this[i, j], nested: true).Length);
        return SymPrinter.Write(vm, this[row, j], nested: true).PadLeft(width);
    });
}
