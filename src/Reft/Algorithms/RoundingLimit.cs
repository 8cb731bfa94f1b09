using Reft.Models;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Algorithms;

/// <summary>
/// How far rounding alone may take two evaluations of one model apart: what the ratio of a step's first update may differ by where sampler and
/// trainer sum in other orders, as on a GPU.
/// <para>
/// Every layer rounds a fixed number of times, so the state before the head is off by noise of relative size <c>u √L</c> (u: the dtype's unit
/// roundoff, L: layers; the roundings are independent, so their squares add up). The last norm and the head turn noise of size 1 into logits of a
/// spread s, and <c>log π(y) = z_y - log Σ exp z</c> moves by as much: <c>p99 |ρ - 1| = c u √L s / T</c> at the temperature T. s is measured on the
/// model, by the norm and the head; c was measured between the kernels and libtorch's operators on 1 to 32 layers, widths of 64 to 896 and
/// vocabularies of 300 to 5,000 (docs/log.md): 4.1 to 5.4 in bfloat16, 18 to 29 in float32, where a product's own sum weighs more; neither width
/// nor vocabulary changes it. The logarithm itself is a float32 of about ln V, which adds its last digits. The limit is twice all that.
/// </para>
/// </summary>
internal static class RoundingLimit
{
    private const double Safety = 2;
    private const double BrainRoundings = 5;
    private const double SingleRoundings = 29;
    private const double Logarithms = 2; // On either side.
    private const int Probes = 8;
    private const ulong Stream = 0x726f756e64; // Nobody else's.

    /// <summary>The unit roundoff of float32.</summary>
    private static readonly double _single = Math.ScaleB(1, -24);

    /// <summary>The unit roundoff of bfloat16.</summary>
    private static readonly double _brain = Math.ScaleB(1, -8);

    /// <summary>The limit of the 99th percentile of |ρ - 1|, above 0.</summary>
    /// <param name="policy">What is sampled and trained.</param>
    public static double Of(Policy policy) => Of(policy.Decoder) / policy.Temperature;

    /// <summary>The limit at a temperature of 1.</summary>
    public static double Of(Decoder decoder)
    {
        var layer = decoder.Dtype == ScalarType.BFloat16 ? BrainRoundings * _brain : SingleRoundings * _single;
        var logarithm = Logarithms * _single * Math.Log(decoder.Config.VocabularySize);
        return Safety * ((layer * Math.Sqrt(decoder.Config.Layers) * Spread(decoder)) + logarithm);
    }

    /// <summary>The standard deviation over the vocabulary of the logits that noise of size 1 before the last norm becomes.</summary>
    private static double Spread(Decoder decoder)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var width = decoder.Config.Width;
        var signs = Enumerable.Range(0, Probes * width).Select(i => CounterRandom.Hash(Stream, (ulong)i) % 2 == 0 ? 1f : -1f).ToArray();
        var noise = tensor(signs, [Probes, width], device: decoder.Device.Torch).to(decoder.Dtype);
        return decoder.Logits(decoder.LastNorm(noise)).std(1L).mean().item<float>();
    }
}
