using Reft.Training.Schedules;

namespace Reft.Training;

/// <summary>A learning rate for every step: a linear warm-up from 0, then the shape.</summary>
internal sealed record LearningRateSchedule
{
    /// <summary>The highest learning rate, above 0.</summary>
    public required double Peak { get; init; }

    /// <summary>The shape after the warm-up.</summary>
    public required ISchedule Shape { get; init; }

    /// <summary>Steps of the warm-up, at least 0.</summary>
    public required long WarmupSteps { get; init; }

    /// <summary>Steps of the whole schedule; a run may stop before them, as the paper's warm-up does.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>The learning rate of step <paramref name="step"/>, counted from 0, as Transformers' schedulers give it.</summary>
    public double At(long step)
    {
        if (step < WarmupSteps)
        {
            return Peak * step / WarmupSteps;
        }

        var span = Math.Max(1, TotalSteps - WarmupSteps);
        return Peak * Shape.At(Math.Min(1, (double)(step - WarmupSteps) / span));
    }
}
