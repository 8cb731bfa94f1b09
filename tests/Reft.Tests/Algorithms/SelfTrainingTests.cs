using Reft.Algorithms;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Verification;

namespace Reft.Tests.Algorithms;

public sealed class SelfTrainingTests
{
    [Fact]
    public void Weigh_SamplesAndGold_IsEachPartsTokenMean()
    {
        var (algorithm, rollouts) = Step(0.25);

        var weights = Weights(algorithm, rollouts);

        // Two correct samples of 2 and 3 tokens share 0.75, one gold solution of 4 tokens has 0.25, the wrong one nothing.
        Assert.Equal(["a#0", "b#0", "a#1", "a"], weights.Select(w => w.Id));
        Assert.Equal([0.15f, 0.15f], weights[0].Weights);
        Assert.Equal([0f, 0f, 0f, 0f, 0f], weights[1].Weights);
        Assert.Equal([0.15f, 0.15f, 0.15f], weights[2].Weights);
        Assert.Equal([0.0625f, 0.0625f, 0.0625f, 0.0625f], weights[3].Weights);
    }

    [Theory]
    [InlineData(0, 3, 1)]
    [InlineData(1, 4, 1)]
    public void Weigh_OnePartAlone_HasAllTheWeight(double goldWeight, int sequences, double total)
    {
        var (algorithm, rollouts) = Step(goldWeight);

        var weights = Weights(algorithm, rollouts);

        Assert.Equal(sequences, weights.Count);
        Assert.Equal(total, weights.Sum(w => w.Weights.Sum()), 1e-6);
        Assert.All(weights, w => Assert.Equal(goldWeight == 1 ? w.Id == "a" : w.Id is "a#0" or "a#1", w.Weights.Any(x => x > 0)));
    }

    [Fact]
    public void Weigh_NothingCorrect_LeavesTheGoldAlone()
    {
        var (algorithm, rollouts) = Step(0.5);

        var weights = Weights(algorithm, [.. rollouts.Select(r => r with { Verdict = r.Verdict! with { Outcome = Outcome.Error } })]);

        Assert.Equal(0.5, weights.Sum(w => w.Weights.Sum()), 1e-6);
    }

    [Fact]
    public void Prepare_WrongSamples_AreKeptForTheRecordAndLeftOut()
    {
        var (algorithm, rollouts) = Step(0.5);

        var trajectories = algorithm.Prepare(rollouts, null!, new StepMetrics()); // No policy is asked.

        Assert.Equal(["b#0"], trajectories.Where(t => t.LeftOut).Select(t => t.Rollout.SampleId));
    }

    private static (ComposedAlgorithm Algorithm, ScoredRollout[] Rollouts) Step(double goldWeight) => (
        SelfTraining.Create(new SelfTrainingOptions { GoldWeight = goldWeight }, id => id == "a" ? Sequence("a", "a", 4, null) : null),
        [
            Sequence("a#0", "a", 2, Outcome.Correct), Sequence("b#0", "b", 5, Outcome.Incorrect),
            Sequence("a#1", "a", 3, Outcome.Correct),
        ]);

    private static List<(string Id, float[] Weights)> Weights(ComposedAlgorithm algorithm, ScoredRollout[] rollouts)
    {
        var trajectories = algorithm.Prepare(rollouts, null!, new StepMetrics()); // No policy is asked.
        return [.. trajectories.Zip(algorithm.Weigh(trajectories), (t, w) => (t.Rollout.SampleId, w))];
    }

    private static ScoredRollout Sequence(string id, string problem, int length, Outcome? outcome) => new()
    {
        SampleId = id,
        Problem = new Problem(problem, "?", "1"),
        Tokens = [1, 2, .. Enumerable.Repeat(3, length)],
        PromptLength = 2,
        Roles = [.. Enumerable.Repeat(TokenRole.Sampled, length)],
        LogProbs = outcome is null ? [] : [.. Enumerable.Repeat(-1f, length)],
        Verdict = outcome is { } known ? new Verdict(id, known, "1", "said so") : null,
    };
}
