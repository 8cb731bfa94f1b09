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
        using var frozen = no_grad();
        using var prepared = model.Decoder.Prepare();

        var logits = model.Decoder.Logits(model.Decoder.Hidden(new TokenBatch([SmallModels.Ids(2, 5), _ids]))).narrow(0, 5, _ids.Length);

        var plain = Plain(family, model.Decoder).Logits(_ids);
        var worst = plain.Select((row, t) => row.Select((l, v) => Math.Abs(l - logits[t][v].item<float>())).Max()).Max();
        Assert.InRange(worst, 0, 1e-4); // Logits are up to 30; a float32 has 24 bits, and two layers round.
        Assert.InRange(plain.Max(row => row.Max()), 2, 30); // Far enough from 0 that caps matter.
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Gradients_AreThePlainSlopes(string family)
    {
        using var model = Make(family);
        using var policy = new Policy(model.Decoder);
        policy.RequireGradients(true);
        using var scope = NewDisposeScope();
        using var prepared = policy.Prepare();
        var plain = Plain(family, model.Decoder);

        policy.Evaluate([new PolicySequence(_ids, 1)], PolicyQuestions.None).LogProbs.sum().backward();

        foreach (var parameter in policy.Parameters)
        {
            var gradient = parameter.Value.grad!.flatten().data<float>().ToArray(); // All are trained.
            var values = plain.Weights[parameter.Name];
            foreach (var at in new[] { Array.IndexOf(gradient, gradient.Max()), gradient.Length / 3 })
            {
                var slope = (Likelihood(values[at], at, 1e-5) - Likelihood(values[at], at, -1e-5)) / 2e-5;
                Assert.InRange(gradient[at], slope - Tolerance(slope), slope + Tolerance(slope));
            }

            double Likelihood(double value, int at, double step)
            {
                values[at] = value + step;
                var sum = plain.LogLikelihood(_ids);
                values[at] = value;
                return sum;
            }
        }

        // Sums of 20 tokens' gradients in float32, of size 10 to 1000 before they cancel.
        static double Tolerance(double slope) => 2e-3 + (1e-3 * Math.Abs(slope));
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
