using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Reft.Numerics.Kernels;

/// <summary>
/// A weight matrix W [N, K] in the order in which <see cref="Gemm"/> reads it: panels of 48 outputs, k by k.
/// </summary>
internal sealed unsafe class PackedWeight : IDisposable
{
    /// <summary>Outputs in a panel.</summary>
    public const int PanelWidth = 48;

    private void* _data;

    private PackedWeight(int outputs, int depth, bool isBrainFloat)
    {
        Outputs = outputs;
        Depth = depth;
        IsBrainFloat = isBrainFloat;
        Panels = (outputs + PanelWidth - 1) / PanelWidth;
        var size = (nuint)Panels * PanelWidth * (nuint)depth * (isBrainFloat ? 2u : 4u);
        _data = NativeMemory.AlignedAlloc(size, 64);
        NativeMemory.Clear(_data, size);
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
        for (var n = 0; n < Outputs; n++)
        {
            var source = weight + (n * outputStride);
            var place = target + ((long)(n / PanelWidth) * PanelWidth * Depth) + (n % PanelWidth);
            for (var k = 0; k < Depth; k++)
            {
                place[(long)k * PanelWidth] = source[k * depthStride];
            }
        }
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
    }
}
