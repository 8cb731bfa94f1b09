using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Numerics.Backends;

/// <summary>Attention over packed sequences in one call, with gradients: flash attention, on GPUs of capability 8.0 and up.</summary>
internal static class PackedAttention
{
    private const int LargestHead = 256;
    private const int HeadMultiple = 8;

    private static readonly Lazy<bool> _works = new(Try);

    /// <summary>Whether the operator takes these queries [N, H, size].</summary>
    public static bool Accept(Tensor queries, ScoreShape scores) =>
        scores.Cap is null && queries.device_type == DeviceType.CUDA && queries.dtype == ScalarType.BFloat16
        && queries.shape[^1] <= LargestHead && queries.shape[^1] % HeadMultiple == 0 && _works.Value;

    /// <summary>Attention inside every sequence: [N, H, size].</summary>
    public static Tensor Attend(Tensor queries, Tensor keys, Tensor values, ScoreShape scores, SequenceLayout layout) =>
        LibTorchScripts.CallOnGpu(
            "attend", queries, keys, values, layout.Bounds(queries.device), (long)layout.Longest, scores.Scale, Window(scores));

    /// <summary>Attention of one new token of every sequence to all that is cached: [B, H, size].</summary>
    /// <param name="queries">Queries [B, H, size].</param>
    /// <param name="keys">All slots' keys, end to end [slots · length, G, size].</param>
    /// <param name="values">All slots' values.</param>
    /// <param name="scores">What becomes of the scores.</param>
    /// <param name="starts">0 … B [B + 1], int32.</param>
    /// <param name="slots">Where each sequence's slot begins [B + 1], int32, ascending; last the end of all.</param>
    /// <param name="used">How many tokens of each slot are in use, the new one included [B], int32.</param>
    /// <param name="longest">The slots' length.</param>
    public static Tensor AttendCache(
        Tensor queries, Tensor keys, Tensor values, ScoreShape scores, Tensor starts, Tensor slots, Tensor used, int longest) =>
        LibTorchScripts.CallOnGpu(
            "attend_cache", queries, keys, values, starts, slots, used, (long)longest, scores.Scale, Window(scores));

    /// <summary>Tokens before the own one that are seen; -1 for all.</summary>
    private static long Window(ScoreShape scores) => scores.Window is { } window ? window - 1L : -1L;

    /// <summary>Asks the card itself: libtorch's operator refuses the older ones.</summary>
    private static bool Try()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        try
        {
            var x = zeros([2, 1, 16], dtype: ScalarType.BFloat16, device: new Device(DeviceType.CUDA, 0));
            LibTorchScripts.CallOnGpu("attend", x, x, x, new SequenceLayout([2]).Bounds(x.device), 2L, 1.0, -1L);
            return true;
        }
        catch (System.Runtime.InteropServices.ExternalException)
        {
            return false;
        }
    }
}
