using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Numerics.Kernels;

/// <summary>
/// The kernels on tensors: contiguous float32 or bfloat16 tensors on the CPU, outside of gradients. Every row's
/// result is the same bits whatever rows it is computed with.
/// </summary>
internal static unsafe class CpuKernels
{
    // Below this many elements waking the other threads costs more than it saves.
    private const long ParallelElements = 32_768;

    private static readonly Lazy<Workers> Team = new(() => new Workers(Math.Max(1, get_num_threads())));

    /// <summary>The process's one team of kernel threads, as many as libtorch uses.</summary>
    public static Workers Workers => Team.Value;

    /// <summary>Whether the kernels can take this tensor here and now.</summary>
    public static bool Accept(Tensor tensor) =>
        !is_grad_enabled()
        && tensor.device_type == DeviceType.CPU
        && tensor.dtype is ScalarType.Float32 or ScalarType.BFloat16;

    /// <summary><c>x Wᵀ + b</c>.</summary>
    /// <param name="x">X [N, K].</param>
    /// <param name="weight">W [M, K], packed; of x's dtype.</param>
    /// <param name="bias">b [M], or null.</param>
    /// <param name="single">Whether the result is float32 rather than x's dtype.</param>
    /// <returns>Y [N, M].</returns>
    public static Tensor Linear(Tensor x, PackedWeight weight, Tensor? bias, bool single = false)
    {
        var rows = (int)x.shape[0];
        var y = empty(rows, weight.Outputs, dtype: single ? ScalarType.Float32 : x.dtype, device: x.device);
        if (x.dtype == ScalarType.Float32)
        {
            Gemm.Multiply<float, Single32, float, Single32>(
                Workers, TensorMemory.Pointer<float>(x), rows, weight, Optional<float>(bias), TensorMemory.Pointer<float>(y));
        }
        else if (single)
        {
            Gemm.Multiply<ushort, Brain16, float, Single32>(
                Workers, TensorMemory.Pointer<ushort>(x), rows, weight, Optional<ushort>(bias), TensorMemory.Pointer<float>(y));
        }
        else
        {
            Gemm.Multiply<ushort, Brain16, ushort, Brain16>(
                Workers, TensorMemory.Pointer<ushort>(x), rows, weight, Optional<ushort>(bias), TensorMemory.Pointer<ushort>(y));
        }

        return y;
    }

    /// <summary>RMS norm of every row of x [N, D], with weight [D].</summary>
    public static Tensor RmsNorm(Tensor x, Tensor weight, double epsilon)
    {
        var y = empty_like(x);
        var width = (int)x.shape[^1];
        var rows = x.numel() / width;
        if (x.dtype == ScalarType.Float32)
        {
            RmsNorm<float, Single32>(x, weight, y, rows, width, (float)epsilon);
        }
        else
        {
            RmsNorm<ushort, Brain16>(x, weight, y, rows, width, (float)epsilon);
        }

        return y;
    }

    /// <summary><c>x + y</c>, element by element; with gradients or elsewhere, libtorch's sum.</summary>
    public static Tensor Add(Tensor x, Tensor y)
    {
        if (!Accept(x))
        {
            return x.Plus(y);
        }

        var sum = empty_like(x);
        if (x.dtype == ScalarType.Float32)
        {
            Add<float, Single32>(x, y, sum);
        }
        else
        {
            Add<ushort, Brain16>(x, y, sum);
        }

        return sum;
    }

    /// <summary>Rows of a table [V, D]; with gradients or elsewhere, libtorch's selection.</summary>
    /// <param name="table">The table [V, D].</param>
    /// <param name="rows">Which rows [N].</param>
    /// <returns>The rows [N, D].</returns>
    public static Tensor Gather(Tensor table, long[] rows)
    {
        if (!Accept(table) || !table.is_contiguous())
        {
            using var indices = tensor(rows, device: table.device);
            return table.index_select(0, indices);
        }

        var width = table.shape[1] * table.element_size();
        var gathered = empty(rows.Length, table.shape[1], dtype: table.dtype);
        var source = TensorMemory.Pointer<byte>(table);
        var target = TensorMemory.Pointer<byte>(gathered);
        for (var n = 0L; n < rows.Length; n++)
        {
            Buffer.MemoryCopy(source + (rows[n] * width), target + (n * width), width, width);
        }

        return gathered;
    }

    /// <summary><c>silu(gate) · up</c>, element by element.</summary>
    public static Tensor SiluMultiply(Tensor gate, Tensor up)
    {
        var y = empty_like(gate);
        if (gate.dtype == ScalarType.Float32)
        {
            SiluMultiply<float, Single32>(gate, up, y);
        }
        else
        {
            SiluMultiply<ushort, Brain16>(gate, up, y);
        }

        return y;
    }

