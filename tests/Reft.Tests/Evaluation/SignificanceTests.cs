using Reft.Answers;
using Reft.Evaluation;
using Reft.Problems;

namespace Reft.Tests.Evaluation;

public sealed class SignificanceTests
{
    [Fact]
    public void McNemar_SmallCounts_AgreeWithEveryToss()
    {
        for (var n = 0; n <= 12; n++)
        {
            for (var gained = 0; gained <= n; gained++)
            {
                // Two-sided: the tosses of n coins at least as lopsided as this one.
                var lopsided = Enumerable.Range(0, 1 << n)
                    .Count(toss => Math.Abs((2 * int.PopCount(toss)) - n) >= Math.Abs((2 * gained) - n));

                Assert.Equal((double)lopsided / (1 << n), McNemar.PValue(gained, n - gained), 1e-12);
            }
        }
    }

    [Fact]
    public void McNemar_ManyPairs_NeitherOverflowNorVanish()
    {
        // The normal approximation with continuity correction: z = (|b − c| − 1) / √(b + c) = 99 / 49.4975, p = 0.0455.
        Assert.Equal(0.0455, McNemar.PValue(1275, 1175), 0.0005);
        Assert.Equal(1, McNemar.PValue(1000, 1000));
    }

    [Theory]
    [InlineData(1, 12.7062)]
    [InlineData(2, 4.3027)]
    [InlineData(3, 3.1824)]
    [InlineData(4, 2.7764)]
    [InlineData(5, 2.5706)]
    [InlineData(9, 2.2622)]
    [InlineData(30, 2.0423)]
    [InlineData(120, 1.9799)]
    public void StudentQuantile_AgreesWithTheTables(int freedom, double table) =>
        Assert.Equal(table, SeedSpread.StudentQuantile(freedom), 6e-5);

    [Fact]
    public void SeedSpread_FourRuns_IsByHand()
    {
        // Mean 3, deviations −2 −1 1 2, s² = 10 / 3, half = 3.18245 · √(10/3) / 2.
        var spread = SeedSpread.Of([1, 2, 4, 5]);

        Assert.Equal((3.0, 4), (spread.Mean, spread.N));
        Assert.Equal(1.825742, spread.StandardDeviation!.Value, 1e-6);
        Assert.Equal(3 - 2.905159, spread.Low!.Value, 1e-5);
        Assert.Equal(3 + 2.905159, spread.High!.Value, 1e-5);
        Assert.Equal(new SeedSpread(0.5, null, null, null, 1), SeedSpread.Of([0.5]));
    }

    [Fact]
    public void Comparison_Flips_AreNamedAndCounted()
    {
        var baseline = Evaluations.Of(true, true, false, false, false, true);
        var result = Evaluations.Of(true, false, true, true, false, true);
        // Another order of the same problems is no other evaluation.
        result = result with { Greedy = Evaluations.Part(result.Greedy.Items.Reverse()) };

        var comparison = EvaluationComparison.Of(result, baseline);

        Assert.Equal(["p3", "p2"], comparison.Gained);
        Assert.Equal(["p1"], comparison.Lost);
        Assert.Equal(1.0 / 6, comparison.Greedy.Value, 1e-12);
        Assert.Equal(1, comparison.PValue, 1e-12); // 2 of 3 coins: no evidence at all.
        Assert.Null(comparison.Sampled);
    }

    [Fact]
    public void Comparison_Samples_ArePairedByProblem()
    {
        var baseline = WithSamples([1, 0, 2]);
        var result = WithSamples([2, 2, 1]);

        var comparison = EvaluationComparison.Of(result, baseline);

        // Shares of two samples each: +½, +1, −½.
        Assert.Equal(1.0 / 3, comparison.Sampled!.Value, 1e-12);
        Assert.Equal((-0.5, 1.0), (comparison.Sampled.Low, comparison.Sampled.High));
    }

    [Fact]
    public void Comparison_OtherProblems_AreRefusedByName()
    {
        var three = Evaluations.Of(true, true, true);
        var four = Evaluations.Of(true, true, true, true);
        var gold = three with
        {
            Greedy = Evaluations.Part(three.Greedy.Items.Select(i => i.Problem == "p1" ? i with { Gold = "1.5" } : i)),
        };

        Assert.Contains("'p3' is not in the baseline", Message(four, three), StringComparison.Ordinal);
        Assert.Contains("'p3' is in the baseline alone", Message(three, four), StringComparison.Ordinal);
        Assert.Contains("problem 'p1' is '1.5', in the baseline '1'", Message(gold, three), StringComparison.Ordinal);
        var paper = three with { Policy = AnswerPolicy.Paper };
        Assert.Contains(
            "policy paper, in the baseline by policy exact", Message(paper, three), StringComparison.Ordinal);

        static string Message(EvaluationResult result, EvaluationResult baseline) =>
            Assert.Throws<InputException>(() => EvaluationComparison.Of(result, baseline)).Message;
    }

    [Fact]
    public void Comparison_OtherSettings_AreNoted()
    {
        var baseline = WithSamples([1, 0]);
        var shorter = baseline.Greedy with { Sampling = baseline.Greedy.Sampling with { MaxTokens = 7 } };
        var prompted = shorter with { Items = [shorter.Items[0], shorter.Items[1] with { Prompt = "?" }] };
        var warmer = baseline.Sampled! with { Sampling = baseline.Sampled.Sampling with { Temperature = 1.5 } };

        var same = EvaluationComparison.Of(baseline, baseline);
        var other = EvaluationComparison.Of(
            baseline with { Greedy = prompted, Sampled = warmer, Style = AnswerStyle.Program }, baseline);

        Assert.Empty(same.Notes);
        Assert.Equal(
            [
                "answers are program answers, in the baseline number answers",
                "the prompts differ, first at problem 'p1'",
                "max-tokens is 7, in the baseline 48",
                "temperature of the samples is 1.5, in the baseline 1",
            ],
            other.Notes);
    }

    [Fact]
    public void Check_BeforeEvaluating_SaysTheSame()
    {
        var baseline = Evaluations.Of(true, false);
        Problem[] problems = [new("p1", "?", "1"), new("p0", "?", "0")];

        EvaluationComparison.Check(problems, AnswerPolicy.Exact, baseline);

        Assert.Throws<InputException>(() => EvaluationComparison.Check(problems, AnswerPolicy.Paper, baseline));
        Assert.Throws<InputException>(() => EvaluationComparison.Check(problems[..1], AnswerPolicy.Exact, baseline));
    }

    /// <summary>Two samples of each problem, so many of them right.</summary>
    private static EvaluationResult WithSamples(int[] right) => Evaluations.Of([.. right.Select(r => r > 0)]) with
    {
        Sampled = Evaluations.Part(right.SelectMany((r, p) => new[]
        {
            Evaluations.Item(p, 0, r > 0), Evaluations.Item(p, 1, r > 1),
        })),
    };
}
