namespace Reft.Models;

/// <summary>Which matrix products a model computes with on the CPU.</summary>
public enum ProductChoice
{
    /// <summary>Reft's own: the same bits whatever the batch, the threads and the width of the processor's vectors.</summary>
    Exact,

    /// <summary>
    /// libtorch's of bfloat16 where the processor has instructions for them that .NET cannot reach (Intel's AMX, AMD's
    /// <c>vdpbf16ps</c>): about twice as fast, but their last bits depend on the batch, the threads and the processor. Else as
    /// <see cref="Exact"/>.
    /// </summary>
    Fastest,
}
