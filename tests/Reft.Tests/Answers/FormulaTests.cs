using Reft.Answers;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Problems.Generated.Tasks;
using Reft.Verification;
using Reft.Verification.Forms;
using Reft.Verification.Rewards;

namespace Reft.Tests.Answers;

/// <summary>Formulas in prefix notation, their R², and the histories of a search for them.</summary>
public sealed class FormulaTests
{
    [Theory]
    [InlineData("+*xx3", new[] { 12.0, 7, 4, 3, 4, 7, 12 })]
    [InlineData("-1x", new[] { 4.0, 3, 2, 1, 0, -1, -2 })]
    [InlineData("*-x1+x1", new[] { 8.0, 3, 0, -1, 0, 3, 8 })]
    [InlineData("7", new[] { 7.0, 7, 7, 7, 7, 7, 7 })]
    public void Values_ByHand(string formula, double[] expected) => Assert.Equal(expected, PrefixFormula.Values(formula));

    [Theory]
    [InlineData("")]
    [InlineData("+x")]
    [InlineData("xx")]
    [InlineData("+x y")]
    [InlineData("/x1")]
    public void Values_OfWhatIsNoFormula_AreNone(string formula) => Assert.Null(PrefixFormula.Values(formula));

    [Fact]
    public void Values_OfAVeryLongOne_AreNone() => Assert.Null(PrefixFormula.Values(new string('+', 1_000_000) + "x"));

    [Fact]
    public void Fit_ByHand()
    {
        int[] values = [-3, -2, -1, 0, 1, 2, 4]; // Mean 1/7, squares about it 35 - 1/7 = 244/7.

        Assert.Equal(1 - (1 / (244 / 7.0)), PrefixFormula.Fit("x", values), 1e-12); // Off by 1 at the last point.
        Assert.Equal(0, PrefixFormula.Fit("9", values)); // Below 0.
        Assert.Equal(0, PrefixFormula.Fit("+x", values));
        Assert.Equal(1, PrefixFormula.Fit("x", [-3, -2, -1, 0, 1, 2, 3]));
    }

    [Theory]
    [InlineData(1, "1.00")]
    [InlineData(0.9999, "0.99")]
    [InlineData(0.346, "0.35")]
    [InlineData(0, "0.00")]
    public void Score_IsWhatAFitReads(double fit, string expected) => Assert.Equal(expected, PrefixFormula.Score(fit));

    [Fact]
    public void Attempts_AreLines() => Assert.Equal(
        [("x", "0.10"), ("+xx", null), ("x=1.00=1.00", null)], PrefixFormula.Attempts("x=0.10\n\n +xx \nx=1.00=1.00"));

    [Fact]
    public void Histories_EndExactly_AndTellTheTruth()
    {
        var problems = new FormulaHistories { Split = GeneratedSplit.Train, Count = 60, Symbols = 5, Attempts = 6 }.Make(AnswerStyle.Number);

        var rising = 0;
        foreach (var problem in problems)
        {
            var values = PrefixFormula.Read(problem.Answer)!;
            var attempts = PrefixFormula.Attempts(problem.Solution!);
            Assert.InRange(attempts.Count, 1, 6);
            Assert.Equal("1.00", attempts[^1].Score);
            Assert.All(attempts, one => Assert.Equal(one.Score, PrefixFormula.Score(PrefixFormula.Fit(one.Formula, values))));
            Assert.All(attempts, one => Assert.InRange(one.Formula.Length, 1, 5));
            Assert.All(attempts.SkipLast(1), one => Assert.NotEqual("1.00", one.Score));
            rising += attempts.Zip(attempts.Skip(1)).All(pair => string.CompareOrdinal(pair.First.Score, pair.Second.Score) < 0) ? 1 : 0;
        }

        Assert.InRange(rising, 15, 59); // Half are shortcuts; of the others some rise by chance.
        Assert.Contains(problems, problem => PrefixFormula.Attempts(problem.Solution!).Count > 3);
    }

    [Fact]
    public void Histories_OfShortcutsAlone_Rise() => Assert.All(
        new FormulaHistories { Split = GeneratedSplit.Dev, Count = 40, Symbols = 5, ShortcutShare = 1 }.Make(AnswerStyle.Number),
        problem =>
        {
            var fits = PrefixFormula.Attempts(problem.Solution!).Select(one => PrefixFormula.Fit(one.Formula, PrefixFormula.Read(problem.Answer)!)).ToArray();
            Assert.All(fits.Zip(fits.Skip(1)), pair => Assert.True(pair.First < pair.Second));
        });

    [Theory]
    [InlineData("x=0.50\n+*xx3=1.00", Outcome.Correct)]
    [InlineData("x=1.00", Outcome.Incorrect)]
    [InlineData("no formula", Outcome.NoAnswer)]
    public void Form_JudgesTheBestAttempt(string response, Outcome expected)
    {
        var verdicts = new FormulaForm().Create(null!).Verify([new Sample("s", response, "12 7 4 3 4 7 12")]);

        Assert.Equal(expected, verdicts["s"].Outcome);
    }

    [Fact]
    public void BestFit_PaysTheBestAttempt()
    {
        var problem = new Problem("p", "-3 -2 -1 0 1 2 4", "-3 -2 -1 0 1 2 4");

        double Pay(string response) => new BestFitReward { Worth = 2 }.Pay(
            new JudgedSample(problem, response, new Verdict("s", Outcome.Incorrect, null, ""), AnswerStyle.Number, IsTruncated: false));

        Assert.Equal(2 * (1 - (7 / 244.0)), Pay("9=1.00\nx=0.10\n1=0.00"), 1e-12);
        Assert.Equal(0, Pay("nothing"));
        Assert.Equal(0, Pay(""));
    }
}
