using Reft.Methods;

namespace Reft.Reporting.Live;

/// <summary>
/// The pages of <c>reft watch</c>: all runs over one another, and the page of one run as <c>reft report</c> writes it, which goes on while the run
/// does. They may connect to where they came from and to nothing else.
/// </summary>
internal static class LivePages
{
    private const string Policy = "connect-src 'self'";

    private static readonly string[] _scripts = ["page.js", "format.js", "curves.js", "chart.js", "pointer.js", "watch.js"];

    /// <summary>The page of all runs.</summary>
    /// <param name="title">What is watched.</param>
    /// <param name="heads">How they stand.</param>
    public static string Runs(string title, IReadOnlyList<RunHead> heads) =>
        ReportPage.Render(title, _scripts, PageJson.Write(new { Run = title, Curves = Array.Empty<object>(), Runs = heads }), Policy);

    /// <summary>The page of one run.</summary>
    /// <exception cref="InputException">The folder is no run.</exception>
    public static string Run(string folder, Catalog catalog)
    {
        var (name, data) = Read(folder, catalog);
        return ReportPage.Render(name, [.. ReportPage.Scripts, "live.js"], data, Policy);
    }

    /// <summary>What the page of one run is made of.</summary>
    /// <exception cref="InputException">The folder is no run.</exception>
    public static string Data(string folder, Catalog catalog) => Read(folder, catalog).Data;

    /// <summary>The runs that changed since they were sent, and which there are.</summary>
    /// <param name="heads">How they stand.</param>
    /// <param name="sent">The stamps that were sent, by name; brought up to date.</param>
    /// <returns>One line of JSON; null where nothing changed.</returns>
    public static string? Changes(IReadOnlyList<RunHead> heads, Dictionary<string, string> sent)
    {
        var changed = heads.Where(head => sent.GetValueOrDefault(head.Name) != head.Stamp).ToArray();
        if (changed.Length == 0 && sent.Count == heads.Count)
        {
            return null;
        }

        sent.Clear();
        foreach (var head in heads)
        {
            sent[head.Name] = head.Stamp;
        }

        return PageJson.Write(new { Order = heads.Select(head => head.Name), Runs = changed });
    }

    /// <summary>That one run changed, as one line of JSON.</summary>
    public static string Changed(RunHead head) => PageJson.Write(new { head.Stamp, head.State });

    private static (string Name, string Data) Read(string folder, Catalog catalog)
    {
        var limits = new ReportLimits();
        var run = RunReader.Read(folder, limits);
        return (run.Name, ReportData.Write(run, ReportSummary.Of(run), limits, catalog));
    }
}
