using System.Text.Json;
using System.Text.RegularExpressions;
using Reft.Reporting;

namespace Reft.Tests.Reporting;

/// <summary>A small made run that several tests read.</summary>
public sealed partial class MadeRun : IDisposable
{
    /// <summary>Everything that could end a script element, a text or an attribute, and the page's own placeholders.</summary>
    public const string Hostile =
        "</script><img src=x onerror=\"document.title='taken'\"><!-- <script>{{data}}{{script}}</ScRiPt > ]]> ' & \\ \u2028 \u0001 😀é";

    private readonly TemporaryFolder _folder = new();

    public MadeRun()
    {
        RunFixture.Write(Folder, new RunFixtureOptions
        {
            Steps = 30,
            RolloutsPerStep = 4,
            Evaluations = 4,
            DevProblems = 20,
            Hostile = Hostile,
        });
    }

    /// <summary>The run's folder.</summary>
    public string Folder => _folder["first"];

    /// <summary>The run's page.</summary>
    public string Page => field ??= Render(Folder);

    public void Dispose() => _folder.Dispose();

    /// <summary>The page of a run's folder.</summary>
    public static string Render(string folder)
    {
        var page = Path.Combine(folder, "page.html");
        ReportPage.Write(folder, page);
        return File.ReadAllText(page);
    }

    /// <summary>The data in a page, read as a browser reads it: up to the first end of a script element.</summary>
    public static JsonElement Data(string page)
    {
        using var document = JsonDocument.Parse(DataElement().Match(page).Groups[1].Value);
        return document.RootElement.Clone();
    }

    [GeneratedRegex("""<script type="application/json" id="data">(.*?)</script""", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex DataElement();
}
