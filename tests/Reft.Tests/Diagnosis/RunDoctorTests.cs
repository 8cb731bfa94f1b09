using Reft.Diagnosis;
using Reft.Hosting;
using Reft.Tests.Replay;
using Reft.Training.Runs;

namespace Reft.Tests.Diagnosis;

/// <summary>What the doctor says of folders, whole and damaged, and what the verbs return.</summary>
public sealed class RunDoctorTests : IDisposable
{
    private readonly StoredToyRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void Examine_FinishedRun_SaysSo()
    {
        var found = RunDoctor.Examine(_run.Folder);

        Assert.Equal(("finished", 8), (found.State, found.Steps));
        Assert.EndsWith("step-000008", found.Checkpoint, StringComparison.Ordinal);
        Assert.DoesNotContain(found.Findings, f => f.Severity == Severity.Fault);
        Assert.Equal(8, found.Speed!.Steps);
        Assert.Equal(1, found.Speed.Shares.Values.Sum(), 1e-9);
    }

    [Fact]
    public void Examine_RunningWithoutAProcess_Crashed()
    {
        new RunStatus("running", 6, 8, "", DateTimeOffset.UnixEpoch).Write(_run.Folder);

        var found = RunDoctor.Examine(_run.Folder);

        Assert.Equal("crashed", found.State);
        Assert.Contains(found.Findings, f => f is { Id: "crashed", Severity: Severity.Fault });
        Assert.Contains($"reft train {_run.Folder.Path} --resume", found.Commands);
    }

    [Fact]
    public void Examine_Held_IsRunning()
    {
        new RunStatus("running", 6, 8, "", DateTimeOffset.UnixEpoch).Write(_run.Folder);
        using var held = RunLock.Take(_run.Folder);

        var found = RunDoctor.Examine(_run.Folder);

        Assert.Equal("running", found.State);
        Assert.Contains($"process {Environment.ProcessId}", found.Standing, StringComparison.Ordinal);
    }

    [Fact]
    public void Examine_DamagedCheckpoint_IsNamedAndTheOneBeforeTaken()
    {
        File.AppendAllText(Path.Combine(_run.Folder.Checkpoints, "step-000008", "model.safetensors"), "x");

        var found = RunDoctor.Examine(_run.Folder);

        var finding = Assert.Single(found.Findings, f => f.Id == "checkpoint-damaged");
        Assert.Contains("step-000008: is damaged: model.safetensors", finding.Figures, StringComparison.Ordinal);
        Assert.EndsWith("step-000006", found.Checkpoint, StringComparison.Ordinal);
    }

    [Fact]
    public void Examine_CutAndDamagedLines_AreNamedAndTheRestIsRead()
    {
        File.AppendAllText(_run.Folder.Metrics, "{\"step\":8,\"rew");
        File.AppendAllText(_run.Folder.Timings, "nonsense\n");

        var found = RunDoctor.Examine(_run.Folder);

        var finding = Assert.Single(found.Findings, f => f.Id == "files-cut");
        Assert.Equal("metrics.jsonl ends in the middle of a line; timings.jsonl line 9 cannot be read", finding.Figures);
        Assert.Equal((8, 8), (found.Steps, found.Speed!.Steps));
    }

    [Fact]
    public void Examine_Alarms_AreGatheredById()
    {
        File.WriteAllText(_run.Folder.Alarms, string.Concat(new[] { 2, 5 }.Select(step =>
            $$"""{"step":{{step}},"id":"kl-collapse","figure":150,"limit":100,"stops":{{(step == 5 ? "true" : "false")}},"meaning":"m","remedy":"r"}""" + "\n")));

        Assert.Equal(
            [new AlarmHistory("kl-collapse", 2, 2, 5, 150, 100, true, "m", "r")], RunDoctor.Examine(_run.Folder).Alarms);
    }

    [Fact]
    public void Find_Samples_AreTheLastOfTheirKind()
    {
        DoctorFinding[] findings =
            [new("a", Severity.Warning, "", "", "") { From = 0, To = 3, Witness = Witness.Incorrect }];

        var samples = Assert.Single(SampleFinder.Find(_run.Folder, findings)).Samples;

        var expected = _run.Rollouts
            .Where(r => r["step"]!.GetValue<int>() <= 3 && r["outcome"]!.GetValue<string>() == "incorrect")
            .TakeLast(3).Select(r => r["sample"]!.GetValue<string>());
        Assert.Equal(expected, samples.Select(s => s.Sample));
    }

    [Fact]
    public async Task Verbs_Folders_ReturnTheirCodes()
    {
        var replayed = await RunAsync("replay", _run.Folder.Path);
        var json = await RunAsync("replay", _run.Folder.Path, "--set", "reward.partial=0", "--json");
        var table = await RunAsync("replay", _run.Folder.Path, "--set", "reward.partial=0");
        new RunStatus("failed", 8, 8, "first-ratio: too far", DateTimeOffset.UnixEpoch).Write(_run.Folder);
        var failed = await RunAsync("doctor", _run.Folder.Path);
        var diagnosis = await RunAsync("doctor", _run.Folder.Path, "--json");
        _run.Tamper(0, rollout => rollout["reward"] = 0.7);
        var tampered = await RunAsync("replay", _run.Folder.Path);

        Assert.Equal((App.Done, App.Done, App.Done), (replayed.Code, json.Code, table.Code));
        Assert.Contains("Replayed 128 rollouts", replayed.Output, StringComparison.Ordinal);
        Assert.Contains("identical", replayed.Output, StringComparison.Ordinal);
        Assert.Equal(8, System.Text.Json.Nodes.JsonNode.Parse(json.Output)!["steps"]!.AsArray().Count);
        Assert.Contains("correlation of the advantages", table.Output, StringComparison.Ordinal);
        Assert.Equal((App.Failed, App.Failed, App.Failed), (failed.Code, diagnosis.Code, tampered.Code));
        Assert.Contains("first-ratio: too far", failed.Output, StringComparison.Ordinal);
        Assert.Equal("failed", System.Text.Json.Nodes.JsonNode.Parse(diagnosis.Output)!["state"]!.GetValue<string>());
        Assert.Contains("NOT what is stored", tampered.Output, StringComparison.Ordinal);
        Assert.Equal(App.BadInput, (await RunAsync("doctor", Path.GetTempPath())).Code);
        Assert.Equal(App.BadInput, (await RunAsync("replay", Path.GetTempPath())).Code);
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var output = new StringWriter { NewLine = "\n" };
        var code = await App.RunAsync(arguments, new Terminal(output, TextWriter.Null, TextReader.Null));
        return (code, output.ToString());
    }
}
