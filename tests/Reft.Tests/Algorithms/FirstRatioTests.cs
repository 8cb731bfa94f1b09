using Reft.Algorithms;
using Reft.Models;
using Reft.Tests.Training;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>A run stops where what is trained is not what was sampled.</summary>
public sealed class FirstRatioTests
{
    private const int Vocabulary = 11;
    private const int Rows = 20;
    private const int Tokens = 5;

    // A layer of width 16 and fresh weights: the limits are near 1e-6 and 3e-3 (RoundingLimitTests has what they stand for).
    [Theory]
    [InlineData(ScalarType.Float32, 0.0, true)]
    [InlineData(ScalarType.Float32, 1e-5, false)]
    [InlineData(ScalarType.BFloat16, 0.0, true)]
    [InlineData(ScalarType.BFloat16, 0.001, true)]
    [InlineData(ScalarType.BFloat16, 0.01, false)]
    public void Step_EveryLogProbOff_StopsBeyondTheLimitOfTheDtype(ScalarType dtype, double off, bool passes) =>
        Check(dtype, new PpoOptions(), off, tampered: Rows * Tokens, microBatchTokens: 2048, passes);

    [Theory]
    [InlineData(0.02, 0.01, true)]
    [InlineData(0.01, 0.02, false)]
    public void Step_LimitGiven_Holds(double limit, double off, bool passes) => Check(
        ScalarType.Float32, new PpoOptions { FirstRatioTolerance = limit }, off, Rows * Tokens, microBatchTokens: 2048,
        passes);

    // Of 100 tokens the 99th percentile is the 99th: one may be off, two may not, however the tokens are split.
    [Theory]
    [InlineData(1, 2048, true)]
    [InlineData(1, 14, true)]
    [InlineData(1, 1, true)]
    [InlineData(2, 2048, false)]
    [InlineData(2, 14, false)]
    [InlineData(2, 1, false)]
    public void Step_AnySplit_LooksAtTheWholeMiniBatch(int tampered, int microBatchTokens, bool passes) =>
        Check(ScalarType.Float32, new PpoOptions(), off: 1, tampered, microBatchTokens, passes);

    [Fact]
    public void Step_LogProbsThatAreNoNumbers_Stop() =>
        Check(ScalarType.Float32, new PpoOptions(), double.NaN, tampered: 3, microBatchTokens: 2048, passes: false);

    private static void Check(
        ScalarType dtype, PpoOptions options, double off, int tampered, int microBatchTokens, bool passes)
    {
        using var model = TinyModels.Llama(Vocabulary, width: 16, dtype: dtype);
        using var policy = new Policy(model.Decoder, new ValueHead(16, zero: true, seed: 1, CPU));
        policy.RequireGradients(true);
        var drawn = Episodes.Drawn(policy, [.. Enumerable.Range(0, Rows).Select(i =>
            Episodes.Make(i, Ids(i), prompt: 2) with { Reward = i % 2 })]);
        var left = tampered;
        var rollouts = drawn.Select(r => r with
        {
            LogProbs = [.. r.LogProbs.Select(p => left-- > 0 ? p - (float)Math.Log(1 + off) : p)],
        }).ToArray();
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions());
        var algorithm = Ppo.Create(options, sequences => PolicyEvaluation.LogProbs(policy, sequences, 4096));
        var trainer = new Trainer(
            policy, new FixedRollouts(rollouts), algorithm, optimizer, Episodes.Options(1e-4, microBatchTokens));
        var before = Episodes.Weights(policy);

        if (passes)
        {
            var metrics = trainer.Step(0);
            Assert.Equal(2, optimizer.Steps);
            // Sampling and training round in their own ways: the last digits of float32 and bfloat16.
            var rounding = dtype == ScalarType.Float32 ? 1e-5 : 0.05;
            Assert.InRange(metrics["ppo/first_ratio_p99"], 0, (tampered == 1 ? 0 : off) + rounding);
            return;
        }

        var alarm = Assert.Throws<AlarmException>(() => trainer.Step(0)).Alarm;
        Assert.True(alarm is { Id: "first-ratio", Stops: true } && alarm.Figure > alarm.Limit);
        Assert.Contains("over 100 tokens", alarm.Line, StringComparison.Ordinal);
        Assert.Contains("compare the sampler's dtype", alarm.Line, StringComparison.Ordinal);
        Assert.Equal(before, Episodes.Weights(policy));
    }

    private static int[] Ids(int row) =>
        [.. Enumerable.Range(0, Tokens + 2).Select(t => ((3 * row) + (t * t)) % Vocabulary)];
}
