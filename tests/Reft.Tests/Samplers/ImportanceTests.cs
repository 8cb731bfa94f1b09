using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Preparations;
using Reft.Generation;
using Reft.Numerics;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Training;
using Reft.Training.Invariants;

namespace Reft.Tests.Samplers;

/// <summary>Truncated importance weights and the figures of the mismatch, worked out by hand and by brute force.</summary>
public sealed class ImportanceTests
{
    private static readonly float[] _policy = [Log(0.5), Log(0.2), Log(0.9)];
    private static readonly float[] _sampler = [Log(0.25), Log(0.4), Log(0.9)];

    [Fact]
    public void OfTokens_RatiosAreTruncatedOneByOne()
    {
        // 0.5 / 0.25 = 2, 0.2 / 0.4 = 0.5, 0.9 / 0.9 = 1.
        Near([1.5, 0.5, 1], ImportanceWeights.OfTokens(_policy, _sampler, 1.5));
        Near([2, 0.5, 1], ImportanceWeights.OfTokens(_policy, _sampler, 5));
        Near([0.25, 0.25, 0.25], ImportanceWeights.OfTokens(_policy, _sampler, 0.25));
    }

    [Fact]
    public void OfSequence_TheProductIsTruncatedOnce()
    {
        // 2 · 0.5 · 1 = 1: what tokens would lose by truncation makes no difference to their product.
        Near([1, 1, 1], ImportanceWeights.OfSequence(_policy, _sampler, 1.5));
        Near([0.8, 0.8, 0.8], ImportanceWeights.OfSequence(_policy, _sampler, 0.8));
        Near([2.5, 2.5], ImportanceWeights.OfSequence([Log(0.5), Log(0.5)], [Log(0.25), Log(0.4)], 10));
    }

    [Fact]
    public void Weights_EqualLogProbs_AreOneToTheBit()
    {
        Assert.Equal([1f, 1f, 1f], ImportanceWeights.OfTokens(_policy, [.. _policy], 2));
        Assert.Equal([1f, 1f, 1f], ImportanceWeights.OfSequence(_policy, [.. _policy], 2));
    }

    [Fact]
    public void OfTokens_Untruncated_MakesTheSamplersMeansThePolicys()
    {
        double[] policy = [0.6, 0.3, 0.1], sampler = [0.2, 0.3, 0.5], worth = [1, -2, 5];

        var weighed = Enumerable.Range(0, 3).Sum(y => sampler[y] * worth[y] * ImportanceWeights.OfTokens([Log(policy[y])], [Log(sampler[y])], 1e9)[0]);
        var truncated = Enumerable.Range(0, 3).Sum(y => sampler[y] * worth[y] * ImportanceWeights.OfTokens([Log(policy[y])], [Log(sampler[y])], 2)[0]);

        // Under the policy: 0.6 - 0.6 + 0.5. With the first token's 3 truncated to 2: 0.2 · 2 - 0.6 + 0.5.
        Assert.Equal(0.5, weighed, 1e-6);
        Assert.Equal(0.3, truncated, 1e-6);
    }

    [Fact]
    public void Prepare_AdvantagesAreWeighedAndTheRestIsNot()
    {
        ScoredRollout[] plain = [Rollout(0, 1, _policy, [], []), Rollout(1, 0, _policy, [], [])];
        ScoredRollout[] weighed =
        [
            plain[0] with { SamplerLogProbs = _sampler, ImportanceWeights = [1.5f, 0.5f, 1], Entropies = [1, 1, 1] },
            plain[1] with { SamplerLogProbs = _sampler, ImportanceWeights = [1, 1, 2], Entropies = [1, 1, 1] },
        ];

        var (before, after) = (Prepare(plain), Prepare(weighed));

        // The baseline is the mean, 0.5: advantages are ½ and -½.
        Near([0.5, 0.5, 0.5], before[0].Advantages);
        Near([0.75, 0.25, 0.5], after[0].Advantages);
        Near([-0.5, -0.5, -1], after[1].Advantages);
        Assert.Equal(before[1].Rewards, after[1].Rewards);
        Assert.Equal(before[1].OldLogProbs, after[1].OldLogProbs);
    }

    [Fact]
    public void Measure_Figures_AreThoseWorkedOutByHand()
    {
        var metrics = new StepMetrics();

        SamplerMetrics.Measure(
            [Rollout(0, 1, _policy, _sampler, [1, 1, 0.2f]) with { ImportanceWeights = ImportanceWeights.OfTokens(_policy, _sampler, 1.5) }], metrics);

        var step = new TrainingStep(0, [], metrics, new StepMetrics());
        // d = log 2, -log 2, 0. k1 = mean of -d = 0; k3 = mean of ratio - 1 - d = (2 - 1 - log 2 + 0.5 - 1 + log 2) / 3 = 1/6.
        Assert.Equal(0, step["sampler/kl_k1"], 1e-7);
        Assert.Equal(1 / 6.0, step["sampler/kl_k3"], 1e-6);
        Assert.Equal(3.5 / 3, step["sampler/ratio_mean"], 1e-6);
        Assert.Equal(2, step["sampler/ratio_max"], 1e-6);
        Assert.Equal(Math.Log(2), step["sampler/gap_max"], 1e-6);
        Assert.Equal(1, step["sampler/weight_mean"], 1e-6);
        Assert.Equal(1 / 3.0, step["sampler/truncated_share"], 1e-6);
        // Surprises less entropies: log 2 - 1, log 5 - 1, -log 0.9 - 0.2.
        double[] gaps = [Math.Log(2) - 1, Math.Log(5) - 1, -Math.Log(0.9) - 0.2];
        Assert.Equal(gaps.Average(), step["sampler/surprise_gap"], 1e-6);
        var deviation = Math.Sqrt(gaps.Average(gap => gap * gap));
        Assert.Equal(deviation * ((6 / Math.Sqrt(3)) + Math.Sqrt(1 / 3.0)), step["sampler/surprise_limit"], 1e-6);
    }

