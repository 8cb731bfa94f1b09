using System.Diagnostics;

namespace Reft.Reproduction;

/// <summary>A part of a larger work.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Needs">The stages that must be done before.</param>
/// <param name="Run">Does it; false where it was asked to stop.</param>
internal sealed record Stage(string Name, string[] Needs, Func<CancellationToken, bool> Run);

/// <summary>
/// Does stages, one after the other, and enters them in a log. Several processes may run the same ones: each takes a stage that nobody has
/// and whose needs are done.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="work">By which processes share the stages.</param>
/// <param name="observer">Told.</param>
internal sealed class StageRunner(StageLog log, SharedWork work, IReproductionObserver observer)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>Does what is missing, and waits for what others do of it.</summary>
    /// <param name="stages">The stages.</param>
    /// <param name="looked">Called with what is done, before each.</param>
    /// <param name="cancellation">Ends the stage with what it did saved.</param>
    /// <returns>Whether all is done; false where it was asked to stop.</returns>
    public bool Run(IReadOnlyList<Stage> stages, Action<HashSet<string>> looked, CancellationToken cancellation)
    {
        for (var isWaiting = false; ;)
        {
            var done = log.Done();
            looked(done);
            if (stages.All(stage => done.Contains(stage.Name)))
            {
                return true;
            }

            if (Take(stages, done) is { } taken)
            {
                using (taken.Held)
                {
                    isWaiting = false;
                    observer.Begun(taken.Stage.Name, stages.TakeWhile(stage => stage != taken.Stage).Count() + 1, stages.Count);
                    if (!Do(taken.Stage, cancellation))
                    {
                        return false;
                    }
                }
            }
            else
            {
                if (!isWaiting)
                {
                    isWaiting = true;
                    observer.Noted("waiting for stages that other processes do");
                }

                if (cancellation.WaitHandle.WaitOne(Pause))
                {
                    return false;
                }
            }
        }
    }

    /// <summary>The first stage that can be done and that nobody has; null where there is none now.</summary>
    private (Stage Stage, IDisposable Held)? Take(IReadOnlyList<Stage> stages, HashSet<string> done)
    {
        foreach (var stage in stages.Where(stage => !done.Contains(stage.Name) && stage.Needs.All(done.Contains)))
        {
            if (work.TryTake(stage.Name) is { } held)
            {
                // Who had it may have done it meanwhile.
                if (!log.Done().Contains(stage.Name))
                {
                    return (stage, held);
                }

                held.Dispose();
            }
        }

        return null;
    }

    private bool Do(Stage stage, CancellationToken cancellation)
    {
        var time = Stopwatch.StartNew();
        var processor = Environment.CpuUsage.TotalTime;
        var isDone = false;
        try
        {
            isDone = !cancellation.IsCancellationRequested && stage.Run(cancellation);
        }
        catch (OperationCanceledException)
        {
            // What it wrote is gone on with.
        }

        using var alone = work.Alone();
        log.Add(new StageRecord(
            stage.Name, isDone, Math.Round(time.Elapsed.TotalSeconds, 1), Math.Round((Environment.CpuUsage.TotalTime - processor).TotalSeconds, 1)));
        return isDone;
    }
}
