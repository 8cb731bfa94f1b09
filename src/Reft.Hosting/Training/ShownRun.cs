using Reft.Configuration;
using Reft.Reporting;
using Reft.Runs;
using Reft.Training.Runs;

namespace Reft.Hosting.Training;

/// <summary>A run that is trained, shown and reported.</summary>
internal static class ShownRun
{
    /// <summary>Trains it, or goes on with it, and writes its report.</summary>
    /// <param name="config">The config.</param>
    /// <param name="resume">Whether the folder holds the run already.</param>
    /// <param name="view">Shows it.</param>
    /// <param name="cancellation">Finishes the step, saves, and ends.</param>
    public static RunOutcome Train(LoadedConfig config, bool resume, TrainingView view, CancellationToken cancellation)
    {
        using var run = TrainingRun.Prepare(config, view, TimeProvider.System);
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
