namespace Reft.Training.Schedules;

/// <summary>Stays at its peak (ReFT's reinforcement phase).</summary>
public sealed record ConstantSchedule : ISchedule
{
    /// <inheritdoc/>
    public string Name => "constant";

    /// <inheritdoc/>
    public string Summary => "stays at its peak";

    /// <inheritdoc/>
    public double At(double done) => 1;
}
