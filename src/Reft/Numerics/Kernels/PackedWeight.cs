using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using static TorchSharp.torch;

namespace Reft.Numerics.Kernels;

/// <summary>
/// A weight matrix W [N, K] in the order in which <see cref="Gemm"/> reads it: panels of 48 outputs, k by k.
/// </summary>
internal sealed unsafe class PackedWeight : IDisposable
{
    /// <summary>Outputs in a panel.</summary>
    public const int PanelWidth = 48;

    private const int Stretch = 64;

    // Below this many elements waking the other threads costs more than it saves.
    private const long ParallelElements = 32_768;

    private void* _data;

    private PackedWeight(int outputs, int depth, bool isBrainFloat)
    {
        Outputs = outputs;
        Depth = depth;
        IsBrainFloat = isBrainFloat;
        Panels = (outputs + PanelWidth - 1) / PanelWidth;
        var size = (nuint)Panels * PanelWidth * (nuint)depth * (isBrainFloat ? 2u : 4u);
        _data = NativeMemory.AlignedAlloc(size, 64);
    }

    ~PackedWeight() => Free();

    /// <summary>N.</summary>
    public int Outputs { get; }

    /// <summary>K.</summary>
    public int Depth { get; }

    /// <summary>Whether the panels hold bfloat16, which is exact and halves the memory that a product reads.</summary>
    public bool IsBrainFloat { get; }

    /// <summary>How many panels there are; the last one is filled up with zeros.</summary>
    public int Panels { get; }

    /// <summary>Packs float32 weights.</summary>
    /// <param name="weight">The first element.</param>
    /// <param name="outputs">N.</param>
    /// <param name="depth">K.</param>
    /// <param name="outputStride">Elements from one output's weights to the next: K for [N, K], 1 for [K, N].</param>
    /// <param name="depthStride">Elements from one k to the next: 1 for [N, K], N for [K, N].</param>
    public static PackedWeight From(float* weight, int outputs, int depth, long outputStride, long depthStride)
    {
        var packed = new PackedWeight(outputs, depth, isBrainFloat: false);
        packed.Fill((float*)packed._data, weight, outputStride, depthStride);
        return packed;
    }

    /// <summary>Packs bfloat16 weights, given as their bits.</summary>
    public static PackedWeight From(ushort* weight, int outputs, int depth, long outputStride, long depthStride)
    {
        var packed = new PackedWeight(outputs, depth, isBrainFloat: true);
        packed.Fill((ushort*)packed._data, weight, outputStride, depthStride);
        return packed;
    }

    /// <summary>Packs weights of a tensor of float32 or bfloat16.</summary>
    /// <param name="weight">The tensor.</param>
    /// <param name="first">The place of the first element.</param>
    /// <param name="outputs">N.</param>
    /// <param name="depth">K.</param>
    /// <param name="outputStride">Elements from one output's weights to the next.</param>
    /// <param name="depthStride">Elements from one k to the next.</param>
    public static PackedWeight From(Tensor weight, long first, int outputs, int depth, long outputStride, long depthStride) =>
        weight.dtype == ScalarType.Float32
            ? From(TensorMemory.Pointer<float>(weight) + first, outputs, depth, outputStride, depthStride)
            : From(TensorMemory.Pointer<ushort>(weight) + first, outputs, depth, outputStride, depthStride);

    /// <summary>A panel [K, 48] of float32 weights.</summary>
    public float* SinglePanel(int index) => (float*)_data + ((long)index * PanelWidth * Depth);

    /// <summary>A panel [K, 48] of bfloat16 weights.</summary>
    public ushort* BrainPanel(int index) => (ushort*)_data + ((long)index * PanelWidth * Depth);

    /// <summary>Widens a panel of bfloat16 weights into the scratch memory, which pays when many rows use it.</summary>
    public float* WidenPanel(int index, float* scratch)
    {
        var source = BrainPanel(index);
        var count = (long)PanelWidth * Depth;
        for (long i = 0; i < count; i += 16)
        {
            Brain16.Load(source + i).Store(scratch + i);
        }

        return scratch;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Fill<T>(T* target, T* weight, long outputStride, long depthStride)
        where T : unmanaged
    {
        void Panel(int p) => FillPanel(
            target + ((long)p * PanelWidth * Depth), weight + (p * PanelWidth * outputStride),
            Math.Min(PanelWidth, Outputs - (p * PanelWidth)), Depth, outputStride, depthStride);

        if ((long)Outputs * Depth < ParallelElements)
        {
            for (var p = 0; p < Panels; p++)
            {
                Panel(p);
            }
        }
        else
        {
            CpuKernels.Workers.For(Panels, Panel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FillPanel<T>(T* target, T* source, int columns, int depth, long outputStride, long depthStride)
        where T : unmanaged
    {
        if (columns < PanelWidth)
        {
            new Span<T>(target, PanelWidth * depth).Clear();
        }

        if (outputStride == 1)
        {
            for (var k = 0; k < depth; k++)
            {
                new ReadOnlySpan<T>(source + (k * depthStride), columns).CopyTo(new Span<T>(target + ((long)k * PanelWidth), columns));
            }

            return;
        }

        // A stretch of k at a time, which stays in the cache while 48 outputs are laid side by side.
        for (var first = 0; first < depth; first += Stretch)
        {
            var last = Math.Min(depth, first + Stretch);
            for (var n = 0; n < columns; n++)
            {
                var row = source + (n * outputStride);
                for (var k = first; k < last; k++)
                {
                    target[((long)k * PanelWidth) + n] = row[k * depthStride];
                }
            }
        }
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
    }
}
