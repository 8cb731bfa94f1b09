using System.Text.Json;
using Reft.Hosting;
using Reft.Tests.Reporting;

namespace Reft.Tests.Cli;

public sealed class ReportVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Report_Run_WritesThePageIntoIt()
    {
        Make();

        var run = await RunAsync("report", _folder["run"]);

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        Assert.StartsWith("The reft run finished after 6 steps.\n", run.Output, StringComparison.Ordinal);
        Assert.EndsWith($"Wrote {_folder["run/report.html"]}\n", run.Output, StringComparison.Ordinal);
        Assert.StartsWith("<!DOCTYPE html>", File.ReadAllText(_folder["run/report.html"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_JsonAndOutput_PrintsFiguresAloneAndWritesThere()
    {
        Make();

        var run = await RunAsync("report", _folder["run"], "--output", _folder["there/page.html"], "--json");

        Assert.Equal((App.Done, ""), (run.Code, run.Error));
        using var json = JsonDocument.Parse(run.Output);
        var root = json.RootElement;
        Assert.Equal("run", root.GetProperty("run").GetString());
        Assert.Equal("finished", root.GetProperty("state").GetString());
        Assert.Equal(6, root.GetProperty("steps").GetInt32());
        Assert.Equal(3, root.GetProperty("alarms").GetProperty("kl-negative").GetInt32());
        Assert.Equal(6, root.GetProperty("dev").GetProperty("last").GetProperty("step").GetInt32());
        Assert.True(File.Exists(_folder["there/page.html"]));
        Assert.False(File.Exists(_folder["run/report.html"]));
    }

    [Fact]
    public async Task Report_DamagedRun_SaysSoOnStandardError()
    {
        Make();
        File.AppendAllText(_folder["run/metrics.jsonl"], "{\"step\":6,\"rew");

        var run = await RunAsync("report", _folder["run"]);

        Assert.Equal(App.Done, run.Code);
        Assert.StartsWith("note: metrics.jsonl: the last line is cut off", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_BadInput_IsOneLineAndExitsWithTwo()
    {
        Make();
        string[][] cases =
        [
            ["report"],
            ["report", _folder["none"]],
            ["report", _folder.Path],
            ["report", _folder["run/run.json"]],
            ["report", _folder["run"], "--output", _folder["run"]],
            ["report", _folder["run"], "--output", _folder["run/run.json/page.html"]],
        ];

        foreach (var arguments in cases)
        {
            var run = await RunAsync(arguments);
            Assert.True(run.Code == App.BadInput, $"{string.Join(" ", arguments)}: {run.Code} {run.Error}");
            Assert.Equal("", run.Output);
            Assert.True(run.Error.StartsWith("error: ", StringComparison.Ordinal) && run.Error.IndexOf('\n') == run.Error.Length - 1);
        }
    }

    private void Make() => RunFixture.Write(
        _folder["run"], new RunFixtureOptions { Steps = 6, RolloutsPerStep = 2, Evaluations = 2, DevProblems = 4 });

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var code = await App.RunAsync(arguments, new Terminal(output, error, TextReader.Null));
        return (code, output.ToString(), error.ToString());
    }
}