    /// <summary>Rotates heads.</summary>
    /// <param name="heads">Heads [N, H, head size].</param>
    /// <param name="turned">Gets the rotated heads; may be the heads themselves.</param>
    /// <param name="cosines">Table [positions, pairs] float32.</param>
    /// <param name="sines">Table [positions, pairs] float32.</param>
    /// <param name="positions">The position of every token [N].</param>
    /// <param name="interleaved">Whether a pair is two neighbours.</param>
    /// <param name="back">Whether to turn back.</param>
    public static void Rotate(
        Tensor heads, Tensor turned, Tensor cosines, Tensor sines, ReadOnlySpan<long> positions, bool interleaved, bool back)
    {
        if (heads.dtype == ScalarType.Float32)
        {
            Rotate<float, Single32>(heads, turned, cosines, sines, positions, interleaved, back);
        }
        else
        {
            Rotate<ushort, Brain16>(heads, turned, cosines, sines, positions, interleaved, back);
        }
    }

    private static T* Optional<T>(Tensor? tensor)
        where T : unmanaged => tensor is null ? null : TensorMemory.Pointer<T>(tensor);

    private static void RmsNorm<T, TElement>(Tensor x, Tensor weight, Tensor y, long rows, int width, float epsilon)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var source = TensorMemory.Pointer<T>(x);
        var scale = TensorMemory.Pointer<T>(weight);
        var target = TensorMemory.Pointer<T>(y);
        Split(rows, width, (first, last) =>
        {
            for (var r = first; r < last; r++)
            {
                RowKernels.RmsNorm<T, TElement>(source + (r * width), scale, target + (r * width), width, epsilon);
            }
        });
    }

    private static void Add<T, TElement>(Tensor x, Tensor y, Tensor sum)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var left = TensorMemory.Pointer<T>(x);
        var right = TensorMemory.Pointer<T>(y);
        var target = TensorMemory.Pointer<T>(sum);
        var width = x.shape[^1];
        Split(x.numel() / width, width, (first, last) => RowKernels.Add<T, TElement>(
            left + (first * width), right + (first * width), target + (first * width), (last - first) * width));
    }

    private static void SiluMultiply<T, TElement>(Tensor gate, Tensor up, Tensor y)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var g = TensorMemory.Pointer<T>(gate);
        var u = TensorMemory.Pointer<T>(up);
        var target = TensorMemory.Pointer<T>(y);
        var width = gate.shape[^1];
        // By whole rows, so that a row's vectors start at its first element whatever its neighbours.
        Split(gate.numel() / width, width, (first, last) =>
        {
            for (var r = first; r < last; r++)
            {
                RowKernels.SiluMultiply<T, TElement>(g + (r * width), u + (r * width), target + (r * width), width);
            }
        });
    }

    private static void Rotate<T, TElement>(
        Tensor heads, Tensor turned, Tensor cosines, Tensor sines, ReadOnlySpan<long> positions, bool interleaved, bool back)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var data = TensorMemory.Pointer<T>(heads);
        var target = TensorMemory.Pointer<T>(turned);
        var cosine = TensorMemory.Pointer<float>(cosines);
        var sine = TensorMemory.Pointer<float>(sines);
        var pairs = (int)cosines.shape[1];
        var count = (int)heads.shape[1];
        var size = (int)heads.shape[2];
        fixed (long* at = positions)
        {
            var places = at;
            Split(positions.Length, (long)count * size, (first, last) =>
            {
                for (var n = first; n < last; n++)
                {
                    for (var h = 0; h < count; h++)
                    {
                        var at = ((n * count) + h) * size;
                        RowKernels.Rotate<T, TElement>(
                            data + at, target + at, cosine + (places[n] * pairs), sine + (places[n] * pairs), pairs,
                            interleaved, back ? -1 : 1);
                        // What is not rotated stays as it is.
                        new ReadOnlySpan<T>(data + at + (2 * pairs), size - (2 * pairs))
                            .CopyTo(new Span<T>(target + at + (2 * pairs), size - (2 * pairs)));
                    }
                }
            });
        }
    }

    /// <summary>Shares rows out among the threads, or not where there are few elements.</summary>
    private static void Split(long rows, long width, Action<long, long> body)
    {
        if (rows * width < ParallelElements)
        {
            body(0, rows);
            return;
        }

        var parts = Math.Min(rows, Workers.Count);
        Workers.For((int)parts, part => body(rows * part / parts, rows * (part + 1) / parts));
    }
}
