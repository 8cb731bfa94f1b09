namespace Reft.Training.Schedules;

/// <summary>The shape of a learning rate after its warm-up.</summary>
public interface ISchedule : INamed
{
    /// <summary>The share of the peak, in [0, 1].</summary>
    /// <param name="done">The share of the steps after the warm-up that is done, in [0, 1].</param>
    double At(double done);
}
