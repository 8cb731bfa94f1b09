using System.Text.Json;
using Reft.Python;
using Reft.Verification;

namespace Reft.Tests.Verification;

/// <summary>
/// Programs as models write them, by kind, with CPython's value as gold: eng/golden/make_program_kinds.py made those of
/// the repository. A program must be Correct; one whose gold is "error" must be refused.
/// </summary>
public sealed class ProgramCaseTests
{
    /// <summary>Reads standard input, which programs here do not have: CPython, too, has nothing to give it.</summary>
    private const string ReadsInput = "unsupported-by-name: input";

    private readonly ProgramVerifier _verifier = new(new ManagedEngine());

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Verify_ProgramsByKind_HaveCPythonsValue()
    {
        using var stream = typeof(ProgramCaseTests).Assembly.GetManifestResourceStream("Reft.Tests.Python.Golden.kinds.jsonl");
        Assert.NotNull(stream);
        using var reader = new StreamReader(stream);
        var rows = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Row).ToList();

        var wrong = rows.Where(r => r.Gold == "error" ? Refusal(r.Input) is null : !IsRight(Judge(r.Input, r.Gold), mayRefuse: false)).ToList();

        Assert.True(wrong.Count == 0, Describe(wrong));
        Assert.All(rows.GroupBy(r => r.Kind), kind => Assert.True(kind.Count() >= 8, $"{kind.Key} has {kind.Count()} programs"));
    }

    [Fact]
    public void Verify_ReportedPrograms_HaveTheirOutcome()
    {
        var rows = File.ReadAllLines(SharedData.Require("cases", "verification", "programs.jsonl")).Select(Row).ToList();

        var wrong = rows.Where(r => !IsRight(Judge(r.Input, r.Gold), mayRefuse: r.Expected == "Correct or Error" || r.Kind == ReadsInput)).ToList();

        Assert.True(wrong.Count == 0, Describe(wrong));
        Assert.True(rows.Count >= 77, $"only {rows.Count} cases were found");
    }

    private static bool IsRight(Verdict verdict, bool mayRefuse) =>
        verdict.Outcome == Outcome.Correct || (mayRefuse && verdict.Outcome == Outcome.Error);

    private string? Refusal(string program)
    {
        var verdict = Judge(program, "0");
        return verdict.Outcome == Outcome.Error && verdict.Detail.StartsWith("unsupported ", StringComparison.Ordinal) ? verdict.Detail : null;
    }

    private Verdict Judge(string program, string gold) => _verifier.Verify([new Sample("s", program, gold)], Token)["s"];

    private string Describe(IEnumerable<(string Kind, string Input, string Gold, string Expected)> rows) => string.Join("\n\n", rows.Take(10).Select(
        r => Judge(r.Input, r.Gold == "error" ? "0" : r.Gold) is var verdict ? $"{r.Kind}: {verdict.Outcome} {verdict.Answer} {verdict.Detail}, not {r.Gold}\n{r.Input}" : ""));

    private static (string Kind, string Input, string Gold, string Expected) Row(string line)
    {
        using var row = JsonDocument.Parse(line);
        string Text(string name) => row.RootElement.TryGetProperty(name, out var item) ? item.GetString() ?? "" : "";
        return (Text("kind"), Text("input"), Text("gold"), Text("expected"));
    }
}
