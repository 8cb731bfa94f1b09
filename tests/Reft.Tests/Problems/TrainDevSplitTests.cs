using FsCheck;
using FsCheck.Fluent;
using Reft.Problems;

namespace Reft.Tests.Problems;

public sealed class TrainDevSplitTests
{
    private static readonly List<Problem> _problems =
        [.. Enumerable.Range(0, 20_000).Select(i => new Problem($"{i}", $"How many are {i} and {i * 7}?", "1"))];

    [Fact]
    public void Split_ManyQuestions_HasAboutTheFraction()
    {
        var split = new TrainDevSplit { DevFraction = 0.1 }.Split(_problems);

        Assert.Equal(_problems.Count, split.Train.Count + split.Dev.Count);
        Assert.InRange(split.Dev.Count, 2000 - (5 * 42), 2000 + (5 * 42)); // Five standard deviations of 42.
    }

    [Fact]
    public void IsDev_SameQuestionInOtherClothes_IsOnTheSameSide() => Prop
        .ForAll<int>(i =>
        {
            var split = new TrainDevSplit { DevFraction = 0.5 };
            return split.IsDev($"Tom has {i} books, how many?") == split.IsDev($"  tom HAS {i} books\n how many ?!");
        })
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Split_LargerFraction_OnlyAddsToDev()
    {
        var small = new TrainDevSplit { DevFraction = 0.1 }.Split(_problems).Dev;
        var large = new TrainDevSplit { DevFraction = 0.3 }.Split(_problems).Dev.ToHashSet();

        Assert.All(small, problem => Assert.Contains(problem, large));
    }

    [Fact]
    public void Split_FewerProblems_MovesNone()
    {
        var split = new TrainDevSplit { DevFraction = 0.2 };

        Assert.Equal(
            split.Split(_problems).Dev.Where(problem => problem.Row == 0
                && int.Parse(problem.Id, System.Globalization.CultureInfo.InvariantCulture) % 3 == 0),
            split.Split(_problems.Where((_, i) => i % 3 == 0)).Dev);
    }

    [Fact]
    public void Split_AnotherSeed_IsAnotherSplit() => Assert.NotEqual(
        new TrainDevSplit { DevFraction = 0.5 }.Split(_problems).Dev,
        new TrainDevSplit { DevFraction = 0.5, Seed = 1 }.Split(_problems).Dev);

    [Fact]
    public void Split_Ends_AreAllOrNothing()
    {
        Assert.Empty(new TrainDevSplit { DevFraction = 0 }.Split(_problems).Dev);
        Assert.Empty(new TrainDevSplit { DevFraction = 1 }.Split(_problems).Train);
    }

    [Fact]
    public void Validate_FractionOutside_IsAnError()
    {
        Assert.Empty(new TrainDevSplit().Validate("split"));
        Assert.Single(new TrainDevSplit { DevFraction = 1.5 }.Validate("split"));
        Assert.Single(new TrainDevSplit { DevFraction = double.NaN }.Validate("split"));
    }

    [Theory]
    [InlineData("A  b, C?", "a b c")]
    [InlineData("It's $1,000.50!", "its 1000.50")]
    [InlineData("5 - 3", "5 - 3")]
    [InlineData("5 + 3 = 8", "5 + 3 = 8")]
    [InlineData("well-known", "well known")]
    [InlineData("50% of 4", "50 % of 4")]
    [InlineData("", "")]
    public void Normalize_KeepsWhatChangesTheQuestion(string question, string expected) =>
        Assert.Equal(expected, QuestionText.Normalize(question));

    [Fact]
    public void Within_Repeats_AreGroupedWithConflicts()
    {
        Problem[] problems =
            [new("1", "How many?", "1"), new("2", "Other?", "2"), new("3", "how MANY", "3"), new("4", "other", "2")];

        var repeats = RepeatedQuestions.Within(problems);

        Assert.Equal([["1", "3"], ["2", "4"]], repeats.Select(repeat => repeat.Problems.Select(problem => problem.Id)));
        Assert.Equal([true, false], repeats.Select(repeat => repeat.HasConflict));
    }

    [Fact]
    public void Across_SharedQuestions_AreListedInTestOrder()
    {
        Problem[] train = [new("t1", "A 1?", "1"), new("t2", "B 2?", "1")];
        Problem[] test = [new("e1", "b 2", "1"), new("e2", "C", "1"), new("e3", "a 1.", "1")];

        var shared = RepeatedQuestions.Across(train, test);

        Assert.Equal([("t2", "e1"), ("t1", "e3")], shared.Select(pair => (pair.Train.Id, pair.Test.Id)));
    }

    [Theory]
    [InlineData("Tom has 3 apples and buys 12 more.", "tom has # apples and buys # more")]
    [InlineData("Tom has 1,250.5 apples; buys 3!", "tom has # apples buys #")]
    [InlineData("What is -3 + 4?", "what is - # + #")]
    [InlineData("Tom has three apples.", "tom has three apples")]
    public void WithoutNumbers_Question_KeepsTheRest(string question, string expected) =>
        Assert.Equal(expected, QuestionText.WithoutNumbers(question));

    [Fact]
    public void GroupKey_Problems_AreOneGroupByWhatIsSaidOrByTheQuestion()
    {
        var first = new Problem("a", "Tom has 3 apples.", "3");

        Assert.Equal(first.GroupKey, new Problem("b", "tom has 40 apples", "40").GroupKey);
        Assert.NotEqual(first.GroupKey, new Problem("b", "Ann has 3 apples.", "3").GroupKey);
        Assert.NotEqual(first.GroupKey, (first with { Group = "g" }).GroupKey);
        Assert.Equal((first with { Group = "g" }).GroupKey, new Problem("c", "How many?", "1") { Group = "g" }.GroupKey);
    }
}
