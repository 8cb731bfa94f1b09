using Reft.Training.Schedules;

namespace Reft.Outside;

/// <summary>A schedule.</summary>
public sealed record HalfSchedule : ISchedule
{
    /// <inheritdoc/>
    public string Name => "half";

    /// <inheritdoc/>
    public string Summary => "half of the peak";

    /// <inheritdoc/>
    public double At(double done) => 0.5;
}
