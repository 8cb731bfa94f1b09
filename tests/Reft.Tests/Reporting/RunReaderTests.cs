using Reft.Reporting;

namespace Reft.Tests.Reporting;

/// <summary>Runs that are in progress, were interrupted, or were damaged: read as far as they go, and said so once.</summary>
public sealed class RunReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Run => _folder["run"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_WholeRun_HasNoNotes()
    {
        Make(new RunFixtureOptions { Steps = 12, RolloutsPerStep = 2, Evaluations = 3, DevProblems = 5 });

        var run = Read();

        Assert.Empty(run.Notes);
        Assert.Equal(("run", "reft", "finished", 12), (run.Name, run.Method, run.State, run.Metrics.Steps));
        Assert.Equal([0, 6, 12], run.DevSteps);
        Assert.Equal(24 + 5, run.Completions.Count);
        Assert.Equal("kl-negative", Assert.Single(run.Alarms).Id);
        Assert.Equal((3, 1, 6), (run.Alarms[0].Count, run.Alarms[0].First, run.Alarms[0].Last));
        Assert.All(run.Completions, completion => Assert.Contains(completion.Problem, run.Problems.Keys));
        Assert.Equal(("2026-11-22T20:45:06Z", "2026-11-22T20:45:29Z"), run.Clock);
    }

    [Fact]
    public void Read_NoSteps_IsARunInProgress()
    {
        Make(new RunFixtureOptions { Steps = 0, Evaluations = 0, HasAlarms = false, State = "running" });

        var run = Read();

        Assert.Equal(("running", 0, 0), (run.State, run.Metrics.Steps, run.Completions.Count));
        Assert.Equal("This run has no rollouts.", run.Shown);
        Assert.StartsWith("The reft run is in progress: 0 of 50 steps so far.", ReportSummary.Of(run).Sentences[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SupervisedRun_HasNoRolloutsAndMissesNone()
    {
        Make(new RunFixtureOptions { Method = "sft", Steps = 5, Evaluations = 2, DevProblems = 4 });

        var run = Read();

        Assert.Empty(run.Notes);
        Assert.Equal("This run has no rollouts. All 4 completions of the last dev evaluation are shown.", run.Shown);
    }

    [Fact]
    public void Read_OnlyMetrics_NamesWhatIsMissing()
    {
        Directory.CreateDirectory(Run);
        File.WriteAllText(Path.Combine(Run, "metrics.jsonl"), """{"step":0,"loss/nll":1.5}""" + "\n");

        var run = Read();

        Assert.Equal(1, run.Metrics.Steps);
        Assert.Equal("unknown", run.State);
        Assert.Equal(
            ["config.yaml: absent", "run.json: absent", "status.json: absent", "timings.jsonl: absent; its curves are missing here"],
            run.Notes.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("metrics.jsonl")]
    [InlineData("timings.jsonl")]
    [InlineData("rollouts.jsonl")]
    [InlineData("problems.jsonl")]
    [InlineData("alarms.jsonl")]
    public void Read_LastLineCutOff_LeavesItOutWithOneNote(string file)
    {
        Make(new RunFixtureOptions { Steps = 6, RolloutsPerStep = 2, Evaluations = 2, DevProblems = 3 });
        var path = Path.Combine(Run, file);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^5]);

        Assert.StartsWith($"{file}: the last line is cut off", Assert.Single(Read().Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LinesThatAreNoLines_AreCountedAndNamed()
    {
        Make(new RunFixtureOptions { Steps = 6, RolloutsPerStep = 2, Evaluations = 2, DevProblems = 3 });
        foreach (var file in new[] { "metrics.jsonl", "rollouts.jsonl", "problems.jsonl", "alarms.jsonl" })
        {
            var path = Path.Combine(Run, file);
            var lines = File.ReadAllLines(path);
            File.WriteAllLines(path, [lines[0], "{\"step\":", "[]", "\0\0\0", "{\"else\":1}", .. lines[1..]]);
        }

        var run = Read();

        Assert.Equal((6, 12 + 3, 3), (run.Metrics.Steps, run.Completions.Count, run.Alarms[0].Count));
        Assert.All(
            new[] { "metrics.jsonl", "rollouts.jsonl", "problems.jsonl", "alarms.jsonl" },
            file => Assert.Contains($"{file}: 4 damaged lines left out, the first is line 2", run.Notes));
    }

    [Fact]
    public void Read_DamagedSmallFiles_AreNotedEach()
    {
        Make(new RunFixtureOptions { Steps = 6, RolloutsPerStep = 2, Evaluations = 3, DevProblems = 3 });
        File.WriteAllText(Path.Combine(Run, "status.json"), "{\"state\":");
        File.WriteAllText(Path.Combine(Run, "evaluations", "step-000003.dev.json"), "{");
        File.WriteAllText(Path.Combine(Run, "checkpoints", "step-000001", "tokenizer.json"), "{");

        var run = Read();

        Assert.Equal([0, 6], run.DevSteps);
        Assert.Equal(3, run.Notes.Count);
        Assert.Contains("status.json: is cut off or damaged and left out", run.Notes);
        Assert.Contains(run.Notes, note => note.StartsWith("left out: ", StringComparison.Ordinal)
            && note.Contains("step-000003.dev.json: is no evaluation, or a damaged one", StringComparison.Ordinal));
        Assert.Contains(run.Notes, note => note.Contains("tokens are shown by their ids", StringComparison.Ordinal));
        Assert.All(run.Completions.Where(c => c.From == "rollout"), c => Assert.True(c.Pieces is null && c.Ids!.Length == c.Tokens));
    }

    [Fact]
    public void Read_WrongKindsOfValues_AreLeftOut()
    {
        Make(new RunFixtureOptions { Steps = 1, RolloutsPerStep = 1, Evaluations = 0 });
        File.WriteAllText(Path.Combine(Run, "rollouts.jsonl"), """
            {"step":0,"problem":"p","ids":[1,"x",2.5,-4,99999999],"promptLength":-7,"roles":"S","text":7,"logProbs":[1,2],"values":"no","reward":"1"}
            {"problem":"\ud800","step":0,"ids":{},"promptLength":3,"text":"\ud800"}

            """);

        var run = Read();

        var rollout = run.Completions[0];
        Assert.Equal((5, null, null, null), (rollout.Tokens, rollout.Roles, rollout.LogProbs, rollout.Reward));
        Assert.Contains("rollouts.jsonl: 1 damaged line left out, the first is line 2", run.Notes);
        Assert.NotEmpty(MadeRun.Render(Run));
    }

    [Fact]
    public void Read_WhileItIsWritten_ReadsWhatIsThere()
    {
        Make(new RunFixtureOptions { Steps = 3, RolloutsPerStep = 1, Evaluations = 0 });
        using var writer = new FileStream(
            Path.Combine(Run, "metrics.jsonl"), FileMode.Append, FileAccess.Write, FileShare.Read);

        Assert.Equal(3, Read().Metrics.Steps);
    }

    [Theory]
    [InlineData("none", "no such folder")]
    [InlineData("file", "is a file where a run's folder is needed")]
    [InlineData("empty", "is not a run's folder, it has none of config.yaml, run.json, metrics.jsonl")]
    public void Read_NoRun_IsBadInput(string name, string expected)
    {
        File.WriteAllText(_folder["file"], "");
        Directory.CreateDirectory(_folder["empty"]);

        var error = Assert.Throws<InputException>(() => RunReader.Read(_folder[name], new ReportLimits()));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder[name], error.Message, StringComparison.Ordinal);
    }

    private void Make(RunFixtureOptions options) => RunFixture.Write(Run, options);

    private RunRecord Read() => RunReader.Read(Run, new ReportLimits());
}
