using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reft.Diagnosis;

namespace Reft.Hosting.Verbs;

/// <summary>Prints what the doctor says of a run.</summary>
internal static class DiagnosisPrinter
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Prints it, and says whether something is wrong.</summary>
    public static int Print(Terminal terminal, RunDiagnosis run, bool json)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(run, Options));
        }
        else
        {
            Write(terminal, run);
        }

        return run.IsHealthy ? App.Done : App.Failed;
    }

    private static void Write(Terminal terminal, RunDiagnosis run)
    {
        terminal.WriteWrapped($"{run.Run} {run.Standing.TrimEnd('.')}.", 2);
        terminal.WriteWrapped(
            run.Checkpoint is { } checkpoint
                ? $"Newest whole checkpoint: {checkpoint}; every checksum of it holds."
                : "There is no whole checkpoint.", 2);
        if (run.Speed is { } speed)
        {
            var shares = speed.Shares.OrderByDescending(s => s.Value).Select(s => Text($"{s.Key} {s.Value:P0}"));
            terminal.WriteWrapped(Text($"Speed: {speed.SecondsPerStep:F2} s a step (median of {speed.Steps}); {string.Join(", ", shares)}."), 2);
        }

        foreach (var alarm in run.Alarms)
        {
            terminal.Out.WriteLine();
            terminal.WriteWrapped(
                Text($"Alarm {alarm.Id} in {alarm.Count} steps, {alarm.First} to {alarm.Last}")
                + $"{(alarm.Stops ? "; it stopped the run" : "")}: {alarm.Meaning} "
                + Text($"(last figure {alarm.Figure:G4}, limit {alarm.Limit:G4}). {alarm.Remedy}"), 2);
        }

        foreach (var finding in run.Findings)
        {
            terminal.Out.WriteLine();
            Write(terminal, finding);
        }

        terminal.Out.WriteLine();
        terminal.Out.WriteLine(run.IsHealthy
            ? "Healthy: nothing is wrong with this run."
            : $"Not healthy: {Count(run.Alarms.Count, "kind of alarm", "kinds of alarms")}, {Count(Wrong(run), "finding", "findings")}.");
        terminal.Out.WriteLine($"Next: {string.Join("; ", run.Commands)}");
    }

    private static string Count(int count, string one, string many) => Text($"{count} {(count == 1 ? one : many)}");

    private static int Wrong(RunDiagnosis run) => run.Findings.Count(f => f.Severity != Severity.Notice);

    private static void Write(Terminal terminal, DoctorFinding finding)
    {
        var steps = finding.From is { } from ? Text($", steps {from} to {finding.To}") : "";
        terminal.WriteWrapped($"{finding.Severity} {finding.Id}{steps}: {finding.Figures.TrimEnd('.')}.", 2);
        terminal.WriteWrapped($"  It means: {finding.Meaning}.", 4);
        terminal.WriteWrapped($"  Do: {finding.Remedy}.", 4);
        foreach (var sample in finding.Samples)
        {
            terminal.WriteWrapped(Text($"  Look at step {sample.Step} {sample.Sample} ({sample.Outcome}): {sample.Text}"), 4);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
