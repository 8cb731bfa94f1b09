using System.Text.Json.Nodes;
using Reft.Answers;
using Reft.Numerics;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Problems.Generated.Tasks;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Rollouts.Features;
using Reft.Text;
using Reft.Verification;

namespace Reft.Tests.Rollouts.Curricula;

/// <summary>The bandit over clusters and the target difficulty: formulas by hand, draws by their distributions.</summary>
public sealed class ClusterBanditTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Tokenizer _tokenizer;

    /// <summary>Three lengths of chains, 40 problems each: 0 to 39, 40 to 79, 80 to 119.</summary>
    private readonly Problem[] _problems = [.. new[] { 3, 6, 20 }.SelectMany(Chains)];

    public ClusterBanditTests() => _tokenizer = BpeTrainer.Train(
        _problems.Select(p => p.Question + p.Solution), new BpeTrainerOptions { VocabularySize = 260, MinimumFrequency = 1 }, _folder.Path);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(nameof(ProblemEmbedding.Text), 0)]
    [InlineData(nameof(ProblemEmbedding.Text), 1)]
    [InlineData(nameof(ProblemEmbedding.Hidden), 0)]
    public void Clusters_ThreeLengths_AreThree(string embedding, double weight)
    {
        var bandit = Make(new() { Embedding = Enum.Parse<ProblemEmbedding>(embedding), DifficultyWeight = weight, Clusters = 3 });

        Assert.All(Enumerable.Range(0, 3), family => Assert.Single(bandit.Clusters.Skip(40 * family).Take(40).Distinct()));
        Assert.Equal(3, bandit.Clusters.Distinct().Count());
    }

    [Fact]
    public void Clusters_Graph_KeepLengthsApart()
    {
        var bandit = Make(new() { Embedding = ProblemEmbedding.Graph, DifficultyWeight = 0, Clusters = 9 });

        Assert.All(bandit.Clusters.Index().GroupBy(pair => pair.Item), group => Assert.Single(group.Select(pair => pair.Index / 40).Distinct()));
    }

    [Fact]
    public void Clusters_Random_AreOfEqualSizeAndMixed()
    {
        var bandit = Make(new() { Embedding = ProblemEmbedding.Random, Clusters = 4 });

        Assert.Equal([30, 30, 30, 30], bandit.Clusters.CountBy(k => k).Select(pair => pair.Value));
        Assert.All(Enumerable.Range(0, 3), family => Assert.Equal(4, bandit.Clusters.Skip(40 * family).Take(40).Distinct().Count()));
    }

    [Fact]
    public void Clusters_Core_HasSoManyOfEach()
    {
        var bandit = Make(new() { Clusters = 3, ProblemsPerCluster = 8 });

        Assert.Equal(24, bandit.Clusters.Count(k => k != ClusterBandit.None));
        Assert.All(bandit.Clusters.Where(k => k != ClusterBandit.None).CountBy(k => k), pair => Assert.Equal(8, pair.Value));
        for (var step = 0; step < 10; step++)
        {
            Assert.All(bandit.Pick(step), i => Assert.NotEqual(ClusterBandit.None, bandit.Clusters[i]));
        }

        // A problem outside of the core may still be drawn by whoever draws anew: it says nothing.
        var before = bandit.Save().ToJsonString();
        bandit.Observe([Rollout(bandit.Clusters.Index().First(pair => pair.Item == ClusterBandit.None).Index, 0, true)]);
        Assert.Equal(before, bandit.Save().ToJsonString());
    }

    [Fact]
    public void Create_CoreSmallerThanAStep_IsRefused()
    {
        var error = Assert.Throws<InputException>(() => Make(new() { Clusters = 3, ProblemsPerCluster = 3 }));

        Assert.Equal("3 clusters of 3 problems are 9, and a step takes 12 different ones: take fewer a step, or more of each cluster", error.Message);
    }

    [Fact]
    public void Clusters_HiddenWithoutAPolicy_AreRefused() => Assert.Throws<InputException>(
        () => new ClusterBandit(new() { Embedding = ProblemEmbedding.Hidden }, Parts() with { States = null }).Clusters);

    /// <summary>Two problems of one cluster, right 1 of 2 and 2 of 2: n = 2, solved 1.5; a step later with γ = 1/2, one that fails: n = 2, solved 0.75.</summary>
    [Fact]
    public void Observe_Rates_AreSummedAndDiscountedByStep()
    {
        var bandit = Make(new() { Clusters = 3, Discount = 0.5 });

        bandit.Observe([Rollout(0, 0, true), Rollout(0, 0, false), Rollout(1, 0, true), Rollout(1, 0, true)]);
        Assert.Equal([2, 1.5], Arm(bandit, 0));
        bandit.Observe([Rollout(2, 1, false)]);
        Assert.Equal([2, 0.75], Arm(bandit, 0));
        bandit.Observe([Rollout(3, 1, true)]); // Of the same step.
        Assert.Equal([3, 1.75], Arm(bandit, 0));
        Assert.Equal([0, 0], Arm(bandit, 40));
    }

    /// <summary>Four of the step's pulls: two at p = 0, one at p = 1, one at 1/2; exp of the entropy of (1/2, 1/4, 1/4) is 2^1.5.</summary>
    [Fact]
    public void Figures_AStep_AreThoseOfItsPulls()
    {
        var bandit = Make(new() { Clusters = 3 });
        Assert.Empty(bandit.Figures);

        bandit.Observe([Rollout(80, 0, false), Rollout(81, 0, false), Rollout(0, 0, true), Rollout(40, 0, true), Rollout(40, 0, false)]);

        Assert.Equal(Math.Pow(2, 1.5), bandit.Figures["clusters/used"], 1e-12);
        Assert.Equal(0.5, bandit.Figures["clusters/unsolved_share"]);
        Assert.Equal(0.25, bandit.Figures["clusters/solved_share"]);
        Assert.Equal((0, 1), (bandit.Figures["clusters/rate_lowest"], bandit.Figures["clusters/rate_highest"]));
    }

    [Theory]
    [InlineData(nameof(ClusterUtility.Hardest), 0.25, -0.25)]
    [InlineData(nameof(ClusterUtility.Learnable), 0.25, 0.1875)]
    [InlineData(nameof(ClusterUtility.Learnable), 1, 0)]
    [InlineData(nameof(ClusterUtility.Middle), 0.25, -0.25)]
    [InlineData(nameof(ClusterUtility.Middle), 1, -0.5)]
    public void Worth_Rates_AreTheFormulas(string utility, double rate, double worth) =>
        Assert.Equal(worth, ClusterBandit.Worth(Enum.Parse<ClusterUtility>(utility), rate), 1e-12);

    /// <summary>After 8 problems of which a quarter was right: N(-1/4, 4/9) with a spread of 2, to three deviations of 20,000 draws.</summary>
    [Fact]
    public void Draw_Gaussian_HasMeanAndVariance()
    {
        var bandit = Make(new() { Spread = 2 });
        var random = new CounterRandom(1);

        var draws = Enumerable.Range(0, 20_000).Select(_ => bandit.Draw(new ClusterBandit.Arm(8, 2), random)).ToArray();

        var mean = draws.Average();
        Assert.Equal(-0.25, mean, 0.015);
        Assert.Equal(4.0 / 9, draws.Average(d => (d - mean) * (d - mean)), 0.014);
        Assert.Equal(0, Enumerable.Range(0, 20_000).Average(_ => bandit.Draw(default, random)), 0.045);
    }

    /// <summary>Beta(1 + 2, 1 + 6) has mean 3/10 and variance 3·7/(100·11); p (1 - p) has mean 3/10 - (variance + 9/100).</summary>
    [Fact]
    public void Draw_Beta_HasMeanAndVariance()
    {
        var (hardest, learnable) = (Make(new() { Posterior = ClusterPosterior.Beta }), Make(new() { Posterior = ClusterPosterior.Beta, Utility = ClusterUtility.Learnable }));
        var (random, arm, variance) = (new CounterRandom(2), new ClusterBandit.Arm(8, 2), 21.0 / 1100);

        var draws = Enumerable.Range(0, 20_000).Select(_ => hardest.Draw(arm, random)).ToArray();

        var mean = draws.Average();
        Assert.Equal(-0.3, mean, 0.003);
        Assert.Equal(variance, draws.Average(d => (d - mean) * (d - mean)), 0.0006);
        Assert.Equal(0.21 - variance, Enumerable.Range(0, 20_000).Average(_ => learnable.Draw(arm, random)), 0.0015);
    }

    /// <summary>Solved, half solved and unsolvable chains: where p (1 - p) goes and where -p goes, over the last ten of 40 steps.</summary>
    [Theory]
    [InlineData(nameof(ClusterUtility.Learnable), nameof(ClusterPosterior.Gaussian), 1)]
    [InlineData(nameof(ClusterUtility.Learnable), nameof(ClusterPosterior.Beta), 1)]
    [InlineData(nameof(ClusterUtility.Middle), nameof(ClusterPosterior.Gaussian), 1)]
    [InlineData(nameof(ClusterUtility.Hardest), nameof(ClusterPosterior.Gaussian), 2)]
    public void Pick_ThreeRates_GoesToTheUtilitysFamily(string utility, string posterior, int family)
    {
        var bandit = Make(new() { Clusters = 3, Utility = Enum.Parse<ClusterUtility>(utility), Posterior = Enum.Parse<ClusterPosterior>(posterior) });
        var counts = new int[3];
        for (var step = 0; step < 40; step++)
        {
            var picked = bandit.Pick(step);
            Assert.Equal(picked, bandit.Pick(step));
            Assert.Equal(12, picked.Distinct().Count());
            bandit.Observe([.. picked.SelectMany(i => new[] { Rollout(i, step, i < 80), Rollout(i, step, i < 40) })]);
            foreach (var i in step < 30 ? [] : picked)
            {
                counts[i / 40]++;
            }
        }

        Assert.True(counts[family] > 84, string.Join(' ', counts)); // 120 draws, of which uniform ones would be 40 ± 5.
    }

    /// <summary>The clusters of a run that goes on are those that it began with, whatever the policy has become.</summary>
    [Fact]
    public void Restore_AnotherPolicy_KeepsClusters()
    {
        var options = new ClusterBanditOptions { Embedding = ProblemEmbedding.Hidden, Clusters = 3 };
        var (first, parts) = (Make(options), Parts());
        first.Observe([Rollout(3, 0, true)]);
        _ = first.Pick(1);

        var second = new ClusterBandit(options, parts with { States = _ => throw new InvalidOperationException("asked anew") });
        second.Restore(JsonNode.Parse(first.Save().ToJsonString())!.AsObject());

        Assert.Equal(first.Pick(1), second.Pick(1));
        Assert.Equal(first.Clusters, second.Clusters);
    }

    [Theory]
    [InlineData("""{"clusters": {}, "arms": [], "step": 0}""")]
    [InlineData("""{"clusters": [], "arms": [[0, 0]], "step": 0}""")]
    [InlineData("""{"arms": [[0]]}""")]
    public void Restore_StateOfSomethingElse_IsRefused(string state) =>
        Assert.Throws<InputException>(() => Make(new()).Restore(JsonNode.Parse(state)!.AsObject()));

    /// <summary>T ← clip(T + 50 tanh(2 (R̄ - 1/2)), 0, 100), from 0: solved twice, 38.08 and 76.16; failed once, back to 38.08; then 0.</summary>
    [Fact]
    public void TargetDifficulty_Rewards_MoveTheTarget()
    {
        var target = new TargetDifficulty(new(), Parts());
        var move = 50 * Math.Tanh(1);
        foreach (var (isRight, expected) in new[] { (true, move), (true, 2 * move), (true, 100.0), (false, 100 - move), (false, 100 - (2 * move)), (false, 0.0) })
        {
            target.Observe([Rollout(0, 0, isRight)]);
            Assert.Equal(expected, target.Figures["difficulty/target"], 1e-9);
        }
    }

    /// <summary>Three lengths are at 16.7, 50 and 83.3: the target's neighbours are 12 of one of them, drawn anew every step.</summary>
    [Fact]
    public void TargetDifficulty_Pick_TakesTheNearest()
    {
        foreach (var (start, family) in new[] { (0.0, 0), (40.0, 1), (100.0, 2) })
        {
            var target = new TargetDifficulty(new() { Start = start }, Parts());

            var picked = target.Pick(3);

            Assert.Equal(12, picked.Distinct().Count());
            Assert.All(picked, i => Assert.Equal(family, i / 40));
            Assert.NotEqual(picked, target.Pick(4));
        }

        Assert.Equal([12.5, 50, 50, 87.5], TargetDifficulty.Percentiles([-1, 2, 2, 7]));
    }

    /// <summary>Long solutions that are easy and short ones that are hard: predictions learn it from what was drawn, and a restored one knows it.</summary>
    [Fact]
    public void TargetDifficulty_Predicted_LearnsFromRates()
    {
        var options = new TargetDifficultyOptions { By = DifficultyMeasure.Predicted, RefitSteps = 2, Levels = 3 };
        var target = new TargetDifficulty(options, Parts());
        Assert.True(target.Difficulties[0] < target.Difficulties[119]);

        // Problems 0 to 9 fail, 40 to 49 are right half of the time, 80 to 89 are right; 81's verdict is wrong.
        target.Observe([.. Enumerable.Range(0, 10).SelectMany(i => new[] { Rollout(i, 0, false), Rollout(40 + i, 0, true), Rollout(40 + i, 0, false), Rollout(80 + i, 0, i != 1) })]);
        Assert.True(target.Difficulties[0] < target.Difficulties[119]);
        target.Observe([Rollout(0, 1, false)]);

        Assert.All(Enumerable.Range(0, 40), i => Assert.True(target.Difficulties[i] > target.Difficulties[40 + i] && target.Difficulties[40 + i] > target.Difficulties[80 + i]));
        Assert.Equal(1.0 / 30, target.Figures["difficulty/outlier_share"], 1e-12);
        var again = new TargetDifficulty(options, Parts());
        again.Restore(JsonNode.Parse(target.Save().ToJsonString())!.AsObject());
        Assert.Equal(target.Difficulties, again.Difficulties);
        Assert.Equal(target.Figures, again.Figures);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0.5, 2)]
    [InlineData(0.875, 1)]
    [InlineData(0, 4)]
    public void TargetDifficulty_Levels_AreOfEqualWidth(double rate, int level) => Assert.Equal(level, new TargetDifficulty(new(), Parts()).Level(rate));

    private static IReadOnlyList<Problem> Chains(int steps) => [.. new RegisterChain { Split = GeneratedSplit.Train, Count = 40, Steps = steps }
        .Make(AnswerStyle.Number).Select(problem => problem with { Id = $"{steps}/{problem.Id}" })];

    /// <summary>A policy stands in for hidden states that tell lengths apart and little else.</summary>
    private CurriculumParts Parts() => new(_problems, new PromptTemplate { Style = AnswerStyle.Number }, _tokenizer, 100, ProblemsPerStep: 12, Seed: 4)
    {
        States = prompts => [.. prompts.Select(prompt => Enumerable.Range(0, 300).Select(c => Math.Sin(prompt.Length * (c + 1)) + (prompt[0] * 1e-3)).ToArray())],
    };

    private ClusterBandit Make(ClusterBanditOptions options) => new(options, Parts());

    private static double[] Arm(ClusterBandit bandit, int place)
    {
        var arm = bandit.Save()["arms"]![bandit.Clusters[place]]!;
        return [(double)arm[0]!, (double)arm[1]!];
    }

    private ScoredRollout Rollout(int place, long step, bool isRight) => new()
    {
        SampleId = $"{_problems[place].Id}#0",
        Problem = _problems[place],
        Tokens = [1, 2],
        PromptLength = 1,
        Roles = [TokenRole.Sampled],
        Verdict = new Verdict($"{_problems[place].Id}#0", isRight ? Outcome.Correct : Outcome.Incorrect, "1", ""),
        Reward = isRight ? 1 : 0,
        PolicyStep = step,
    };
}
