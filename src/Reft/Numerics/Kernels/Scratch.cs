using System.Runtime.InteropServices;

namespace Reft.Numerics.Kernels;

/// <summary>Native memory that grows to the largest size asked for, aligned to a cache line.</summary>
internal sealed unsafe class Scratch : IDisposable
{
    private float* _data;
    private long _floats;

    ~Scratch() => Free();

    /// <summary>Memory for at least so many floats; what an earlier call gave is no longer valid.</summary>
    public float* Take(long floats)
    {
        if (floats > _floats)
        {
            Free();
            _data = (float*)NativeMemory.AlignedAlloc((nuint)floats * 4, 64);
            _floats = floats;
        }

        return _data;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
        _floats = 0;
    }
}
