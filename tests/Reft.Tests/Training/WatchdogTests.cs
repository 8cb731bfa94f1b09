using Reft.Training;
using Reft.Training.Invariants;
using Reft.Training.Runs;

namespace Reft.Tests.Training;

public sealed class WatchdogTests
{
    [Fact]
    public async Task Watch_NothingMoves_NamesPhaseAndSample()
    {
        var heartbeat = new Heartbeat();
        var observer = new Observer();
        heartbeat.Beat("rollout", "p17");

        using (new Watchdog(heartbeat, new InvariantOptions { WatchdogSeconds = 1 }, observer))
        {
            var note = await observer.First.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

            Assert.Contains("nothing has moved for 1 s; the run is at rollout, p17", note, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Watch_TurnedOff_IsSilent()
    {
        var observer = new Observer();
        var options = new InvariantOptions { WatchdogSeconds = 1, Off = [InvariantCatalog.Watchdog] };

        using (new Watchdog(new Heartbeat(), options, observer))
        {
            await Task.Delay(TimeSpan.FromSeconds(2.5), TestContext.Current.CancellationToken);
        }

        Assert.False(observer.First.Task.IsCompleted);
    }

    private sealed class Observer : ITrainingObserver
    {
        public TaskCompletionSource<string> First { get; } = new();

        public void Stepped(TrainingStep step, long of)
        {
        }

        public void Noted(string note, bool isWarning) => First.TrySetResult(note);
    }
}
