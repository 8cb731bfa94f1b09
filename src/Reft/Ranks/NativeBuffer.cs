using System.Runtime.InteropServices;

namespace Reft.Ranks;

/// <summary>Native memory that grows and is kept: a transport that gets fresh pages with every message spends its time on their faults.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private byte* _start;
    private long _capacity;

    /// <summary>At least so many bytes, whose contents are those before only where nothing had to grow.</summary>
    public RankBuffer Of(long bytes)
    {
        if (bytes > _capacity)
        {
            NativeMemory.Free(_start);
            _capacity = Math.Max(bytes, 2 * _capacity);
            _start = (byte*)NativeMemory.Alloc((nuint)_capacity);
        }

        return new RankBuffer((nint)_start, bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_start);
        _start = null;
        _capacity = 0;
    }
}
