using Reft.Answers;
using Reft.Evaluation.Reranking;
using Reft.Numerics;
using Reft.Verification;

namespace Reft.Tests.Evaluation.Reranking;

public sealed class RankedSamplesTests
{
    private const int Samples = 7;

    [Fact]
    public void BestAtAndWeightedAt_RandomCases_EqualEnumeration()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var random = new CounterRandom((ulong)seed);
            string?[] answers = [.. Enumerable.Range(0, Samples).Select(_ => random.Below(5) is var a and > 0 ? $"{a}" : null)];
            // Eighths: sums are exact, and ties happen.
            double[] scores = [.. Enumerable.Range(0, Samples).Select(_ => random.Below(9) / 8.0)];
            var ranked = Of(answers, scores);
            for (var k = 1; k <= Samples; k++)
            {
                var subsets = Enumerable.Range(0, 1 << Samples).Where(bits => int.PopCount(bits) == k)
                    .Select(bits => Enumerable.Range(0, Samples).Where(i => (bits >> i & 1) == 1).ToArray()).ToArray();

                Assert.Equal(subsets.Average(s => Best(s, answers, scores) == "1" ? 1.0 : 0), ranked.BestAt(k), 1e-12);
                Assert.Equal(subsets.Average(s => Heaviest(s, answers, scores) == "1" ? 1.0 : 0), ranked.WeightedAt(k), 1e-12);
                Assert.Equal(Best([.. Enumerable.Range(0, k)], answers, scores) == "1", ranked.BestIsRight(k));
            }
        }
    }

    [Fact]
    public void BestAt_UnreadableSampleScoresHighest_IsNoCandidate()
    {
        var ranked = Of([null, "2", "1"], [0.99, 0.2, 0.7]);

        Assert.Equal(1, ranked.BestAt(3));
        Assert.Equal(2 / 3.0, ranked.BestAt(2), 1e-12); // {-,2} is wrong, {-,1} and {2,1} are right.
        Assert.Equal(0, Of([null, null], [1, 1]).BestAt(2));
    }

    [Fact]
    public void BestIsRight_EqualScores_TakesTheFirst()
    {
        Assert.False(Of(["2", "1"], [0.5, 0.5]).BestIsRight(2));
        Assert.True(Of(["1", "2"], [0.5, 0.5]).BestIsRight(2));
    }

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Of_ScoreIsNoProbability_Throws(double score) =>
        Assert.Throws<ArgumentException>(() => Of(["1"], [score]));

    // Binned by hand: {0.05, 0.05} of which one is right; {0.32}; {0.91, 1.0}, both right.
    [Fact]
    public void Calibration_ByHand()
    {
        var calibration = Calibration.Of([(0.05, false), (0.05, true), (0.32, false), (0.91, true), (1.0, true)]);

        Assert.Equal(10, calibration.Bins.Count);
        Assert.Equal(new CalibrationBin(0, 2, 0.05, 0.5), calibration.Bins[0]);
        Assert.Equal((2, 1.0), (calibration.Bins[9].Count, calibration.Bins[9].Right));
        Assert.Equal((0, null, null), (calibration.Bins[5].Count, calibration.Bins[5].Score, calibration.Bins[5].Right));
        Assert.Equal((2 * 0.45 / 5) + (0.32 / 5) + (2 * 0.045 / 5), calibration.ExpectedError, 1e-12);
        Assert.Equal((0.0025 + 0.9025 + 0.1024 + 0.0081 + 0) / 5, calibration.Brier, 1e-12);
        Assert.Equal((0.6, 0.8), (calibration.Right, calibration.Accuracy));
    }

    [Fact]
    public void BestIsRight_ProgramsOfMultipleChoice_RanksLettersAlone()
    {
        Verdict[] verdicts =
        [
            new("0", Outcome.Incorrect, "none", ""), new("1", Outcome.Incorrect, "870.0", ""), new("2", Outcome.Incorrect, "7", ""),
            new("3", Outcome.Correct, "c", ""), new("4", Outcome.Incorrect, "b", ""),
        ];

        var ranked = RankedSamples.Of(verdicts, [0.9, 0.8, 0.7, 0.6, 0.5], "c", AnswerStyle.Program, AnswerPolicy.Paper);

        Assert.True(ranked.BestIsRight(5));
        Assert.Equal([-1, -1, -1, 0, 1], ranked.Ballot.Candidates);
    }

    private static RankedSamples Of(string?[] answers, double[] scores) => RankedSamples.Of(
        [.. answers.Select((a, i) => new Verdict($"{i}", a == "1" ? Outcome.Correct : Outcome.Incorrect, a, "said so"))],
        scores, "1", AnswerStyle.Number, AnswerPolicy.Exact);

    /// <summary>Plain and slow: the highest score, the first of equals.</summary>
    private static string? Best(int[] subset, string?[] answers, double[] scores) => subset.Where(i => answers[i] is not null)
        .OrderByDescending(i => scores[i]).ThenBy(i => i).Select(i => answers[i]).FirstOrDefault();

    private static string? Heaviest(int[] subset, string?[] answers, double[] scores) => subset.Where(i => answers[i] is not null)
        .GroupBy(i => answers[i]).OrderByDescending(g => g.Sum(i => scores[i])).ThenBy(g => g.First()).FirstOrDefault()?.Key;
}
