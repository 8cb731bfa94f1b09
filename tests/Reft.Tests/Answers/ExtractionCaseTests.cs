using System.Text.Json;
using Reft.Verification;

namespace Reft.Tests.Answers;

/// <summary>Completions beside known answers, with the outcomes that are right: those that are given, and siblings of them.</summary>
public sealed class ExtractionCaseTests
{
    [Fact]
    public void Verify_GivenCases_HaveARightOutcome()
    {
        var file = SharedData.Require(Path.Combine("cases", "verification", "extraction.jsonl"));
        var cases = File.ReadLines(file).Select(line => JsonDocument.Parse(line).RootElement).Select(row => new Case(
            $"{row.GetProperty("id")} {row.GetProperty("kind")}",
            row.GetProperty("style").GetString()!,
            row.GetProperty("input").GetString()!,
            row.GetProperty("gold").GetString()!,
            row.GetProperty("expected").GetString()!.Split(" or "))).ToList();

        Assert.True(cases.Count > 250, $"only {cases.Count} cases");
        AssertRight(cases);
    }

    [Fact]
    public void Verify_SiblingCases_HaveARightOutcome()
    {
        var cases = SiblingCases.All().Select(row => new Case(row.Kind, row.Style, row.Completion, row.Gold, row.Outcomes)).ToList();

        Assert.All(cases.GroupBy(row => row.Name), kind => Assert.True(kind.Count() >= 10, $"{kind.Key} has {kind.Count()} cases"));
        AssertRight(cases);
    }

    private static void AssertRight(IReadOnlyList<Case> cases)
    {
        var wrong = cases.Select(row => (Case: row, Verdict: Judge(row))).Where(pair =>
            !pair.Case.Outcomes.Contains(pair.Verdict.Outcome.ToString())).Select(pair =>
            $"{pair.Case.Name} '{pair.Case.Completion}' beside '{pair.Case.Gold}': {pair.Verdict.Outcome} ({pair.Verdict.Detail}), "
            + $"not {string.Join(" or ", pair.Case.Outcomes)}").ToList();

        Assert.True(wrong.Count == 0, $"{wrong.Count} of {cases.Count}:\n{string.Join("\n", wrong)}");
    }

    private static Verdict Judge(Case row)
    {
        IVerifier verifier = row.Style == "choice" ? new ChoiceVerifier() : new NumberVerifier();
        return verifier.Verify([new Sample("s", row.Completion, row.Gold)], TestContext.Current.CancellationToken)["s"];
    }

    private sealed record Case(string Name, string Style, string Completion, string Gold, string[] Outcomes);
}
