using Reft.Training.Runs;

namespace Reft.Tests.Training.Runs;

/// <summary>What was reported as saved survives damage to what came after it.</summary>
public sealed class CheckpointFaultTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Newest => _folder[Path.Combine("a", "checkpoints", "step-000006")];

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("trainer/optimizer.safetensors")]
    [InlineData("trainer/state.json")]
    [InlineData("trainer/SHA256SUMS")]
    [InlineData("config.json")]
    public void Resume_FlippedBit_NamesTheCheckpointAndUsesTheOneBefore(string file)
    {
        Interrupt();
        var path = Path.Combine(Newest, file);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 4;
        File.WriteAllBytes(path, bytes);

        GoesOnFromTheOneBefore();
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("trainer/optimizer.safetensors")]
    [InlineData("trainer/state.json")]
    public void Resume_TruncatedFile_NamesTheCheckpointAndUsesTheOneBefore(string file)
    {
        Interrupt();
        using (var stream = File.OpenWrite(Path.Combine(Newest, file)))
        {
            stream.SetLength(stream.Length / 2);
        }

        GoesOnFromTheOneBefore();
    }

    [Theory]
    [InlineData("model.safetensors")]
    [InlineData("trainer/SHA256SUMS")]
    public void Resume_MissingFile_NamesTheCheckpointAndUsesTheOneBefore(string file)
    {
        Interrupt();
        File.Delete(Path.Combine(Newest, file));

        GoesOnFromTheOneBefore();
    }

    [Fact]
    public void Resume_HalfWrittenCheckpoint_IsSweptAway()
    {
        Interrupt();
        var partial = _folder[Path.Combine("a", "checkpoints", ".step-000008.partial")];
        Directory.CreateDirectory(partial);
        File.WriteAllText(Path.Combine(partial, "model.safetensors"), "half");

        using var run = new ToyRun(_folder["a"]);
        run.Run(TestContext.Current.CancellationToken);

        Assert.False(Directory.Exists(partial));
        Assert.Equal(Unbroken(), run.Bytes());
    }

    [Fact]
    public void Resume_MetricsWithHalfALine_AreCutToTheCheckpoint()
    {
        Interrupt();
        File.AppendAllText(new RunFolder(_folder["a"]).Metrics, "{\"step\":6,\"rew");

        using var run = new ToyRun(_folder["a"]);
        run.Run(TestContext.Current.CancellationToken);

        Assert.Equal(Unbroken(), run.Bytes());
    }

    [Fact]
    public void Resume_MetricsShorterThanTheCheckpointSays_Refuses()
    {
        Interrupt();
        var metrics = new RunFolder(_folder["a"]).Metrics;
        File.WriteAllText(metrics, "{}\n");

        using var run = new ToyRun(_folder["a"]);
        var error = Assert.Throws<InputException>(() => run.Run(TestContext.Current.CancellationToken));
        Assert.StartsWith(metrics, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Save_FolderCannotBeMade_SaysSoAndLeavesTheLastCheckpoint()
    {
        // A file where the next checkpoint's hidden folder goes: nothing can be written there, even by root.
        using var run = new ToyRun(_folder["a"])
        {
            AfterStep = step =>
            {
                if (step == 4)
                {
                    File.WriteAllText(_folder[Path.Combine("a", "checkpoints", ".step-000006.partial")], "in the way");
                }
            },
        };

        var error = Assert.Throws<InputException>(() => run.Run(TestContext.Current.CancellationToken));

        Assert.Contains("step-000006 could not be written", error.Message, StringComparison.Ordinal);
        Assert.Contains("step-000004", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, new CheckpointStore(run.Folder).Verify(4).Step);
        Assert.Equal("failed", RunStatus.Read(run.Folder)!.State);
    }

    [Fact]
    public void Lock_FolderInUse_NamesTheProcess()
    {
        var folder = new RunFolder(_folder["a"]);
        using var held = RunLock.Take(folder);

        var error = Assert.Throws<InputException>(() => RunLock.Take(folder));

        Assert.Contains($"process {Environment.ProcessId}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lock_Released_CanBeTakenAgain()
    {
        var folder = new RunFolder(_folder["a"]);
        RunLock.Take(folder).Dispose();

        using var held = RunLock.Take(folder);
        Assert.True(File.Exists(folder.Lock));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A run that stopped right after the checkpoint of step 6.</summary>
    private void Interrupt()
    {
        using var asked = new CancellationTokenSource();
        using var run = new ToyRun(_folder["a"])
        {
            AfterStep = step =>
            {
                if (step == 6)
                {
                    asked.Cancel();
                }
            },
        };
        run.Run(asked.Token);
        Assert.Equal(6, new CheckpointStore(run.Folder).Steps()[0]);
    }

    private void GoesOnFromTheOneBefore()
    {
        using var run = new ToyRun(_folder["a"]);
        run.Run(TestContext.Current.CancellationToken);

        Assert.Contains(run.Warnings, warning => warning.StartsWith(Newest, StringComparison.Ordinal) && warning.Contains("is damaged", StringComparison.Ordinal));
        Assert.Contains(run.Notes, note => note.Contains("step-000004", StringComparison.Ordinal));
        Assert.Equal(Unbroken(), run.Bytes());
    }

    private SortedDictionary<string, string> Unbroken()
    {
        using var run = new ToyRun(_folder["unbroken"]);
        run.Run(TestContext.Current.CancellationToken);
        return run.Bytes();
    }
}
