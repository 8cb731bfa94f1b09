using System.Text.Json;
using Reft.Configuration;
using Reft.Inputs;
using Reft.Problems;
using Reft.Verification.Audits;

namespace Reft.Hosting.Verbs;

/// <summary>The audit of a run's config: each of its sets, with the verifier and the policy that the run would use.</summary>
internal static class ConfigAudit
{
    /// <summary>Whether a file is a config and not a file of problems.</summary>
    public static bool Accepts(string? file) =>
        Path.GetExtension(file)?.ToUpperInvariant() is ".YAML" or ".YML";

    /// <summary>Audits, and prints.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(
        Terminal terminal, string file, IReadOnlyList<string> sets, AuditOptions options, bool json, CancellationToken cancellation)
    {
        var config = ConfigFile.Load(file, sets, terminal.Catalog).Config;
        var verifier = RunVerifier.Create(config.Answers);
        using var held = verifier as IDisposable;
        var problems = RunProblems.Load(config, verifier);
        (string Name, IReadOnlyList<Problem> Problems)[] all =
            [("train", problems.Train), ("dev", problems.Dev), ("test", problems.Test)];
        var reports = all.Where(set => set.Problems.Count > 0)
            .Select(set => (set.Name, Report: VerifierAudit.Run(verifier, set.Problems, problems.Notes[set.Name], options, cancellation))).ToArray();
        var passed = reports.All(set => set.Report.Passed);
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(
                new
                {
                    Passed = passed,
                    Style = $"{config.Answers.Style}",
                    Policy = $"{config.Answers.Policy}",
                    SharedLeftOut = problems.Shared.Count,
                    Sets = reports.ToDictionary(set => set.Name, set => set.Report),
                },
                AuditPrinter.Json));
            return passed ? App.Done : App.Failed;
        }

        terminal.Out.WriteLine($"style {config.Answers.Style}, policy {config.Answers.Policy}".ToLowerInvariant());
        foreach (var (name, report) in reports)
        {
            AuditPrinter.Print(terminal.Out, $"{name} of {file}", report);
        }

        terminal.Out.WriteLine(
            $"note  questions of train that dev or test has too, and which training leaves out: {problems.Shared.Count}");
        terminal.Out.WriteLine(passed ? "PASSED" : "FAILED");
        return passed ? App.Done : App.Failed;
    }
}
