using System.Net;
using System.Security.Cryptography;
using System.Text;
using Reft.Methods;

namespace Reft.Reporting;

/// <summary>
/// A run as one HTML file that needs nothing else: no network, no server. Its content security policy lets it load
/// nothing and run only the script that Reft wrote; the run's own texts are data.
/// </summary>
internal static class ReportPage
{
    /// <summary>The name of a run's page in its folder.</summary>
    public const string FileName = "report.html";

    /// <summary>In this order they are one script; each uses those before it.</summary>
    internal static readonly string[] Scripts =
    [
        "page.js", "format.js", "curves.js", "chart.js", "pointer.js", "panels.js", "summary.js", "tokens.js",
        "detail.js", "completions.js", "flips.js", "fixed.js", "evaluations.js", "reranking.js", "text.js", "report.js",
    ];

    /// <summary>Reads a run and writes its page.</summary>
    /// <param name="runFolder">The run's folder; the run may be in progress.</param>
    /// <param name="output">The file to write, as a whole or not at all.</param>
    /// <param name="catalog">What the run's config can name; null for what comes with Reft.</param>
    /// <returns>The summary that the page opens with.</returns>
    /// <exception cref="InputException">The folder is no run, or the file cannot be written.</exception>
    public static ReportSummary Write(string runFolder, string output, Catalog? catalog = null)
    {
        var limits = new ReportLimits();
        var run = RunReader.Read(runFolder, limits);
        var summary = ReportSummary.Of(run);
        AtomicFile.WriteAllText(output, Render(run, summary, limits, catalog));
        return summary;
    }

    /// <summary>The page of a run.</summary>
    internal static string Render(RunRecord run, ReportSummary summary, ReportLimits limits, Catalog? catalog = null) =>
        Render(run.Name, Scripts, ReportData.Write(run, summary, limits, catalog ?? Catalog.Default));

    /// <summary>A page.</summary>
    /// <param name="name">What it is of.</param>
    /// <param name="scripts">The parts of its script, in order.</param>
    /// <param name="data">What the script reads, as <see cref="PageJson"/> writes it.</param>
    /// <param name="policy">What else it may do than run its own script, as its content security policy says it; empty for nothing.</param>
    internal static string Render(string name, IReadOnlyList<string> scripts, string data, string policy = "")
    {
        var style = Resource("report.css");
        // One function, so that the page's names are its own.
        var script = $"(() => {{\n'use strict';\n{string.Concat(scripts.Select(Resource))}}})();\n";
        return new StringBuilder(Resource("report.html"))
            .Replace("{{title}}", WebUtility.HtmlEncode($"{name} – Reft"))
            .Replace("{{policy}}", $"default-src 'none'; style-src {Hash(style)}; script-src {Hash(script)}; "
                + $"base-uri 'none'; form-action 'none'{(policy.Length == 0 ? "" : $"; {policy}")}")
            .Replace("{{style}}", style)
            .Replace("{{script}}", script)
            // Last, so that nothing is replaced in the texts of what it is of.
            .Replace("{{data}}", data)
            .ToString();
    }

    private static string Hash(string text) =>
        $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}'";

    private static string Resource(string name)
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream($"Reft.Reporting.{name}")
            ?? throw new InvalidOperationException($"the page's part '{name}' is missing from the program");
        using var reader = new StreamReader(stream);
        // A browser reads every line end as this one, and hashes what it reads.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
