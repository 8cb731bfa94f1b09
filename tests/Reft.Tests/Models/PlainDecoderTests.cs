using Reft.Checkpoints;
using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

/// <summary>Families without golden files against <see cref="PlainDecoder"/>.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class PlainDecoderTests
{
    private static readonly int[] _ids = SmallModels.Ids(1, 21);

    public static TheoryData<string> Families => ["olmo2", "gemma", "gemma2"];

    [Theory]
    [MemberData(nameof(Families))]
    public void Logits_EqualThePlainOnes(string family)
    {
        using var model = Make(family);
        using var scope = NewDisposeScope();
        var plain = Plain(family, model.Decoder).Logits(_ids);

        var worst = PlainSlopes.Apart(model.Decoder, _ids, plain);

        Assert.InRange(worst, 0, 1e-4); // Logits are up to 30; a float32 has 24 bits, and two layers round.
        Assert.InRange(plain.Max(row => row.Max()), 2, 30); // Far enough from 0 that caps matter.
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Gradients_AreThePlainSlopes(string family)
    {
        using var model = Make(family);
        using var scope = NewDisposeScope();
        var plain = Plain(family, model.Decoder);

        PlainSlopes.AreTheGradients(
            model.Decoder, _ids, plain.Weights, () => plain.LogLikelihood(_ids), allTrained: true, 2e-3,
            gradient => [Array.IndexOf(gradient, gradient.Max()), gradient.Length / 3]);
    }

    [Fact]
    public void Gemma2_EveryQuirk_ChangesTheLogits()
    {
        using var model = Make("gemma2");
        var plain = Plain("gemma2", model.Decoder);
        var expected = plain.Logits(_ids)[^1];

        PlainDecoder[] others =
        [
            plain with { ScoreCap = null }, plain with { LogitCap = null }, plain with { EvenWindow = null },
            plain with { Scale = 1 / Math.Sqrt(32) },
        ];

        Assert.All(others, other => Assert.InRange(other.Logits(_ids)[^1].Zip(expected, (a, b) => Math.Abs(a - b)).Max(), 1e-2, double.MaxValue));
    }

    /// <summary>Weights so large that scores and logits come near their caps.</summary>
    private static PretrainedModel Make(string family) => SmallModels.Of(family, deviation: family == "olmo2" ? 0.15 : 0.3);

    /// <summary>The shapes of <see cref="Reft.Models.Families.ModelFamily.Small"/>, written out again.</summary>
    private static PlainDecoder Plain(string family, Decoder decoder) => new(PlainDecoder.WeightsOf(decoder))
    {
        Layers = 2,
        Width = 64,
        Heads = 4,
        KeyValueHeads = family == "gemma" ? 1 : 2,
        HeadSize = family == "olmo2" ? 16 : 32,
        FeedForward = 160,
        Vocabulary = SmallModels.Vocabulary,
        Epsilon = family == "olmo2" ? 1e-5 : 1e-6,
        IsOlmo2 = family == "olmo2",
        IsGemma = family != "olmo2",
        IsSandwich = family == "gemma2",
        Scale = family == "gemma2" ? 1 / Math.Sqrt(24) : family == "gemma" ? 1 / Math.Sqrt(32) : 1 / Math.Sqrt(16),
        ScoreCap = family == "gemma2" ? 50 : null,
        LogitCap = family == "gemma2" ? 30 : null,
        EvenWindow = family == "gemma2" ? 16 : null,
    };
}
