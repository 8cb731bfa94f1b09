using Reft.Python.Runtime;

namespace Reft.Python.Library.NumPy;

/// <summary>Products, and linear equations by elimination with partial pivoting, as LAPACK's gesv has it.</summary>
internal static class NpLinear
{
    public static PyObject Dot(Vm vm, NpArray a, NpArray b)
    {
        if (a.Shape.Length == 0 || b.Shape.Length == 0)
        {
            throw new UnsupportedException("dot of numbers");
        }

        var (height, inner) = a.Shape.Length == 1 ? (1, a.Shape[0]) : (a.Shape[0], a.Shape[1]);
        var (other, width) = b.Shape.Length == 1 ? (b.Shape[0], 1) : (b.Shape[0], b.Shape[1]);
        if (inner != other)
        {
            throw Err.Value("shapes not aligned");
        }

        vm.Charge((long)height * inner * width);
        vm.AllocateItems((long)height * width);
        int[] shape = [.. a.Shape.SkipLast(1), .. b.Shape.Skip(1)];
        NpArray result;
        if (a.Kind == 'f' || b.Kind == 'f')
        {
            var reals = new double[height * width];
            for (var i = 0; i < reals.Length; i++)
            {
                var sum = 0.0;
                for (var k = 0; k < inner; k++)
                {
                    sum += a.RealAt((i / width * inner) + k) * b.RealAt((k * width) + (i % width));
                }

                reals[i] = sum;
            }

            result = new NpArray('f', shape, reals, []);
        }
        else
        {
            var wholes = new long[height * width];
            for (var i = 0; i < wholes.Length; i++)
            {
                for (var k = 0; k < inner; k++)
                {
                    var product = NpMath.OfInts(BinaryOp.Multiply, a.Wholes[(i / width * inner) + k], b.Wholes[(k * width) + (i % width)]);
                    wholes[i] = NpMath.OfInts(BinaryOp.Add, wholes[i], product);
                }
            }

            result = new NpArray('i', shape, [], wholes);
        }

        return shape.Length == 0 ? result.Scalar(0) : result;
    }

    public static NpArray Solve(Vm vm, NpArray a, NpArray b)
    {
        var n = Square(a);
        var width = b.Shape.Length == 1 ? 1 : b.Shape[1];
        if (b.Shape.Length == 0 || b.Shape[0] != n)
        {
            throw Err.Value("solve1: Input operand 1 has a mismatch in its core dimension 0");
        }

        vm.Charge((long)n * n * (n + width));
        double[] right = [.. b.ToReals()];
        var (lu, order, _) = Decompose(a, n);
        var result = new double[n * width];
        for (var column = 0; column < width; column++)
        {
            var y = new double[n];
            for (var i = 0; i < n; i++)
            {
                var sum = right[(order[i] * width) + column];
                for (var j = 0; j < i; j++)
                {
                    sum -= lu[i, j] * y[j];
                }

                y[i] = sum;
            }

            for (var i = n - 1; i >= 0; i--)
            {
                for (var j = i + 1; j < n; j++)
                {
                    y[i] -= lu[i, j] * y[j];
                }

                y[i] /= lu[i, i];
            }

            for (var i = 0; i < n; i++)
            {
                result[(i * width) + column] = y[i];
            }
        }

        return new NpArray('f', b.Shape, result, []);
    }

    public static NpArray Inverse(Vm vm, NpArray a)
    {
        var n = Square(a);
        var identity = new double[n * n];
        for (var i = 0; i < n; i++)
        {
            identity[(i * n) + i] = 1;
        }

        return Solve(vm, a, new NpArray('f', [n, n], identity, []));
    }

    public static double Determinant(Vm vm, NpArray a)
    {
        var n = Square(a);
        vm.Charge((long)n * n * n);
        double[,] lu;
        int sign;
        try
        {
            (lu, _, sign) = Decompose(a, n);
        }
        catch (PyError)
        {
            return 0;
        }

        // NumPy adds logarithms, and so do the last digits of its determinants.
        var logarithm = 0.0;
        for (var i = 0; i < n; i++)
        {
            sign = lu[i, i] < 0 ? -sign : sign;
            logarithm += Math.Log(Math.Abs(lu[i, i]));
        }

        return sign * Math.Exp(logarithm);
    }

    private static int Square(NpArray a) => a.Shape is [var n, var m] && n == m
        ? n
        : throw Singular("Last 2 dimensions of the array must be square");

    /// <summary>Lower and upper triangle in one table, the order of the rows, and the order's sign.</summary>
    private static (double[,] Factors, int[] Order, int Sign) Decompose(NpArray a, int n)
    {
        var lu = new double[n, n];
        for (var i = 0; i < n * n; i++)
        {
            lu[i / n, i % n] = a.RealAt(i);
        }

        var order = Enumerable.Range(0, n).ToArray();
        var sign = 1;
        for (var k = 0; k < n; k++)
        {
            var pivot = k;
            for (var i = k + 1; i < n; i++)
            {
                pivot = Math.Abs(lu[i, k]) > Math.Abs(lu[pivot, k]) ? i : pivot;
            }

            if (lu[pivot, k] == 0)
            {
                throw Singular("Singular matrix");
            }

            if (pivot != k)
            {
                sign = -sign;
                (order[k], order[pivot]) = (order[pivot], order[k]);
                for (var j = 0; j < n; j++)
                {
                    (lu[k, j], lu[pivot, j]) = (lu[pivot, j], lu[k, j]);
                }
            }

            // LAPACK multiplies by the pivot's inverse.
            var inverse = 1 / lu[k, k];
            for (var i = k + 1; i < n; i++)
            {
                lu[i, k] *= inverse;
                for (var j = k + 1; j < n; j++)
                {
                    lu[i, j] -= lu[i, k] * lu[k, j];
                }
            }
        }

        return (lu, order, sign);
    }

    private static PyError Singular(string message) => Err.Make(NumPyModule.LinAlgError, message);
}
