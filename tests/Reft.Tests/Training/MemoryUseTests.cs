using Reft.Algorithms;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class MemoryUseTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void Read_AroundATensor_SeesItsBytes(int megabytes)
    {
        Assert.SkipUnless(MemoryUse.Read().NativeBytes is not null, "the C library does not say what it has given out");
        var bytes = (long)megabytes << 20;

        ones(bytes / 4).Dispose(); // The first large tensor starts libtorch's threads.
        // What else the process allocates meanwhile is small, most of the time: threads of earlier tests end when they like.
        const long Slack = 300_000;
        const int Tries = 10;
        var differences = Enumerable.Range(0, Tries).Select(_ => Around(bytes)).ToArray();

        Assert.Contains(differences, d => Math.Abs(d.Held - bytes) <= Slack && Math.Abs(d.Left) <= Slack);
    }

    /// <summary>How many native bytes a tensor adds, and how many are left when it is gone.</summary>
    private static (long Held, long Left) Around(long bytes)
    {
        var before = MemoryUse.Read();
        using var tensor = ones(bytes / 4);
        var during = MemoryUse.Read();
        tensor.Dispose();
        var after = MemoryUse.Read();
        Assert.InRange(during.PeakResidentBytes, bytes, long.MaxValue);
        Assert.InRange(during.ResidentBytes, bytes, during.PeakResidentBytes);
        return (during.NativeBytes!.Value - before.NativeBytes!.Value, after.NativeBytes!.Value - before.NativeBytes.Value);
    }

    [Fact]
    public void Report_OneStep_DividesTokensBySeconds()
    {
        var metrics = new StepMetrics();

        new StepCosts(NewTokens: 600, TrainedTokens: 4000, RolloutSeconds: 2, UpdateSeconds: 5, StepSeconds: 8)
            .Report(metrics, new MemoryUse(10, 20, 5));

        Assert.Equal(300, metrics["speed/rollout_tokens_per_s"]);
        Assert.Equal(75, metrics["speed/new_tokens_per_s"]);
        Assert.Equal(800, metrics["speed/trained_tokens_per_s"]);
        Assert.Equal(10, metrics["memory/resident_bytes"]);
        Assert.Equal(20, metrics["memory/peak_resident_bytes"]);
        Assert.Equal(5, metrics["memory/native_bytes"]);
    }

    [Fact]
    public void Report_NothingDrawn_HasNoSpeedOfDrawing()
    {
        var metrics = new StepMetrics();

        new StepCosts(0, 4000, 0, 5, 5).Report(metrics, new MemoryUse(10, 20, null));

        Assert.DoesNotContain("speed/new_tokens_per_s", metrics.All.Keys);
        Assert.DoesNotContain("memory/native_bytes", metrics.All.Keys);
    }
}
