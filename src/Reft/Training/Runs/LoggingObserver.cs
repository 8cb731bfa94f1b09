using Microsoft.Extensions.Logging;

namespace Reft.Training.Runs;

/// <summary>Writes how a run gets on to a log: notes and warnings, and every step's figures at the level of debugging.</summary>
/// <param name="logger">The log.</param>
public sealed partial class LoggingObserver(ILogger logger) : ITrainingObserver
{
    /// <inheritdoc/>
    public void Stepped(TrainingStep step, long of)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            var figures = string.Join(", ", step.Metrics.All.Select(pair => FormattableString.Invariant($"{pair.Key} {pair.Value:G4}")));
            LogStep(step.Step, of, figures);
        }
    }

    /// <inheritdoc/>
    public void Noted(string note, bool isWarning)
    {
        if (isWarning)
        {
            LogWarning(note);
        }
        else
        {
            LogNote(note);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "step {Step} of {Of}: {Figures}")]
    private partial void LogStep(long step, long of, string figures);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Note}")]
    private partial void LogNote(string note);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Note}")]
    private partial void LogWarning(string note);
}
