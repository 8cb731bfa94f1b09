using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using CsvHelper;
using ParquetSharp;
using Reft.Hosting;
using Reft.Reporting.Data;

namespace Reft.Tests.Reporting;

/// <summary>What <c>reft export</c> writes of runs, read back by Apache's own Parquet reader and another's of CSV.</summary>
public sealed class DataExportTests : IClassFixture<MadeRun>, IDisposable
{
    private readonly MadeRun _made;
    private readonly TemporaryFolder _folder = new();

    public DataExportTests(MadeRun made) => _made = made;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Export_Rollouts_AreTheLinesOfTheFileWithTypes()
    {
        await ExportAsync(_made.Folder, "--output", _folder["data"], "--as", "parquet", "--table", "rollouts");

        var lines = Lines(_made.Folder, "rollouts.jsonl");
        using var file = new ParquetFileReader(_folder["data/rollouts.parquet"]);
        using var group = file.RowGroup(0);
        Assert.Equal((1, 120L), (file.FileMetaData.NumRowGroups, file.FileMetaData.NumRows));
        Assert.Equal(Enumerable.Repeat("first", 120), Column<string>(group, "run"));
        Assert.Equal(lines.Select(line => (long?)line.GetProperty("step").GetInt64()), Column<long?>(group, "step"));
        Assert.Equal(lines.Select(line => line.GetProperty("text").GetString()), Column<string>(group, "text"));
        Assert.Contains(Column<string>(group, "text"), text => text.Contains(MadeRun.Hostile, StringComparison.Ordinal));
        Assert.Equal(lines.Select(line => line.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())), Column<int[]>(group, "ids"));
        Assert.Equal(lines.Select(line => line.GetProperty("logProbs").EnumerateArray().Select(p => p.GetSingle())), Column<float[]>(group, "logProbs"));
        Assert.Equal(lines.Select(line => line.GetProperty("rewards").EnumerateArray().Select(p => p.GetDouble())), Column<double[]>(group, "rewards"));
        Assert.Equal(lines.Select(line => (double?)line.GetProperty("reward").GetDouble()), Column<double?>(group, "reward"));
        Assert.Equal(lines.Select(line => line.GetProperty("answer").GetString()), Column<string>(group, "answer"));
        // No line has a turn.
        Assert.All(Column<long?>(group, "turn"), Assert.Null);
    }

    [Fact]
    public async Task Export_ListsAndParts_AbsentIsNullAndEmptyIsEmpty()
    {
        var run = Copy("run", "rollouts.jsonl", """
            {"step":0,"problem":"a","ids":[],"reward":1,"rewardParts":{"verdict":1,"length":-0.25}}
            {"step":0,"problem":"b","ids":[7,8],"logProbs":[-0.5,null],"rewards":[0.1,1e-300],"turn":2}

            """);

        await ExportAsync(run, "--output", _folder["data"], "--table", "rollouts");

        using var file = new ParquetFileReader(_folder["data/rollouts.parquet"]);
        using var group = file.RowGroup(0);
        Assert.Equal([[], [7, 8]], Column<int[]>(group, "ids"));
        Assert.Equal([null!, [-0.5f, float.NaN]], Column<float[]>(group, "logProbs"));
        Assert.Equal([null!, [0.1, 1e-300]], Column<double[]>(group, "rewards"));
        Assert.Equal([null, 2L], Column<long?>(group, "turn"));
        Assert.Equal([-0.25, null], Column<double?>(group, "rewardParts.length"));
        Assert.Equal([1.0, null], Column<double?>(group, "rewardParts.verdict"));
        var rows = Csv(_folder["data/rollouts.csv"]);
        Assert.Equal("[7,8]", rows[1]["ids"]);
        Assert.Equal("[-0.5,null]", rows[1]["logProbs"]);
        Assert.Equal(("", "[]"), (rows[0]["logProbs"], rows[0]["ids"]));
    }

    [Fact]
    public async Task Export_Metrics_ReadBackToTheSameBits()
    {
        await ExportAsync(_made.Folder, "--output", _folder["data"], "--table", "metrics", "--table", "timings");

        var lines = Lines(_made.Folder, "metrics.jsonl");
        var rows = Csv(_folder["data/metrics.csv"]);
        using var file = new ParquetFileReader(_folder["data/metrics.parquet"]);
        using var group = file.RowGroup(0);
        string[] names = [.. lines[0].EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Number && p.Name != "step").Select(p => p.Name)];
        Assert.True(names.Length > 10);
        foreach (var name in names)
        {
            double?[] expected = [.. lines.Select(line => line.GetProperty(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : (double?)null)];
            Assert.Equal(expected, Column<double?>(group, name));
            Assert.Equal(expected, rows.Select(row => row[name] is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : (double?)null));
        }

        using var timings = new ParquetFileReader(_folder["data/timings.parquet"]);
        using var first = timings.RowGroup(0);
        var at = Lines(_made.Folder, "timings.jsonl").Select(line => line.GetProperty("at").GetDateTimeOffset().UtcDateTime);
        Assert.Equal(at, Column<DateTime?>(first, "at").Select(time => time!.Value), (a, b) => (a - b).Duration() < TimeSpan.FromMicroseconds(1));
    }

    [Fact]
    public async Task Export_DamagedLinesAndStepsTwice_AreLeftOutAndSaid()
    {
        var run = Copy("run", "metrics.jsonl", """
            {"step":0,"loss/nll":1}
            {"step":1,"loss/nll":2}
            {"step":1,"loss/nll":3}
            {"step":2,"loss/n
            {"step":2,"loss/nll":null,"kl/k1_token":0.5}
            {"step":3,"loss/nll":4
            """.TrimEnd());

        var (_, error) = await ExportAsync(run, "--output", _folder["data"], "--table", "metrics");

        using var file = new ParquetFileReader(_folder["data/metrics.parquet"]);
        using var group = file.RowGroup(0);
        Assert.Equal([0L, 1L, 2L], Column<long?>(group, "step"));
        Assert.Equal([1.0, 2.0, null], Column<double?>(group, "loss/nll"));
        Assert.Equal([null, null, 0.5], Column<double?>(group, "kl/k1_token"));
        Assert.Contains("1 lines left out whose step is not behind the one before", error, StringComparison.Ordinal);
        Assert.Contains("damaged line", error, StringComparison.Ordinal);
        Assert.Contains("the last line is cut off", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_SeveralRuns_AreOneTableEachWithTheirNames()
    {
        RunFixture.Write(_folder["all/a/seed-1"], new RunFixtureOptions { Steps = 5, Evaluations = 2, DevProblems = 4, Method = "sft" });
        RunFixture.Write(_folder["all/a/seed-2"], new RunFixtureOptions { Steps = 7, Evaluations = 3, DevProblems = 4 });

        await ExportAsync(_folder["all"], _made.Folder, "--output", _folder["data"]);

        using var metrics = new ParquetFileReader(_folder["data/metrics.parquet"]);
        using var group = metrics.RowGroup(0);
        Assert.Equal(
            [("a/seed-1", 5), ("a/seed-2", 7), ("first", 30)], Column<string>(group, "run").CountBy(name => name).Select(pair => (pair.Key, pair.Value)));
        using var evaluations = new ParquetFileReader(_folder["data/evaluations.parquet"]);
        Assert.Equal(2 + 3 + 4, evaluations.FileMetaData.NumRows);
        using var completions = new ParquetFileReader(_folder["data/completions.parquet"]);
        Assert.Equal((2 * 4) + (3 * 4) + (4 * 20), completions.FileMetaData.NumRows);
        var runs = Csv(_folder["data/runs.csv"]);
        Assert.Equal([("a/seed-1", "sft", "5"), ("a/seed-2", "reft", "7"), ("first", "reft", "30")], runs.Select(row => (row["run"], row["method"], row["steps"])));
        Assert.Equal(3 + 2, File.ReadAllLines(_folder["data/runs.md"]).Length);
        Assert.Contains("a/seed-1 & sft & finished & 5 & ", File.ReadAllText(_folder["data/runs.tex"]), StringComparison.Ordinal);
        var drawing = XDocument.Load(_folder["data/curves/dev-accuracy.svg"]);
        string[] texts = [.. drawing.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];
        Assert.Empty(new[] { "a/seed-1", "a/seed-2", "first", "step" }.Except(texts));
        // The run without rollouts has no such curve.
        texts = [.. XDocument.Load(_folder["data/curves/verdict-correct_share.svg"]).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value)];
        Assert.Contains("a/seed-2", texts);
        Assert.DoesNotContain("a/seed-1", texts);
    }

    [Fact]
    public async Task Export_Comparison_HasItsFigures()
    {
        Directory.CreateDirectory(_folder["comparison"]);
        File.WriteAllText(_folder["comparison/results.json"], """
            {"format":2,"seeds":[1,2],"arms":[
              {"format":"P","seed":1,"arm":"sft","gradientSteps":10,"bestStep":5,"decodings":[{"name":"greedy","k":1,"accuracy":{"value":0.5,"low":0.4,"high":0.6,"n":100}}]},
              {"format":"P","seed":2,"arm":"sft","gradientSteps":10,"bestStep":4,"decodings":[{"name":"greedy","k":1,"accuracy":{"value":0.7,"low":0.6,"high":0.8,"n":100}}]}],
             "table":[{"format":"P","arm":"sft_1","decoding":"greedy","k":1,"spread":{"mean":0.6,"standardDeviation":0.1414,"n":2}}]}
            """);

        await ExportAsync(_folder["comparison"], "--output", _folder["data"]);

        using var file = new ParquetFileReader(_folder["data/results.parquet"]);
        using var group = file.RowGroup(0);
        Assert.Equal([0.5, 0.7], Column<double?>(group, "accuracy"));
        Assert.Equal([1L, 2L], Column<long?>(group, "seed"));
        Assert.Equal([null, null], Column<double?>(group, "temperature"));
        Assert.Equal("| arm | decoding | P |\n|---|---:|---:|\n| sft_1 | greedy | 60.0 ± 14.1 |\n", File.ReadAllText(_folder["data/results.md"]));
        Assert.Contains("sft\\_1 & greedy & 60.0 $\\pm$ 14.1 \\\\", File.ReadAllText(_folder["data/results.tex"]), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["data/runs.csv"]));
    }

    [Fact]
    public void Latex_Text_IsNoMarkup() => Assert.Contains(
        "50\\% of \\$x\\_1\\^{}".Replace("\\^{}", "\\textasciicircum{}", StringComparison.Ordinal) + " \\& \\{a\\} \\textbackslash{}b \\textless{} \\#1 \\\\",
        new TextTable("t", ["a", "b"], [["x", "50% of $x_1^ & {a} \\b < #1"]]).Latex(), StringComparison.Ordinal);

    [Fact]
    public async Task Export_BadInput_IsOneLineAndExitsWithTwo()
    {
        (string[] Arguments, string Expected)[] cases =
        [
            ([_folder["none"], "--output", _folder["d"]], "no such folder"),
            ([_made.Folder, _folder["none"], "--output", _folder["d"]], "no such folder"),
            ([_made.Folder, "--output", _folder["m.gguf"]], "is a run and no model; name one of its checkpoints, such as"),
            ([_made.Folder, "--output", _folder["d"], "--as", "parket"], "did you mean 'parquet'?"),
            ([_made.Folder, "--output", _folder["d"], "--figure", "kl/k1_sequenc"], "did you mean 'kl/k1_sequence'?"),
            ([_made.Folder, "--output", Path.Combine(_made.Folder, "run.json")], "is a file where the folder"),
            ([_made.Folder], "--output"),
        ];

        foreach (var (arguments, expected) in cases)
        {
            var run = await RunAsync(["export", .. arguments]);
            Assert.True(run.Code == App.BadInput, $"{string.Join(" ", arguments)}: {run.Code} {run.Error}");
            Assert.Contains(expected, run.Error, StringComparison.Ordinal);
            Assert.Equal(run.Error.Length - 1, run.Error.IndexOf('\n', StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Export_Json_ListsTheFilesAlone()
    {
        var (output, _) = await ExportAsync(_made.Folder, "--output", _folder["data"], "--table", "metrics", "--as", "parquet,csv", "--json");

        using var json = JsonDocument.Parse(output);
        Assert.Equal(
            [("metrics.parquet", 30), ("metrics.csv", 30)],
            json.RootElement.EnumerateArray().Select(file => (Path.GetFileName(file.GetProperty("file").GetString()), file.GetProperty("rows").GetInt32())));
    }

    [Fact]
    public async Task Sample_ReadsWhatWasExported()
    {
        await ExportAsync(_made.Folder, "--output", _folder["data"], "--as", "parquet");
        var configuration = AppContext.BaseDirectory.Contains("Release", StringComparison.Ordinal) ? "Release" : "Debug";
        var sample = Path.Combine(ArchitectureTests.Repository(), "samples", "Data", "bin", configuration, "net10.0", "Data.dll");

        using var process = Process.Start(new ProcessStartInfo("dotnet", [sample, _folder["data"]]) { RedirectStandardOutput = true })!; // It is a new process.
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);

        var correct = Lines(_made.Folder, "metrics.jsonl").Average(line => line.GetProperty("verdict/correct_share").GetDouble());
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"first: 30 steps, {correct:P1} correct, KL "), output, StringComparison.Ordinal);
        foreach (var outcome in Lines(_made.Folder, "rollouts.jsonl").GroupBy(line => line.GetProperty("outcome").GetString()))
        {
            var mean = outcome.SelectMany(line => line.GetProperty("logProbs").EnumerateArray().Select(p => p.GetSingle())).Average();
            Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"{outcome.Key}: {outcome.Count()} rollouts, {mean:F4} nats a token"), output, StringComparison.Ordinal);
        }
    }

    private static async Task<(string Output, string Error)> ExportAsync(params string[] arguments)
    {
        var run = await RunAsync(["export", .. arguments]);
        Assert.True(run.Code == App.Done, run.Error);
        return (run.Output, run.Error);
    }

    /// <summary>The made run with one of its files replaced.</summary>
    private string Copy(string name, string file, string text)
    {
        RunFixture.Write(_folder[name], new RunFixtureOptions { Steps = 3, RolloutsPerStep = 1, Evaluations = 1, DevProblems = 2 });
        File.WriteAllText(Path.Combine(_folder[name], file), text.ReplaceLineEndings("\n"));
        return _folder[name];
    }

    private static JsonElement[] Lines(string folder, string file) =>
        [.. File.ReadLines(Path.Combine(folder, file)).Select(line => JsonDocument.Parse(line).RootElement.Clone())];

    private static T[] Column<T>(RowGroupReader group, string name)
    {
        var column = Enumerable.Range(0, group.MetaData.NumColumns).First(c => group.MetaData.Schema.Column(c).Path.ToDotVector()[0] == name);
        using var reader = group.Column(column).LogicalReader<T>();
        return reader.ReadAll((int)group.MetaData.NumRows);
    }

    private static List<Dictionary<string, string>> Csv(string path)
    {
        using var reader = CsvReader.FromText(File.ReadAllText(path), new CsvReaderOptions());
        reader.ReadHeader();
        string[] names = [.. reader.Headers];
        var rows = new List<Dictionary<string, string>>();
        while (reader.Read())
        {
            rows.Add(names.Select((name, i) => (name, reader.GetString(i))).ToDictionary(pair => pair.name, pair => pair.Item2));
        }

        return rows;
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await App.RunAsync(arguments, new Terminal(output, error, TextReader.Null));
        return (code, output.ToString(), error.ToString());
    }
}
