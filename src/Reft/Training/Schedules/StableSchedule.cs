namespace Reft.Training.Schedules;

/// <summary>Stays at its peak and falls linearly to 0 at the end (<see href="https://arxiv.org/abs/2404.06395"/>, section 4).</summary>
public sealed record StableSchedule : ISchedule
{
    /// <inheritdoc/>
    public string Name => "stable";

    /// <inheritdoc/>
    public string Summary => "stays at its peak, then falls linearly to 0 over the last decayShare of the steps";

    /// <summary>The share of the steps after the warm-up in which it falls, above 0 and at most 1.</summary>
    [Option("the share of the steps after the warm-up in which it falls", Above = 0, AtMost = 1)]
    public double DecayShare { get; init => field = InRange.Of(this, value); } = 0.1;

    /// <inheritdoc/>
    public double At(double done) => Math.Min(1, (1 - done) / DecayShare);
}
