using Reft.Answers;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Problems.Generated.Tasks;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Text;

namespace Reft.Tests.Rollouts.Curricula;

/// <summary>Difficulty sampling against arithmetic, and against the frequencies that it promises.</summary>
public sealed class DifficultySamplingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Tokenizer _tokenizer;
    private readonly IReadOnlyList<Problem> _problems = new ParityChain { Split = GeneratedSplit.Train, Count = 40 }.Make(AnswerStyle.Number);

    public DifficultySamplingTests() => _tokenizer = BpeTrainer.Train(
        _problems.Select(p => p.Question + p.Solution), new BpeTrainerOptions { VocabularySize = 260, MinimumFrequency = 1 }, _folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Percentiles_OfRewards_CountHalfOfTheEqualOnes()
    {
        var percentiles = DifficultySampling.Percentiles(new Dictionary<string, double> { ["a"] = 0, ["b"] = 1, ["c"] = 0.5, ["d"] = 0, ["e"] = 1 });

        Assert.Equal(0.2, percentiles["a"], 1e-12);
        Assert.Equal(0.2, percentiles["d"], 1e-12);
        Assert.Equal(0.5, percentiles["c"], 1e-12);
        Assert.Equal(0.8, percentiles["b"], 1e-12);
        Assert.Equal(0.5, DifficultySampling.Percentiles(new Dictionary<string, double> { ["a"] = 0.1, ["b"] = 0.1 })["b"], 1e-12);
    }

    /// <summary>An epoch of 10 steps; the first quarter is never solved, the second always, the rest now and then: percentiles 1/8, 7/8 and 1/2.</summary>
    [Fact]
    public void WeightOf_AfterAnEpoch_IsTheBellOverPercentiles()
    {
        var sampling = Make(new DifficultySamplingOptions { Width = 0.25, Least = 0.05, AverageRate = 0.5 });

        Observe(sampling, step: 3);
        Assert.All(_problems, problem => Assert.Equal(1, sampling.WeightOf(problem.Id))); // The epoch is not over.
        Observe(sampling, step: 9);

        var side = Math.Exp(-0.5 * 1.5 * 1.5);
        Assert.All(_problems.Take(20), problem => Assert.Equal(side, sampling.WeightOf(problem.Id), 1e-12));
        Assert.All(_problems.Skip(20), problem => Assert.Equal(1, sampling.WeightOf(problem.Id), 1e-12));
        Assert.Equal(0.5, sampling.Figures["difficulty/reward_mean"], 1e-12);
        Assert.Equal(1, sampling.Figures["difficulty/seen_share"]);
    }

    /// <summary>The first of a step is drawn in proportion to the weights: 20 of 1 and 20 of w, so a middling one first in 1 / (1 + w) of the steps.</summary>
    [Fact]
    public void Pick_ManySteps_TakesTheMiddleMoreOften()
    {
        var sampling = Make(new DifficultySamplingOptions { Width = 0.25, Least = 0.05 });
        Observe(sampling, step: 9);
        var middling = 0;
        var side = Math.Exp(-0.5 * 1.5 * 1.5);
        for (var step = 10; step < 3010; step++)
        {
            var places = sampling.Pick(step);
            Assert.Equal(4, places.Distinct().Count());
            Assert.Equal(places, sampling.Pick(step));
            middling += places[0] >= 20 ? 1 : 0;
        }

        // Of 3,000 draws with p = 0.755 the share has a deviation of 0.008.
        Assert.Equal(1 / (1 + side), middling / 3000.0, 0.03);
    }

    [Fact]
    public void Pick_AllAlike_TakesEveryProblemAlike()
    {
        var sampling = Make(new DifficultySamplingOptions { Least = 1 });
        Observe(sampling, step: 9);

        var counts = Enumerable.Range(0, 2000).SelectMany(step => sampling.Pick(step)).CountBy(place => place).ToDictionary();

        // 8,000 draws over 40 problems: 200 each, deviation 13.
        Assert.All(Enumerable.Range(0, 40), place => Assert.InRange(counts[place], 140, 260));
    }

    [Fact]
    public void Observe_SeveralVisits_AveragesTheRewards()
    {
        var sampling = Make(new DifficultySamplingOptions { AverageRate = 0.25 });

        sampling.Observe([Rollout(_problems[0], 1, 0), Rollout(_problems[0], 0, 0)]);
        sampling.Observe([Rollout(_problems[0], 1, 1)]);

        Assert.Equal(0.5 + (0.25 * 0.5), sampling.Figures["difficulty/reward_mean"], 1e-12);
        Assert.Throws<InputException>(() => sampling.Restore([]));
    }

    private void Observe(DifficultySampling sampling, long step) => sampling.Observe(
        [.. _problems.SelectMany((problem, i) => new[] { Rollout(problem, i is >= 10 and < 20 || i >= 20 ? 1 : 0, step), Rollout(problem, i is >= 10 and < 20 ? 1 : 0, step) })]);

    private static ScoredRollout Rollout(Problem problem, double reward, long step) =>
        Reft.Tests.Training.Episodes.Make(0, [1, 2], prompt: 1) with { Problem = problem, Reward = reward, PolicyStep = step };

    private DifficultySampling Make(DifficultySamplingOptions options) =>
        (DifficultySampling)options.Create(new CurriculumParts(_problems, new PromptTemplate { Style = AnswerStyle.Number }, _tokenizer, 200, 4, 3));
}
