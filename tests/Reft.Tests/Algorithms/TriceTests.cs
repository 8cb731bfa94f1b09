using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Rollouts;
using Reft.Tests.Training;
using Reft.Verification;

namespace Reft.Tests.Algorithms;

/// <summary>TRICE's weights against the table by hand, and its estimate against the gradient that it is of, by enumeration of a small world.</summary>
public sealed class TriceTests
{
    // Six rationales of one problem; the first two are right.
    private const int Rationales = 6;
    private const int Right = 2;

    /// <summary>Four problems: accepted; rejected with a rationale; rejected without; accepted. V = 3, of the others 1, 2 and 1 of 2 were accepted.</summary>
    [Fact]
    public void Weights_EveryCase_AreThoseOfTheTable()
    {
        var weights = SignedChains.Weights([true, false, false, true], [false, true, false, true], usesControl: true);

        Assert.Equal(new ChainWeights((1 - 0.5) / 3, 0, true), weights[0]);
        Assert.Equal(new ChainWeights(-1.0 / 3, 1.0 / 3, true), weights[1]);
        Assert.Equal(new ChainWeights(0, 0, false), weights[2]);
        Assert.Equal(weights[0], weights[3]);
        Assert.Equal(new ChainWeights(-0.0, 1.0 / 3, true), SignedChains.Weights([true, false, false, true], [false, true, false, true], usesControl: false)[1]);
        // Alone there is no other to estimate by.
        Assert.Equal(new ChainWeights(1, 0, true), Assert.Single(SignedChains.Weights([true], [false], usesControl: true)));
        Assert.Equal(new ChainWeights(0, 0, false), Assert.Single(SignedChains.Weights([false], [false], usesControl: true)));
    }

