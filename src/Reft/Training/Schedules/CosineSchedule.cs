namespace Reft.Training.Schedules;

/// <summary>Falls along half a cosine to 0 at the last step.</summary>
public sealed record CosineSchedule : ISchedule
{
    /// <inheritdoc/>
    public string Name => "cosine";

    /// <inheritdoc/>
    public string Summary => "falls along half a cosine to 0 at the last step";

    /// <inheritdoc/>
    public double At(double done) => 0.5 * (1 + Math.Cos(Math.PI * done));
}
