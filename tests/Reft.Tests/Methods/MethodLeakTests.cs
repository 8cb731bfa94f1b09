using Reft.Outside;
using Reft.Runs;
using Reft.Training;
using Reft.Training.Runs;
using static TorchSharp.torch;

namespace Reft.Tests.Methods;

/// <summary>No method leaves a tensor behind: not from step to step, and not when its run is over.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class MethodLeakTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Methods => [.. OutsideCatalog.All.MethodNames];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Methods))]
    public void Run_OfEveryMethod_KeepsTheLiveTensorsFlat(string method)
    {
        var counter = new Counter();
        using var run = TrainingRun.Prepare(
            MethodRuns.Load(_folder, OutsideCatalog.All, "run", method, 6, "evaluation.everySteps=100"), counter, TimeProvider.System);

        Assert.Equal(RunEnd.Finished, run.Run(resume: false, "test", CancellationToken.None).End);

        Assert.Equal(6, counter.Live.Count);
        // The first step makes what lives as long as the run.
        Assert.Equal((counter.Live[1], counter.Live[1]), (counter.Live.Skip(1).Min(), counter.Live.Max()));
    }

    private sealed class Counter : ITrainingObserver
    {
        public List<long> Live { get; } = [];

        public void Stepped(TrainingStep step, long of) => Live.Add(Tensor.TotalCount);

        public void Noted(string note, bool isWarning)
        {
        }
    }
}
