using System.Globalization;
using System.Text;
using Reft.Reporting;

namespace Reft.Tests.Reporting;

/// <summary>The page of a run that fills every limit.</summary>
public sealed class ReportSizeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Page_RunThatFillsEveryLimit_IsBelowTheBound()
    {
        File.WriteAllText(_folder["run.json"], """{"format":1,"method":"reft"}""");
        // Every character that the page has to escape takes six bytes.
        var text = string.Concat(Enumerable.Repeat("<&>'\"", 1_700));
        File.WriteAllText(_folder["config.yaml"], string.Concat(Enumerable.Repeat(text, 20)));
        WriteCurves("metrics.jsonl", 80, 1_999);
        WriteCurves("timings.jsonl", 20, 1_999);
        Write("rollouts.jsonl", 1_200, i => $$"""{"step":{{i / 4}},"problem":"p{{i % 300}}","ids":[1],"text":{{Json(text)}}}""");
        Write("problems.jsonl", 300, i => $$"""{"id":"p{{i}}","question":{{Json(text)}},"answer":"1","solution":{{Json(text)}}}""");
        for (var e = 0; e < 400; e++)
        {
            var outcome = e == 0 ? "incorrect" : "correct";
            EvaluationFixture.Write(
                _folder.Path,
                e,
                [.. Enumerable.Range(0, e < 2 ? 120 : 1).Select(i => new EvaluationFixtureItem($"p{i}", text, outcome))],
                0.123456,
                0.123456);
        }

        ReportPage.Write(_folder.Path, _folder["page.html"]);

        var bytes = new FileInfo(_folder["page.html"]).Length;
        // Above the lower figure the limits are really reached.
        Assert.InRange(bytes, 6_000_000, ReportLimits.PageBytes);
        var data = MadeRun.Data(File.ReadAllText(_folder["page.html"]));
        Assert.Equal((300, 400), (data.GetProperty("evaluations").GetArrayLength() - 1, data.GetProperty("evaluationCount").GetInt32()));
        Assert.Equal(399, data.GetProperty("evaluations")[300].GetProperty("step").GetInt32());
        Assert.Equal(120, data.GetProperty("flips").GetProperty("counts").GetProperty("gained").GetInt32());
    }

    private static string Json(string text) => $"\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>Figures with many digits, one step a line.</summary>
    private void WriteCurves(string name, int figures, int steps) => Write(name, steps, step =>
    {
        var line = new StringBuilder($"{{\"step\":{step}");
        for (var i = 0; i < figures; i++)
        {
            var value = -1.23456789e-7 * (1 + ((step * 31) + i) % 97);
            line.Append(CultureInfo.InvariantCulture, $",\"figure/{i}\":{value:R}");
        }

        return line.Append('}').ToString();
    });

    private void Write(string name, int count, Func<int, string> make) =>
        File.WriteAllLines(_folder[name], Enumerable.Range(0, count).Select(make));
}
