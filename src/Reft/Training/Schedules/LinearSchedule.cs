namespace Reft.Training.Schedules;

/// <summary>Falls linearly to 0 at the last step (ReFT's supervised phase).</summary>
public sealed record LinearSchedule : ISchedule
{
    /// <inheritdoc/>
    public string Name => "linear";

    /// <inheritdoc/>
    public string Summary => "falls linearly to 0 at the last step";

    /// <inheritdoc/>
    public double At(double done) => 1 - done;
}
