namespace Reft.Training.Runs;

/// <summary>Told how a run gets on, to show it.</summary>
public interface ITrainingObserver
{
    /// <summary>The run is being made ready: problems are read, a model is loaded.</summary>
    /// <param name="what">What is done now, in words.</param>
    void Preparing(string what)
    {
    }

    /// <summary>A step was done.</summary>
    /// <param name="step">The step.</param>
    /// <param name="of">Steps of the whole run.</param>
    void Stepped(TrainingStep step, long of);

    /// <summary>Something happened that is worth a line: an evaluation, a checkpoint, an alarm, a resume.</summary>
    /// <param name="note">What, in words.</param>
    /// <param name="isWarning">Whether the user should worry.</param>
    void Noted(string note, bool isWarning);
}
