namespace Reft.Training;

/// <summary>The shape of a learning rate after its warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>Stays at its peak (ReFT's reinforcement phase).</summary>
    Constant,

    /// <summary>Falls linearly to 0 at the last step (ReFT's supervised phase).</summary>
    Linear,

    /// <summary>Falls along half a cosine to 0 at the last step.</summary>
    Cosine,
}

/// <summary>A learning rate for every step: a linear warm-up from 0, then the shape.</summary>
public sealed record LearningRateSchedule
{
    /// <summary>The highest learning rate, above 0.</summary>
    public required double Peak { get; init; }

    /// <summary>The shape after the warm-up.</summary>
    public required ScheduleKind Kind { get; init; }

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

        if (Kind == ScheduleKind.Constant)
        {
            return Peak;
        }

        var span = Math.Max(1, TotalSteps - WarmupSteps);
        var done = Math.Min(1, (double)(step - WarmupSteps) / span);
        return Kind == ScheduleKind.Linear ? Peak * (1 - done) : Peak * 0.5 * (1 + Math.Cos(Math.PI * done));
    }
}
