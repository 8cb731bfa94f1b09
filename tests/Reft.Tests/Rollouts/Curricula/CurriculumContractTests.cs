using System.Text.Json.Nodes;
using Reft.Answers;
using Reft.Methods;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Text;
using Reft.Verification;

namespace Reft.Tests.Rollouts.Curricula;

/// <summary>What every curriculum in the catalog keeps: its starts depend on step, seed and saved state alone.</summary>
public sealed class CurriculumContractTests : IDisposable
{
    private const int Room = 400;

    private readonly TemporaryFolder _folder = new();
    private readonly Tokenizer _tokenizer;

    public CurriculumContractTests() => _tokenizer = BpeTrainer.Train(
        Problems(AnswerStyle.Number).Concat(Problems(AnswerStyle.Program)).Select(p => p.Question + p.Solution),
        new BpeTrainerOptions { VocabularySize = 400, MinimumFrequency = 1 }, _folder.Path);

    public static TheoryData<string, AnswerStyle> Curricula
    {
        get
        {
            var cases = new TheoryData<string, AnswerStyle>();
            foreach (var options in Catalog.Default.Curricula)
            {
                cases.Add(options.Name, AnswerStyle.Number);
                cases.Add(options.Name, AnswerStyle.Program);
            }

            return cases;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Curricula))]
    public void Choose_Restored_GoesOnAsIfUnbroken(string name, AnswerStyle style)
    {
        var (unbroken, broken) = (Make(name, style), Make(name, style));
        for (var step = 0L; step < 30; step++)
        {
            if (step == 13)
            {
                // Through text, as a checkpoint has it.
                var state = JsonNode.Parse(broken.Save().ToJsonString())!.AsObject();
                broken = Make(name, style);
                broken.Restore(state);
            }

            Assert.Equal(Step(unbroken, style, step), Step(broken, style, step));
            Assert.Equal(unbroken.Save().ToJsonString(), broken.Save().ToJsonString());
        }
    }

    [Theory]
    [MemberData(nameof(Curricula))]
    public void Figures_EveryOne_IsDescribed(string name, AnswerStyle style)
    {
        var curriculum = Make(name, style);
        Step(curriculum, style, 0);

        var described = Catalog.Default.Curricula.Single(one => one.Name == name).Metrics;
        Assert.Empty(curriculum.Figures.Keys.Except(described.Select(metric => metric.Name)));
        Assert.Empty(described.Where(metric => !metric.IsSometimes).Select(metric => metric.Name).Except(curriculum.Figures.Keys));
    }

    [Theory]
    [MemberData(nameof(Curricula))]
    public void Choose_Twice_IsTheSameAndAPrefixOfTheTarget(string name, AnswerStyle style)
    {
        var curriculum = Make(name, style);
        var template = new PromptTemplate { Style = style };
        for (var step = 0L; step < 20; step++)
        {
            foreach (var problem in Problems(style))
            {
                var (start, again) = (curriculum.Choose(problem, step), curriculum.Choose(problem, step));
                Assert.Equal(start.PromptTokens.Concat(start.HintTokens), again.PromptTokens.Concat(again.HintTokens));
                Assert.True(start.PromptTokens.Length + start.HintTokens.Length <= Room);
                var target = template.TargetTokens(_tokenizer, problem.Question, start.PromptTokens, template.Target(problem));
                Assert.Equal(target[..start.HintTokens.Length], start.HintTokens);
                // Never the answer, and never everything, but where the curriculum says so.
                if (Catalog.Default.Curricula.Single(one => one.Name == name).GivesAnswers)
                {
                    continue;
                }

                Assert.True(start.HintTokens.Length < target.Length);
                Assert.DoesNotContain("answer is", _tokenizer.Decode(start.HintTokens, skipSpecialTokens: true), StringComparison.Ordinal);
            }

            Step(curriculum, style, step);
        }
    }

    [Theory]
    [MemberData(nameof(Curricula))]
    public void Choose_ProblemWithoutASolution_StartsAtItsPrompt(string name, AnswerStyle style)
    {
        var parts = Parts(style) with { Problems = [.. Problems(style).Select(p => p with { Solution = null })] };
        var curriculum = Catalog.Default.Curricula.Single(one => one.Name == name).Create(parts);

        Assert.All(parts.Problems, problem => Assert.Empty(curriculum.Choose(problem, 3).HintTokens));
        curriculum.Observe([.. parts.Problems.Select(p => Rollout(p, 3, 0))]);
        Assert.Equal(!name.EndsWith("Hints", StringComparison.Ordinal), parts.Notes.Count == 0);
    }

    [Fact]
    public void AdaptiveHints_Search_IsTheOneWrittenOut()
    {
        // Without draws of ρ = 0. The interval of each problem and the averages, by hand.
        var options = new AdaptiveHintsOptions { PlainShare = 0, AverageRate = 0.5, Threshold = 0.5 };
        var problem = Problems(AnswerStyle.Number)[0];
        var hints = new AdaptiveHints(options, Parts(AnswerStyle.Number));

        var first = hints.Share(problem, 0);
        Assert.InRange(first, 0, 1);
        hints.Observe([Rollout(problem, 0, 0), Rollout(problem, 0, 0.9)]); // Mean 0.45: failed. low = ρ.
        Equal([first / 2, 1], State(hints, "average"));
        Equal([first, 1], State(hints, problem.Id));

        // It was never solved: its next draw is from the averages, [ρ₀/2, 1].
        var second = hints.Share(problem, 1);
        Assert.InRange(second, first / 2, 1);
        hints.Observe([Rollout(problem, 1, 0.1), Rollout(problem, 1, 0.9)]); // Mean 0.5: solved. high = ρ, low = 0.
        Equal([0, second], State(hints, problem.Id));
        Equal([first / 4, (1 + second) / 2], State(hints, "average"));

        // Now it has been solved: its own interval [0, ρ₁].
        var third = hints.Share(problem, 2);
        Assert.InRange(third, 0, second);
        hints.Observe([Rollout(problem, 2, 0)]);
        Equal([third, second], State(hints, problem.Id));
    }

    /// <summary>Six problems: one solved at ρ, with [0, ρ] of its own; five at the averages, a half old and a half new.</summary>
    [Fact]
    public void AdaptiveHints_Figures_AreMeansOverAllProblems()
    {
        var hints = new AdaptiveHints(new AdaptiveHintsOptions { PlainShare = 0, AverageRate = 0.5 }, Parts(AnswerStyle.Number));
        var problem = Problems(AnswerStyle.Number)[0];
        Assert.Equal(1, hints.Figures["hints/high_mean"]);

        var share = hints.Share(problem, 0);
        hints.Observe([Rollout(problem, 0, 1)]);

        Assert.Equal(1.0 / 6, hints.Figures["hints/solved_share"], 1e-12);
        Assert.Equal(0, hints.Figures["hints/low_mean"]);
        Assert.Equal((share + (5 * (1 + share) / 2)) / 6, hints.Figures["hints/high_mean"], 1e-12);
    }

    /// <summary>Cut after lines, a hint is whole lines of the solution and never more than ⌊ρ m⌋ tokens.</summary>
    [Fact]
    public void AdaptiveHints_ByLines_GiveWholeLines()
    {
        var options = new AdaptiveHintsOptions { PlainShare = 0 };
        var (tokens, lines) = (new AdaptiveHints(options, Parts(AnswerStyle.Program)), new AdaptiveHints(options with { Unit = HintUnit.Line }, Parts(AnswerStyle.Program)));
        var given = 0;
        foreach (var problem in Problems(AnswerStyle.Program))
        {
            for (var step = 0; step < 20; step++)
            {
                var (whole, part) = (tokens.Choose(problem, step).HintTokens, lines.Choose(problem, step).HintTokens);
                var text = _tokenizer.Decode(part, skipSpecialTokens: true);
                Assert.True(part.Length <= whole.Length);
                // The break may be the beginning of the next token.
                Assert.True(text.Length == 0 || text.EndsWith('\n') || problem.Solution![text.Length] == '\n');
                given += part.Length;
            }
        }

        Assert.True(given > 0);
    }

    [Fact]
    public void AdaptiveHints_FailureWithoutAHint_SaysNothing()
    {
        var problem = Problems(AnswerStyle.Number)[0];
        var hints = new AdaptiveHints(new AdaptiveHintsOptions { PlainShare = 1 }, Parts(AnswerStyle.Number));
        hints.Restore(JsonNode.Parse("""{"average": [0, 1, false], "problems": {"ID": [0.25, 0.5, true]}}""".Replace("ID", problem.Id, StringComparison.Ordinal))!.AsObject());

        Assert.Equal(0, hints.Share(problem, 0));
        hints.Observe([Rollout(problem, 0, 0)]);
        Equal([0.25, 0.5], State(hints, problem.Id));
        hints.Observe([Rollout(problem, 0, 1)]); // Solved without a hint: none from now on.
        Equal([0, 0], State(hints, problem.Id));
    }

    [Fact]
    public void AdaptiveHints_NarrowIntervalThatFails_OpensAgainWhereAsked()
    {
        var problem = Problems(AnswerStyle.Number)[0];
        foreach (var (widens, high) in new[] { (0.0, 0.3), (0.2, 1.0) })
        {
            var hints = new AdaptiveHints(new AdaptiveHintsOptions { PlainShare = 0, WidensBelow = widens }, Parts(AnswerStyle.Number));
            hints.Restore(JsonNode.Parse("""{"average": [0, 1, false], "problems": {"ID": [0.2, 0.3, true]}}""".Replace("ID", problem.Id, StringComparison.Ordinal))!.AsObject());

            hints.Observe([Rollout(problem, 0, 0)]);

            Assert.Equal(high, State(hints, problem.Id)[1]);
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"average": [0, 1], "problems": {}}""")]
    [InlineData("""{"average": [0, 1, false], "problems": {"a": "b"}}""")]
    public void AdaptiveHints_StateOfSomethingElse_IsRefused(string state) => Assert.Throws<InputException>(() =>
        new AdaptiveHints(new AdaptiveHintsOptions(), Parts(AnswerStyle.Number)).Restore(JsonNode.Parse(state)!.AsObject()));

    private static void Equal(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    private static double[] State(AdaptiveHints hints, string name)
    {
        var state = hints.Save();
        var interval = name == "average" ? state["average"]! : state["problems"]![name]!;
        return [(double)interval[0]!, (double)interval[1]!];
    }

    private static Problem[] Problems(AnswerStyle style) =>
        [.. new GeneratedSource(new ProblemGenerator(GeneratorOptions.Easy), GeneratedSplit.Train, 6, style).Load()];

    private CurriculumParts Parts(AnswerStyle style) =>
        new(Problems(style), new PromptTemplate { Style = style }, _tokenizer, Room, ProblemsPerStep: 3, Seed: 4);

    private ICurriculum Make(string name, AnswerStyle style) =>
        Catalog.Default.Curricula.Single(one => one.Name == name).Create(Parts(style));

    /// <summary>A step of all problems, of which some are solved: what was chosen, in words.</summary>
    private static string Step(ICurriculum curriculum, AnswerStyle style, long step)
    {
        var problems = Problems(style);
        int[] places = [.. curriculum.Pick(step) ?? [0, 1, 2, 3, 4, 5]];
        Assert.Distinct(places);
        var starts = places.Select(i => curriculum.Choose(problems[i], step)).ToArray();
        curriculum.Observe([.. places.SelectMany(i => new[] { Rollout(problems[i], step, (i + step) % 3), Rollout(problems[i], step, 0) })]);
        return string.Join(' ', starts.Select((start, i) => $"{places[i]}: {start.PromptTokens.Length}+{start.HintTokens.Length}"));
    }

    private static ScoredRollout Rollout(Problem problem, long step, double reward) => new()
    {
        SampleId = $"{problem.Id}#0",
        Problem = problem,
        Tokens = [1, 2],
        PromptLength = 1,
        Roles = [TokenRole.Sampled],
        Verdict = new Verdict($"{problem.Id}#0", reward > 0 ? Outcome.Correct : Outcome.Incorrect, "1", ""),
        Reward = reward,
        PolicyStep = step,
    };
}
