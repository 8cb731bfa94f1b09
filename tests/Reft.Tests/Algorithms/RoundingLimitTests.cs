using System.Globalization;
using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Models.Families;
using Reft.Numerics;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>The first ratio's limit lets two right implementations differ, and little more.</summary>
public sealed class RoundingLimitTests
{
    private const int Sequences = 24;
    private const int Length = 40;

    public static TheoryData<string, bool> Families() =>
        [.. ModelFamilies.All.Where(f => !f.Small.Contains("expert", StringComparison.Ordinal)) // Those have the CPU's kernels alone.
            .SelectMany(f => new[] { (f.ModelType, false), (f.ModelType, true) })];

    // The kernels and libtorch's operators round everywhere in their own way: as far apart as two right programs are.
    [Theory]
    [InlineData(1, 64, 300, 1)]
    [InlineData(4, 64, 300, 1)]
    [InlineData(16, 64, 300, 1)]
    [InlineData(4, 256, 300, 1)]
    [InlineData(4, 64, 3000, 1)]
    [InlineData(4, 64, 300, 0.25)]
    [InlineData(4, 64, 300, 2)]
    [InlineData(4, 64, 3000, 0.02)]
    public void Of_TwoImplementations_AreWithinIt_AndNotFarWithin(int layers, int width, int vocabulary, double head)
    {
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            var config = string.Create(CultureInfo.InvariantCulture, $$"""
                {
                  "model_type": "llama", "vocab_size": {{vocabulary}}, "hidden_size": {{width}}, "num_hidden_layers": {{layers}},
                  "num_attention_heads": {{width / 32}}, "intermediate_size": {{3 * width}}, "max_position_embeddings": 64, "rms_norm_eps": 1e-5,
                  "tie_word_embeddings": false, "eos_token_id": 0, "initializer_range": {{1 / Math.Sqrt(width)}}
                }
                """);
            var (apart, limit) = Apart(config, dtype, head);
            Assert.InRange(apart, limit / 5, limit / 1.4);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Of_EveryFamily_TwoImplementationsAreWithinIt(string family, bool isBrain)
    {
        var config = $$"""{ "model_type": "{{family}}", "vocab_size": 300, "eos_token_id": 0, {{ModelFamilies.Find(family)!.Small}} }""";
        var (apart, limit) = Apart(config, isBrain ? ScalarType.BFloat16 : ScalarType.Float32, head: 1);
        Assert.InRange(apart, 0, limit);
    }

    [Fact]
    public void Of_TwiceTheHead_OrHalfTheTemperature_IsTwiceAsMuch_FourTimesTheLayersAlso()
    {
        using var model = TinyModels.Llama(50, layers: 1);
        using var deep = TinyModels.Llama(50, layers: 4);
        var once = RoundingLimit.Of(model.Decoder);
        using var cool = new Policy(model.Decoder) { Temperature = 0.5 };
        Assert.Equal(2 * once, RoundingLimit.Of(cool), 1e-12);
        var digits = 2 * 2 * Math.Pow(2, -24) * Math.Log(50); // The logarithm's own, which stay.
        once -= digits;
        using (no_grad())
        {
            Head(deep.Decoder).copy_(Head(model.Decoder));
            Assert.Equal(2 * once, RoundingLimit.Of(deep.Decoder) - digits, 1e-12);
            Head(model.Decoder).mul_(2f);
        }

        Assert.Equal(2 * once, RoundingLimit.Of(model.Decoder) - digits, 1e-12);
    }

    // Rows a of one sign: the logit of noise n is a Σ ± n, whose spread over random rows is a √width.
    [Fact]
    public void Of_HeadOfSigns_IsByHand()
    {
        const int Vocabulary = 4000;
        using var model = TinyModels.Llama(Vocabulary, width: 32);
        using (no_grad())
        {
            Head(model.Decoder).sign_().mul_(0.25f);
        }

        var byHand = 2 * Math.Pow(2, -24) * ((29 * 0.25 * Math.Sqrt(32)) + (2 * Math.Log(Vocabulary)));
        Assert.InRange(RoundingLimit.Of(model.Decoder), 0.95 * byHand, 1.05 * byHand);
    }

    // What the check is there to find is beyond it.
    [Theory]
    [InlineData(ScalarType.Float32, 0.999)]
    [InlineData(ScalarType.BFloat16, 0.8)]
    public void Of_AnotherTemperature_IsBeyondIt(ScalarType dtype, double temperature)
    {
        using var model = TinyModels.Llama(300, width: 64, dtype: dtype);
        using (no_grad())
        {
            Head(model.Decoder).mul_(20f);
        }

        using var plain = new Policy(model.Decoder);
        using var other = new Policy(model.Decoder) { Temperature = temperature };
        Assert.InRange(Percentile99(Says(plain), Says(other)), RoundingLimit.Of(plain), double.PositiveInfinity);
    }

    private static (double Apart, double Limit) Apart(string config, ScalarType dtype, double head)
    {
        using var kernels = Make(ComputeDevice.Cpu);
        using var library = Make(ComputeDevice.LibraryCpu);
        using var one = new Policy(kernels.Decoder);
        using var two = new Policy(library.Decoder);
        return (Percentile99(Says(one), Says(two)), RoundingLimit.Of(one));

        PretrainedModel Make(ComputeDevice device)
        {
            var model = PretrainedModel.Initialize(config, dtype, device, seed: 1);
            using var frozen = no_grad();
            Head(model.Decoder).mul_((float)head);
            return model;
        }
    }

    private static Tensor Head(Decoder decoder) =>
        (decoder.Parameters.FirstOrDefault(p => decoder.IsOfHead(p.Name)) ?? decoder.Parameters[0]).Value;

    /// <summary>All log-probabilities in every state of random sequences [M, V].</summary>
    private static Tensor Says(Policy policy)
    {
        using var frozen = no_grad();
        var vocabulary = policy.Decoder.Config.VocabularySize;
        PolicySequence[] sequences = [.. Enumerable.Range(0, Sequences).Select(i => new PolicySequence(
            [.. Enumerable.Range(0, Length).Select(t => (int)(CounterRandom.Hash((ulong)i, (ulong)t) % (ulong)vocabulary))], PromptLength: 1))];
        var outputs = policy.Evaluate(sequences, PolicyQuestions.Distribution);
        outputs.LogProbs.Dispose();
        return outputs.Distribution!; // It was asked for.
    }

    /// <summary>The 99th percentile of |ρ - 1| over tokens that the first distributions draw.</summary>
    private static double Percentile99(Tensor drawn, Tensor scored)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7);
        var tokens = drawn.exp().multinomial(1, generator: generator);
        var far = (scored.gather(1, tokens) - drawn.gather(1, tokens)).expm1().abs().flatten().sort().Values;
        var value = far[(long)(0.99 * far.numel())].item<float>();
        drawn.Dispose();
        scored.Dispose();
        return value;
    }
}
