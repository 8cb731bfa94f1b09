using System.Text.Json.Nodes;

namespace Reft.Training.Invariants;

/// <summary>
/// Remembers how good the policy has been: the exponential mean of the share of correct samples, and its highest value.
/// </summary>
/// <param name="limit">The share of the highest mean below which the policy has collapsed.</param>
internal sealed class RewardPeak(double limit)
{
    /// <summary>Weight of a step in the mean.</summary>
    private const double Weight = 0.1;

    /// <summary>A policy that was never this good has nothing to lose.</summary>
    private const double LeastPeak = 0.05;

    private double? _mean;
    private double _peak;

    /// <summary>Takes a step in; null where it drew no samples.</summary>
    public Measured? Measure(TrainingStep step)
    {
        var correct = step["verdict/correct_share"];
        if (double.IsNaN(correct))
        {
            return null;
        }

        var mean = _mean is { } before ? before + (Weight * (correct - before)) : correct;
        _mean = mean;
        _peak = Math.Max(_peak, mean);
        return _peak < LeastPeak ? null : new Measured(mean, limit * _peak, mean < limit * _peak);
    }

    /// <summary>The state, as bits: it goes on exactly.</summary>
    public JsonObject Save() => _mean is { } mean
        ? new() { ["mean"] = BitConverter.DoubleToInt64Bits(mean), ["peak"] = BitConverter.DoubleToInt64Bits(_peak) }
        : [];

    /// <summary>Puts a state back.</summary>
    public void Restore(JsonObject? state)
    {
        _mean = state?["mean"] is { } mean ? BitConverter.Int64BitsToDouble(mean.GetValue<long>()) : null;
        _peak = state?["peak"] is { } peak ? BitConverter.Int64BitsToDouble(peak.GetValue<long>()) : 0;
    }
}
