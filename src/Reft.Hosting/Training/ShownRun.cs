using Reft.Configuration;
using Reft.Hosting.Workers;
using Reft.Ranks;
using Reft.Reporting;
using Reft.Runs;
using Reft.Training.Runs;

namespace Reft.Hosting.Training;

/// <summary>A run that is trained, shown and reported.</summary>
internal static class ShownRun
{
    /// <summary>A rank is said to hang after so many times what the watchdog waits for: its part of a step may take longer than others'.</summary>
    private const int Patience = 6;

    /// <summary>Trains it, or goes on with it, and writes its report.</summary>
    /// <param name="config">The config.</param>
    /// <param name="resume">Whether the folder holds the run already.</param>
    /// <param name="view">Shows it.</param>
    /// <param name="cancellation">Finishes the step, saves, and ends.</param>
    public static RunOutcome Train(LoadedConfig config, bool resume, TrainingView view, CancellationToken cancellation)
    {
        if (MpiCommunicator.IsLaunched)
        {
            return Together(config, resume, view, cancellation);
        }

        using var run = TrainingRun.Prepare(config, view, TimeProvider.System, RankGroup.Alone, NatsLeases.Begin);
        return Show(run, resume, view, cancellation);
    }

    /// <summary>One of several processes: the first shows and reports, the others compute.</summary>
    private static RunOutcome Together(LoadedConfig config, bool resume, TrainingView view, CancellationToken cancellation)
    {
        using var ranks = new RankGroup(MpiCommunicator.Join(Patience * TimeSpan.FromSeconds(config.Config.Invariants.WatchdogSeconds)));
        try
        {
            using var run = TrainingRun.Prepare(config, view, TimeProvider.System, ranks, NatsLeases.Begin);
            return ranks.IsFirst ? Show(run, resume, view, cancellation) : run.Run(resume, Environment.CommandLine, cancellation);
        }
        catch (Exception error)
        {
            // A job's border: whoever fails ends all, for the others would wait for it.
            ranks.Abort(error.Message);
            throw;
        }
    }

    private static RunOutcome Show(TrainingRun run, bool resume, TrainingView view, CancellationToken cancellation)
    {
        view.Begin(run);
        var outcome = run.Run(resume, Environment.CommandLine, cancellation);
        ReportPage.Write(run.Config.Run, Path.Combine(run.Config.Run, ReportPage.FileName), run.Config.Catalog);
        view.End(run, outcome);
        return outcome;
    }

    /// <summary>Trains a run of several: goes on where its folder is one.</summary>
    public static RunOutcome Train(RunConfig config, TrainingView view, CancellationToken cancellation) =>
        Train(new LoadedConfig(config, Provenance.None), new RunFolder(config.Run).IsRun, view, cancellation);
}