    /// <summary>
    /// Three problems of one tabular model, the chains at their stationary distribution: over all 6³ proposals and 2³ rationales the mean of the
    /// estimate is the posterior's E[∇log p(z)], to rounding. With a β that counts the problem itself it is not.
    /// </summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Estimate_MeanOverEverything_IsTheGradientOfTheMarginal(double right)
    {
        var (mean, _) = Moments(right, usesControl: true, leavesOut: true);
        var (plain, _) = Moments(right, usesControl: false, leavesOut: true);
        var (biased, _) = Moments(right, usesControl: true, leavesOut: false);
        var exact = Posterior(right);

        Assert.All(exact.Zip(mean), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.All(exact.Zip(plain), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.True(exact.Zip(biased).Max(pair => Math.Abs(pair.First - pair.Second)) > 1e-3);
    }

    /// <summary>The more is right, the less noise: with the control variate it goes to 0, without it stays.</summary>
    [Fact]
    public void Estimate_VarianceWithControl_FallsToNothing()
    {
        double[] at = [0.5, 0.9, 0.99, 0.999];
        var with = at.Select(right => Moments(right, usesControl: true, leavesOut: true).Variance).ToArray();
        var without = at.Select(right => Moments(right, usesControl: false, leavesOut: true).Variance).ToArray();

        Assert.All(without, variance => Assert.InRange(variance, without[0] * 0.9, without[0] * 1.1));
        Assert.True(with[1] < 0.5 * without[1], $"{with[1]} of {without[1]}");
        Assert.True(with[2] < 0.1 * without[2], $"{with[2]} of {without[2]}");
        Assert.True(with[3] < 0.01 * without[3], $"{with[3]} of {without[3]}");
    }

    /// <summary>Over evenly spread beginnings every sequence is drawn count |w| / Σ|w| times, and never a whole time more or less.</summary>
    [Fact]
    public void Resampled_MeanOverBeginnings_IsInProportion()
    {
        double[] sizes = [0.5, 0.1, 0, 0.3, 0.25];
        const int Count = 3;
        var sums = new double[sizes.Length];
        for (var i = 0; i < 1000; i++)
        {
            var drawn = SignedChains.Resampled(sizes, Count, (i + 0.5) / 1000);
            Assert.Equal(Count, drawn.Sum());
            for (var k = 0; k < sizes.Length; k++)
            {
                sums[k] += drawn[k] / 1000.0;
                Assert.InRange(drawn[k], Math.Floor(Count * sizes[k] / 1.15), Math.Ceiling(Count * sizes[k] / 1.15));
            }
        }

        Assert.All(sizes.Zip(sums), pair => Assert.Equal(Count * pair.First / 1.15, pair.Second, 2e-3));
    }

    /// <summary>A rejected proposal with a kept rationale, an accepted one: the tokens' weights are the sequences'.</summary>
    [Fact]
    public void Weigh_Sequences_HaveTheirSignedWeightAtEveryToken()
    {
        ScoredRollout[] rollouts = [Row("a", Outcome.Incorrect), Row("a", null), Row("b", Outcome.Correct), Row("c", Outcome.Incorrect)];
        var chains = new SignedChains(usesControl: true, subsample: null, seed: 1);

        var rows = chains.Prepare(rollouts, null!, new StepMetrics());
        var weights = chains.Weigh(rows);

        // V = 2: for a the only other was accepted, for b the only other was not; c has no rationale.
        Assert.Equal([-0.5f, -0.5f], weights[0]);
        Assert.Equal([0.5f, 0.5f], weights[1]);
        Assert.Equal([0.5f, 0.5f], weights[2]);
        Assert.True(rows[3].LeftOut);
    }

    private static ScoredRollout Row(string problem, Outcome? outcome) => Episodes.Make(0, [1, 2, 3], prompt: 1) with
    {
        SampleId = outcome is null ? problem + "#kept" : problem + "#0",
        Problem = new Reft.Problems.Problem(problem, "", ""),
        Verdict = outcome is { } found ? new Verdict(problem + "#0", found, null, "") : null,
    };

    private static double[] Model(double right) =>
        [.. Enumerable.Range(0, Rationales).Select(z => z == 0 ? right * 0.7 : z < Right ? right * 0.3 : (1 - right) / (Rationales - Right))];

    private static double[] Score(double[] model, int z) => [.. model.Select((p, i) => (i == z ? 1 : 0) - p)];

    /// <summary>E[∇log p(z)] over the right rationales, with respect to the logits.</summary>
    private static double[] Posterior(double right)
    {
        var model = Model(right);
        return [.. Enumerable.Range(0, Rationales).Select(i => Enumerable.Range(0, Right).Sum(z => model[z] / right * Score(model, z)[i]))];
    }

    /// <summary>Mean and summed variance of the estimate over three problems, every case with its probability.</summary>
    private static (double[] Mean, double Variance) Moments(double right, bool usesControl, bool leavesOut)
    {
        var model = Model(right);
        var scores = Enumerable.Range(0, Rationales).Select(z => Score(model, z)).ToArray();
        var (mean, squares) = (new double[Rationales], 0.0);
        for (var code = 0; code < 216 * 8; code++)
        {
            int[] proposals = [code % 6, code / 6 % 6, code / 36 % 6];
            int[] memory = [code / 216 % 2, code / 432 % 2, code / 864 % 2];
            var probability = proposals.Aggregate(1.0, (all, z) => all * model[z]) * memory.Aggregate(1.0, (all, z) => all * model[z] / right);
            bool[] accepted = [.. proposals.Select(z => z < Right)];
            var weights = SignedChains.Weights(accepted, [true, true, true], usesControl);
            var estimate = new double[Rationales];
            for (var m = 0; m < 3; m++)
            {
                var (own, kept) = (weights[m].Proposal, weights[m].Kept);
                if (!leavesOut)
                {
                    var beta = accepted.Count(one => one) / 3.0;
                    (own, kept) = accepted[m] ? ((1 - beta) / 3, 0) : (-beta / 3, 1 / 3.0);
                }

                for (var i = 0; i < Rationales; i++)
                {
                    estimate[i] += (own * scores[proposals[m]][i]) + (kept * scores[memory[m]][i]);
                }
            }

            for (var i = 0; i < Rationales; i++)
            {
                mean[i] += probability * estimate[i];
                squares += probability * estimate[i] * estimate[i];
            }
        }

        return (mean, squares - mean.Sum(value => value * value));
    }
}
