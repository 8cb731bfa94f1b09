using Reft.Runs;
using Reft.Training;
using Reft.Training.Runs;

namespace Reft.Hosting.Training;

/// <summary>Shows how a run gets on.</summary>
internal abstract class TrainingView : ITrainingObserver, IDisposable
{
    /// <inheritdoc/>
    public virtual void Preparing(string what)
    {
    }

    /// <summary>The run is ready and begins.</summary>
    public abstract void Begin(TrainingRun run);

    /// <inheritdoc/>
    public abstract void Stepped(TrainingStep step, long of);

    /// <inheritdoc/>
    public abstract void Noted(string note, bool isWarning);

    /// <summary>The run ended.</summary>
    public abstract void End(TrainingRun run, RunOutcome outcome);

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}

/// <summary>Which view fits where the output goes.</summary>
internal static class TrainingViews
{
    public static TrainingView Create(Terminal terminal, bool json, bool quiet) =>
        json ? new JsonView(terminal)
        : quiet ? new PlainView(terminal, everySeconds: double.PositiveInfinity, notes: false)
        : terminal.IsErrorInteractive ? new LiveView(terminal.AnsiError)
        : new PlainView(terminal, everySeconds: 10, notes: true);
}
