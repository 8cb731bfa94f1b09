using Reft.Answers;
using Reft.Evaluation.Voting;
using Reft.Numerics;
using Reft.Verification;

namespace Reft.Tests.Evaluation.Voting;

public sealed class SampleAccuracyTests
{
    [Fact]
    public void PassAt_EverySmallCase_EqualsEnumeration()
    {
        for (var n = 1; n <= 8; n++)
        {
            for (var correct = 0; correct <= n; correct++)
            {
                for (var k = 1; k <= n; k++)
                {
                    var subsets = Subsets(n, k);
                    var expected = subsets.Count(subset => subset.Any(i => i < correct)) / (double)subsets.Count;

                    Assert.Equal(expected, SampleAccuracy.PassAt(n, correct, k), 1e-12);
                }
            }
        }
    }

    [Theory]
    [InlineData(100, 1, 100, 1.0)]
    [InlineData(100, 0, 100, 0.0)]
    [InlineData(100, 1, 10, 0.1)]
    public void PassAt_ManySamples_IsKnown(int samples, int correct, int k, double expected) =>
        Assert.Equal(expected, SampleAccuracy.PassAt(samples, correct, k), 1e-12);

    [Fact]
    public void MajorityAt_FewSubsets_EqualsEnumeration()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            Compare(new CounterRandom((ulong)seed));
        }
    }

    private static void Compare(CounterRandom random)
    {
        string?[] answers = [.. Enumerable.Range(0, 7).Select(_ => random.Below(5) is var a and > 0 ? $"{a}" : null)];
        var ballot = Of(answers);
        for (var k = 1; k <= answers.Length; k++)
        {
            var subsets = Subsets(answers.Length, k);
            var expected = subsets.Average(subset => Majority([.. subset.Select(i => answers[i])]) == "1" ? 1.0 : 0);

            Assert.Equal(expected, SampleAccuracy.MajorityAt(ballot, k), 1e-12);
        }
    }

    [Fact]
    public void MajorityAt_ManySubsets_IsNearTheProbability()
    {
        // 60 of 100 votes are right and 40 agree on a wrong answer: hypergeometric, worked out in Python for k = 5.
        var ballot = Of([.. Enumerable.Range(0, 100).Select(i => i % 5 < 3 ? "1" : "2")]);

        var share = SampleAccuracy.MajorityAt(ballot, 5);

        Assert.Equal(0.6861, share, 0.04); // 2000 draws: a standard error of 0.0104.
        Assert.Equal(share, SampleAccuracy.MajorityAt(ballot, 5));
        Assert.Equal(1, SampleAccuracy.MajorityAt(ballot, 100));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void MajorityAt_KOutOfRange_Throws(int k) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SampleAccuracy.MajorityAt(Of(["1", "1", "2"]), k));

    private static Ballot Of(string?[] answers) => Ballot.Of(
        [.. answers.Select((a, i) => new Verdict($"{i}", a == "1" ? Outcome.Correct : Outcome.Incorrect, a, "said so"))],
        "1", AnswerStyle.Number, AnswerPolicy.Exact);

    /// <summary>Plain and slow: the most votes, the first seen of equals.</summary>
    private static string? Majority(string?[] answers) => answers.Where(a => a is not null)
        .GroupBy(a => a).OrderByDescending(g => g.Count()).ThenBy(g => Array.IndexOf(answers, g.Key)).FirstOrDefault()?.Key;

    private static List<int[]> Subsets(int n, int k) =>
        [.. Enumerable.Range(0, 1 << n).Where(bits => int.PopCount(bits) == k)
            .Select(bits => Enumerable.Range(0, n).Where(i => (bits >> i & 1) == 1).ToArray())];
}
