using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Reft.Tests.Reporting;

public sealed partial class ReportPageTests(MadeRun run) : IClassFixture<MadeRun>
{
    [Fact]
    public void Page_HostileCompletions_AreDataAndNothingElse()
    {
        var data = MadeRun.Data(run.Page);

        // Outside of the data there is none of it, and inside none of what HTML reads.
        var json = DataElement().Match(run.Page).Groups[1].Value;
        Assert.Equal(2, ScriptEnd().Count(run.Page));
        Assert.DoesNotContain('<', json);
        Assert.DoesNotContain('>', json);
        Assert.DoesNotContain('&', json);
        Assert.DoesNotContain('\u2028', json);
        Assert.DoesNotContain("onerror", DataElement().Replace(run.Page, ""), StringComparison.Ordinal);
        // And it comes back as it was.
        Assert.Contains(
            data.GetProperty("completions").EnumerateArray(), c => c.GetProperty("text").GetString() == MadeRun.Hostile);
        Assert.Contains(data.GetProperty("flips").GetProperty("items").EnumerateArray(), _ => true);
    }

    [Fact]
    public void Page_RunNameAndFiles_AreEscaped()
    {
        using var folder = new TemporaryFolder();
        var hostile = folder["a<script>'&"];
        Directory.CreateDirectory(hostile);
        File.WriteAllText(Path.Combine(hostile, "config.yaml"), $"seed: \"{MadeRun.Hostile}\"");
        File.WriteAllText(Path.Combine(hostile, "alarms.jsonl"), JsonSerializer.Serialize(new { step = 1, id = MadeRun.Hostile }) + "\n");

        var page = MadeRun.Render(hostile);

        Assert.Contains("<title>a&lt;script&gt;&#39;&amp; – Reft</title>", page, StringComparison.Ordinal);
        Assert.Equal(2, ScriptEnd().Count(page));
        Assert.Equal(MadeRun.Hostile, MadeRun.Data(page).GetProperty("alarms")[0].GetProperty("id").GetString());
    }