    [Fact]
    public void Measure_PolicysOwnDraws_WritesNothing()
    {
        var metrics = new StepMetrics();

        SamplerMetrics.Measure([Rollout(0, 1, _policy, [], [])], metrics);

        Assert.True(double.IsNaN(new TrainingStep(0, [], metrics, new StepMetrics())["sampler/kl_k3"]));
    }

    [Theory]
    [InlineData(1.0, false)]
    [InlineData(0.9, true)]
    [InlineData(0.6, true)]
    public void Watch_DrawsOfAFilterWithLogProbsWithoutIt_AreNoticedAlthoughTheKlIsZero(double kept, bool isNoticed)
    {
        double[] chances = [0.4, 0.3, 0.15, 0.1, 0.04, 0.01];
        var entropy = (float)-chances.Sum(p => p * Math.Log(p));
        var random = new CounterRandom(17);
        // As top-p has it: the likeliest tokens that together reach it.
        var nucleus = 0;
        for (var sum = 0.0; sum < kept - 1e-9; nucleus++)
        {
            sum += chances[nucleus];
        }

        var drawn = Enumerable.Range(0, 2000).Select(_ => Draw()).ToArray();
        var metrics = new StepMetrics();
        var rollout = Rollout(0, 1, drawn, [.. drawn], [.. drawn.Select(_ => entropy)]) with { ImportanceWeights = [.. drawn.Select(_ => 1f)] };
        SamplerMetrics.Measure([rollout], metrics);
        var watch = new InvariantWatch(new InvariantOptions());

        var alarms = Enumerable.Range(0, 2).SelectMany(i => watch.Check(new TrainingStep(i, [], metrics, new StepMetrics()))).ToArray();

        Assert.Equal(isNoticed ? ["sampler-draws", "sampler-draws"] : [], alarms.Select(alarm => alarm.Id));
        Assert.Equal(isNoticed, alarms.Any(alarm => alarm.Stops));

        float Draw()
        {
            var left = random.NextDouble() * chances[..nucleus].Sum();
            var i = 0;
            while (i < nucleus - 1 && (left -= chances[i]) >= 0)
            {
                i++;
            }

            return Log(chances[i]);
        }
    }

    [Theory]
    [InlineData(0.0099, false)]
    [InlineData(0.0101, true)]
    public void Watch_KlAboveItsLimit_StopsAtOnce(double kl, bool stops)
    {
        var metrics = new StepMetrics();
        metrics.Set("sampler/kl_k3", kl);

        var alarms = new InvariantWatch(new InvariantOptions()).Check(new TrainingStep(0, [], metrics, new StepMetrics()));

        Assert.Equal(stops, alarms.Any(alarm => alarm is { Id: "sampler-differs", Stops: true }));
    }

    [Fact]
    public void ServedSeed_LeadsToTheKeyOfTheDraw()
    {
        var random = new CounterRandom(3);
        for (var i = 0; i < 1000; i++)
        {
            var word = random.NextUInt64();
            Assert.Equal(word, CounterRandom.Unhash(CounterRandom.Hash(word)));
            var request = new GenerationRequest(random.NextUInt64(), random.Below(64), [1]);
            var (seed, step) = (random.NextUInt64(), random.NextUInt64());

            Assert.Equal(
                DecodingRow.Key(seed, step, request), DecodingRow.Key(ServedSeed.Of(seed, step, request), step: 0, new GenerationRequest(0, 0, [1])));
        }
    }

    private static IReadOnlyList<Trajectory> Prepare(ScoredRollout[] rollouts)
    {
        Trajectory[] rows = [.. rollouts.Select(rollout => new Trajectory(rollout) { OldLogProbs = rollout.LogProbs })];
        new PolicyPreparation(new GroupAdvantages(GroupBaseline.Mean, GroupScale.None)).SetTargets(rows, klCoefficient: null, new StepMetrics());
        return rows;
    }

    private static ScoredRollout Rollout(int sample, double reward, float[] logProbs, float[] sampler, float[] entropies) => new()
    {
        SampleId = $"p#{sample}",
        Problem = new Problem("p", "?", "1"),
        Tokens = [5, .. logProbs.Select(_ => 6)],
        PromptLength = 1,
        Roles = [.. logProbs.Select(_ => TokenRole.Sampled)],
        LogProbs = logProbs,
        SamplerLogProbs = sampler,
        Entropies = entropies,
        Reward = reward,
    };

    private static float Log(double p) => (float)Math.Log(p);

    private static void Near(double[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        // Logarithms in float32 are off by some 1e-7.
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 2e-6));
    }
}
