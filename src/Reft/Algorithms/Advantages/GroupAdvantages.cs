namespace Reft.Algorithms.Advantages;

/// <summary>What a sample's reward is compared with among the samples of its problem.</summary>
public enum GroupBaseline
{
    /// <summary>The mean of all of them, its own included.</summary>
    Mean,

    /// <summary>The mean of the others: independent of the sample, so the gradient is unbiased.</summary>
    LeaveOneOut,
}

/// <summary>What the difference to the baseline is divided by.</summary>
public enum GroupScale
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The group's standard deviation with n-1, as most programs do it.</summary>
    SampleDeviation,

    /// <summary>The group's standard deviation with n.</summary>
    PopulationDeviation,
}

/// <summary>
/// One advantage a sequence, relative to the other samples of the same problem: <c>A = (R - b) / s</c>, R the sum of its rewards. Where all of
/// a group are worth the same, and in a group of one, nothing can be compared: the advantage is 0, and the group is counted.
/// </summary>
/// <param name="baseline">b.</param>
/// <param name="scale">s.</param>
public sealed class GroupAdvantages(GroupBaseline baseline, GroupScale scale) : IAdvantageEstimator
{
    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics { get; } =
        [new("group/equal_share", "share of problems whose samples are all worth the same: they teach nothing")];

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "A = (R - mean) / std, or R - mean of the others, over the samples of a problem", "Algorithms/Advantages/GroupAdvantages: Relative", "Shao 2024, section 4.1.2; Ahmadian 2024, equation 8") { Departure = "no ε: where all are worth the same A is 0, exactly" },
    ];

    /// <inheritdoc/>
    public IReadOnlyList<AdvantageEstimate> Estimate(IReadOnlyList<Trajectory> trajectories, StepMetrics metrics)
    {
        var estimates = new AdvantageEstimate[trajectories.Count];
        var groups = Enumerable.Range(0, trajectories.Count).GroupBy(b => trajectories[b].Rollout.Problem.Id, StringComparer.Ordinal);
        foreach (var group in groups.Select(g => g.ToArray()))
        {
            var relative = Relative([.. group.Select(b => trajectories[b].Rewards.Sum())], baseline, scale);
            metrics.Add("group/equal_share", relative.All(a => a == 0) ? 1 : 0, 1);
            foreach (var (b, advantage) in group.Zip(relative))
            {
                estimates[b] = new AdvantageEstimate([.. trajectories[b].Sampled.Select(s => s ? advantage : 0)], []);
            }
        }

        return estimates;
    }

    /// <summary>The advantages of a group's samples.</summary>
    /// <param name="rewards">Their rewards [G].</param>
    /// <param name="baseline">What they are compared with.</param>
    /// <param name="scale">What the difference is divided by.</param>
    /// <returns>Advantages [G].</returns>
    public static double[] Relative(IReadOnlyList<double> rewards, GroupBaseline baseline, GroupScale scale)
    {
        ArgumentNullException.ThrowIfNull(rewards);
        var count = rewards.Count;
        // Compared and not subtracted: the mean of equal numbers may be another one, and a deviation of rounding is not one to divide by.
        if (rewards.All(r => r == rewards[0]))
        {
            return new double[count];
        }

        var sum = rewards.Sum();
        var mean = sum / count;
        var squares = rewards.Sum(r => (r - mean) * (r - mean));
        var divisor = scale switch
        {
            GroupScale.None => 1,
            GroupScale.SampleDeviation => Math.Sqrt(squares / (count - 1)),
            GroupScale.PopulationDeviation => Math.Sqrt(squares / count),
            _ => throw new ArgumentOutOfRangeException(nameof(scale), scale, "not a scale"),
        };
        return [.. rewards.Select(r => (r - (baseline == GroupBaseline.Mean ? mean : (sum - r) / (count - 1))) / divisor)];
    }
}
