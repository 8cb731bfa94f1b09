using Reft.Answers;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Problems.Generated.Tasks;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Text;

namespace Reft.Tests.Rollouts.Curricula;

/// <summary>The schedule of hints against its formulas, and where solutions are cut.</summary>
public sealed class ScheduledHintsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Tokenizer _tokenizer;
    private readonly IReadOnlyList<Problem> _problems = new ParityChain { Split = GeneratedSplit.Train, Count = 80 }.Make(AnswerStyle.Number);

    public ScheduledHintsTests() => _tokenizer = BpeTrainer.Train(
        _problems.Select(p => p.Question + p.Solution), new BpeTrainerOptions { VocabularySize = 260, MinimumFrequency = 1 }, _folder.Path);

    public void Dispose() => _folder.Dispose();

    /// <summary>t is counted from 1: at the first step of two cos(π/2) = 0, at the last one cos(π) = -1.</summary>
    [Fact]
    public void Probability_EveryStep_IsTheCosine()
    {
        var hints = Make(new ScheduledHintsOptions { Steps = 4, Low = 0.1, High = 0.9 });

        Assert.Equal(0.1 + (0.4 * (1 + Math.Sqrt(0.5))), hints.Probability(0), 1e-12);
        Assert.Equal(0.5, hints.Probability(1), 1e-12);
        Assert.Equal(0.1, hints.Probability(3), 1e-12);
        Assert.Equal(0, hints.Probability(4));
    }

    [Fact]
    public void Given_Binomial_HasTheMeanAndVarianceOfTheBinomial()
    {
        var hints = Make(new ScheduledHintsOptions { Steps = 2000, Low = 0.3, High = 0.3, Parts = 8 });
        var drawn = Enumerable.Range(0, 2000).SelectMany(step => _problems.Take(10).Select(p => (double)hints.Given(p, step, 8))).ToArray();

        var mean = drawn.Average();
        // L p = 2.4, L p (1-p) = 1.68; of 20,000 draws the mean has a deviation of 0.009, the variance one of about 0.017.
        Assert.Equal(2.4, mean, 0.04);
        Assert.Equal(1.68, drawn.Average(d => (d - mean) * (d - mean)), 0.07);
    }

    [Fact]
    public void Given_Stage_FallsByOneAndIsTheSameForAll()
    {
        var hints = Make(new ScheduledHintsOptions { Draw = HintDraw.Stage, Steps = 11, Parts = 3 });

        Assert.Equal([3, 3, 2, 2, 2, 1, 1, 1, 0, 0, 0, 0], Enumerable.Range(0, 12).Select(step => hints.Given(_problems[step], step, 3)));
    }

    [Fact]
    public void Given_Uniform_IsEveryNumberAlikeWithoutAnEnd()
    {
        var hints = Make(new ScheduledHintsOptions { Draw = HintDraw.Uniform, Steps = 1 });
        var counts = Enumerable.Range(0, 4000).Select(step => hints.Given(_problems[0], step, 4)).CountBy(given => given).ToDictionary();

        // 800 each, with a deviation of 25.
        Assert.Equal(5, counts.Count);
        Assert.All(counts.Values, count => Assert.InRange(count, 690, 910));
    }

    /// <summary>Sixteen tokens in eight parts: two for every part that is given, and all of them at p = 1.</summary>
    [Fact]
    public void Choose_Tokens_AreCutIntoEqualParts()
    {
        var options = new ScheduledHintsOptions { Steps = 300, Parts = 8, CutsAfter = HintUnit.Token };
        var hints = Make(options);
        for (var step = 0; step < 300; step += 10)
        {
            var given = hints.Given(_problems[step % 80], step, 8);
            var start = hints.Choose(_problems[step % 80], step);
            Assert.Equal(_problems[step % 80].Solution![..(2 * given)], _tokenizer.Decode(start.HintTokens, skipSpecialTokens: true));
        }

        var whole = Make(options with { Low = 1, High = 1 });
        Assert.Equal(_problems[0].Solution, _tokenizer.Decode(whole.Choose(_problems[0], 0).HintTokens, skipSpecialTokens: true));
        Assert.Empty(whole.Choose(_problems[0], 300).HintTokens);
    }

    /// <summary>Five lines in three parts: round(5/3) = 2 and round(10/3) = 3 lines; a solution of two lines has two parts.</summary>
    [Fact]
    public void Choose_Lines_AreNeverCut()
    {
        var five = new Problem("five", "q", "e", "a\nb\nc\nd\ne");
        var hints = Make(new ScheduledHintsOptions { Steps = 400, Parts = 3 });
        var texts = Enumerable.Range(0, 400).Select(step => _tokenizer.Decode(hints.Choose(five, step).HintTokens, skipSpecialTokens: true)).Distinct();

        Assert.Equal(new HashSet<string> { "", "a\nb\n", "a\nb\nc\n", "a\nb\nc\nd\ne" }, texts.ToHashSet());
        var two = new Problem("two", "q", "b", "a\nb");
        Assert.Equal(
            new HashSet<string> { "", "a\n", "a\nb" },
            Enumerable.Range(0, 400).Select(step => _tokenizer.Decode(hints.Choose(two, step).HintTokens, skipSpecialTokens: true)).ToHashSet());
    }

    private ScheduledHints Make(ScheduledHintsOptions options) => new(
        options, new CurriculumParts(_problems, new PromptTemplate { Completion = (solution, _) => solution }, _tokenizer, 400, 4, Seed: 3));
}
