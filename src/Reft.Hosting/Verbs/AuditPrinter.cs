using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Reft.Answers;
using Reft.Problems;
using Reft.Verification.Audits;

namespace Reft.Hosting.Verbs;

/// <summary>An audit's report in plain lines, none of which needs a wide terminal.</summary>
internal static class AuditPrinter
{
    private const int Shown = 10;

    /// <summary>How audits are written as JSON.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A file's audit, down to the verdict.</summary>
    public static void Print(
        Terminal terminal,
        VerifyRequest request,
        AnswerStyle style,
        AuditReport report,
        IReadOnlyList<SharedQuestion>? shared)
    {
        var output = terminal.Out;
        output.WriteLine(
            $"style {style}{(request.Problems.Style is null ? " (guessed; --style sets it)" : "")}, policy {request.Policy}".ToLowerInvariant()
            + (request.Problems.FormName is { } form ? $", form {form}" : ""));
        Print(output, request.Name, report);
        if (shared is not null)
        {
            output.WriteLine($"note  questions shared with {request.Other}: {shared.Count}");
            foreach (var pair in shared.Take(Shown))
            {
                output.WriteLine($"        row {pair.Train.Row} is row {pair.Test.Row} there");
            }
        }

        output.WriteLine(report.Passed ? "PASSED" : "FAILED");
    }

    /// <summary>One set's checks and their time.</summary>
    public static void Print(TextWriter output, string name, AuditReport report)
    {
        output.WriteLine($"{name}: {report.Problems} problems, {report.WithSolution} with a solution");
        foreach (var check in report.Checks)
        {
            output.WriteLine(Line(check));
            Rows(output, check);
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Verdicts} verdicts in {report.Seconds:F2} s, {report.VerdictsPerSecond:F0} a second"));
    }

    private static string Line(AuditCheck check)
    {
        var mark = check.Limit is null ? "note" : check.Passed ? "ok  " : "FAIL";
        var share = check.Found == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({check.Share:P2})");
        var limit = check.Limit is > 0 and var most && check.Found > 0
            ? string.Create(CultureInfo.InvariantCulture, $", at most {most:P1}")
            : "";
        return $"{mark}  {check.Name}: {check.Found} of {check.Checked}{share}{limit}";
    }

    /// <summary>Shows rows where they matter: those that fail, and those that a person should look at.</summary>
    private static void Rows(TextWriter output, AuditCheck check)
    {
        if (check.Passed && check.Name.StartsWith("solved by", StringComparison.Ordinal))
        {
            return;
        }

        foreach (var row in check.Rows.Take(Shown))
        {
            output.WriteLine($"        row {row.Row} ({row.Id}){(row.Answer.Length > 0 ? $", answer {row.Answer}" : "")}: {row.Detail}");
        }

        if (check.Found > Math.Min(Shown, check.Rows.Count))
        {
            var more = check.Found - Math.Min(Shown, check.Rows.Count);
            output.WriteLine($"        and {more} more; --json lists the first {check.Rows.Count}");
        }
    }
}