    [Fact]
    public void Page_Policy_AllowsItsOwnScriptAndStyleAlone()
    {
        var script = PlainScript().Match(run.Page).Groups[1].Value;
        var style = Style().Match(run.Page).Groups[1].Value;

        Assert.Contains(
            $"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{Hash(style)}'; "
            + $"script-src 'sha256-{Hash(script)}'; base-uri 'none'; form-action 'none'\">",
            run.Page,
            StringComparison.Ordinal);

        static string Hash(string text) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Page_LoadsNothing()
    {
        var own = DataElement().Replace(run.Page, "");

        // The one address is the name of SVG's namespace, which nobody fetches.
        Assert.Equal(["http://www.w3.org/2000/svg"], Address().Matches(own).Select(match => match.Value).Distinct());
        Assert.DoesNotMatch(new Regex(@"\b(src|action|poster|srcset)\s*=|@import|url\((?!#)|\bfetch\(|XMLHttpRequest|WebSocket|import\("), own);
    }

    [Fact]
    public void Page_Script_NeverMakesMarkupOfText() => Assert.DoesNotMatch(
        new Regex(@"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|createContextualFragment|srcdoc"),
        PlainScript().Match(run.Page).Groups[1].Value);

    [Fact]
    public void Page_Script_HasEveryFile()
    {
        var folder = Path.Combine(ArchitectureTests.Repository(), "src", "Reft", "Reporting", "Page");
        var files = Directory.GetFiles(folder, "*.js").Where(file => Path.GetFileName(file) is not ("matrix.js" or "watch.js" or "live.js")).ToArray(); // Other pages'.

        Assert.True(files.Length > 10, $"only {files.Length} files were seen");
        Assert.All(files, file => Assert.Contains(
            File.ReadAllText(file).ReplaceLineEndings("\n"), run.Page, StringComparison.Ordinal));
    }

    [Fact]
    public void Data_Structure_IsWhatTheScriptReads()
    {
        var data = MadeRun.Data(run.Page);

        Assert.Equal(
            "alarms chosen completions config curves dev evaluationCount evaluations facts flips format method metrics notes problems prompt rerankings run "
            + "sentences shown state testLooks trends",
            Keys(data));
        Assert.Equal("at count figure first id last limit meaning remedy stops", Keys(data.GetProperty("alarms")[0]));
        Assert.Equal(
            "advantages answer detail finish from kl logProbs outcome pieces problem returns reward rewards roles sample step text tokens values",
            Keys(data.GetProperty("completions").EnumerateArray().First(c => c.GetProperty("outcome").GetString() == "correct")));
        Assert.Equal("figures from steps stride", Keys(data.GetProperty("curves")[0]));
        Assert.Equal("mean", Keys(data.GetProperty("curves")[0].GetProperty("figures").GetProperty("reward/total")));
        Assert.Equal("greedy model set step", Keys(data.GetProperty("evaluations")[0]));
        Assert.Equal("accuracy reward sampling shares", Keys(data.GetProperty("evaluations")[0].GetProperty("greedy")));
        Assert.Equal(
            "high low n value", Keys(data.GetProperty("evaluations")[0].GetProperty("greedy").GetProperty("accuracy")));
        Assert.Equal("counts items steps", Keys(data.GetProperty("flips")));
        Assert.Equal(
            "after before former kind latter outcomes problem", Keys(data.GetProperty("flips").GetProperty("items")[0]));
        Assert.Equal("answer question set solution", Keys(data.GetProperty("problems").EnumerateObject().First().Value));

        static string Keys(JsonElement element) =>
            string.Join(" ", element.EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Data_Figures_AreThoseOfTheFiles()
    {
        var data = MadeRun.Data(run.Page);
        var lines = File.ReadAllLines(Path.Combine(run.Folder, "metrics.jsonl")).Select(Parse).ToArray();
        var curve = data.GetProperty("curves")[0].GetProperty("figures").GetProperty("optimizer/gradient_norm").GetProperty("mean");

        Assert.Equal(30, curve.GetArrayLength());
        foreach (var (line, mean) in lines.Zip(curve.EnumerateArray()))
        {
            // Five digits are kept.
            var value = line.GetProperty("optimizer/gradient_norm").GetDouble();
            Assert.Equal(value, mean.GetDouble(), Math.Abs(value) * 5e-5);
        }

        var rollout = Parse(File.ReadLines(Path.Combine(run.Folder, "rollouts.jsonl")).Last());
        var shown = data.GetProperty("completions").EnumerateArray()
            .Single(c => c.TryGetProperty("sample", out var s) && s.GetString() == rollout.GetProperty("sample").GetString()
                && c.GetProperty("step").GetInt32() == 29);
        var kl = rollout.GetProperty("logProbs").EnumerateArray().Zip(
            rollout.GetProperty("referenceLogProbs").EnumerateArray(), (own, other) => own.GetDouble() - other.GetDouble());
        // Three digits are kept, of a difference of singles.
        Assert.All(kl.Zip(shown.GetProperty("kl").EnumerateArray()), pair =>
            Assert.Equal(pair.First, pair.Second.GetDouble(), (Math.Abs(pair.First) * 5e-3) + 1e-6));
    }

    [Fact]
    public void Page_SameRun_IsTheSameBytes() => Assert.Equal(run.Page, MadeRun.Render(run.Folder));

    [Fact]
    public async Task Page_InABrowser_DrawsEverySectionAndRunsNothingElse()
    {
        string[] names = ["chromium", "chromium-browser", "google-chrome"];
        var browser = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        Assert.SkipWhen(browser is null, "no chromium on this machine");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["page.html"], run.Page);

        var start = new ProcessStartInfo(browser, [
            "--headless", "--no-sandbox", "--disable-gpu", $"--user-data-dir={folder["profile"]}", "--dump-dom",
            new Uri(folder["page.html"]).AbsoluteUri,
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        _ = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var reading = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Skip("chromium did not end within two minutes");
        }

        var dom = await reading;

        Assert.All(
            new[] { "summary", "curves", "completions", "flips", "evaluations", "alarms", "config" },
            id => Assert.Contains($"<section id=\"{id}\"", dom, StringComparison.Ordinal));
        Assert.Contains("<title>first – Reft</title>", dom, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", dom, StringComparison.Ordinal);
        Assert.InRange(new Regex("<figure class=\"chart").Count(dom), 20, 60);
    }

    private static JsonElement Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    [GeneratedRegex("""(?<=<script type="application/json" id="data">)(.*?)(?=</script)""", RegexOptions.Singleline)]
    private static partial Regex DataElement();

    [GeneratedRegex("</script", RegexOptions.IgnoreCase)]
    private static partial Regex ScriptEnd();

    [GeneratedRegex("<script>(.*?)</script>", RegexOptions.Singleline)]
    private static partial Regex PlainScript();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline)]
    private static partial Regex Style();

    [GeneratedRegex(@"(https?:)?//[\w.]+\.\w+[^\s'""]*")]
    private static partial Regex Address();
}
