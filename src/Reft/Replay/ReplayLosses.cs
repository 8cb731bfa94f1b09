using Reft.Algorithms;
using static TorchSharp.torch;

namespace Reft.Replay;

/// <summary>The losses of stored rollouts before any update, where the policy is the one that drew them: ratio 1.</summary>
internal static class ReplayLosses
{
    /// <summary>The policy loss and the value loss, the rollout batch as one mini-batch.</summary>
    public static (double Policy, double Value) Of(IReadOnlyList<Trajectory> trajectories, PpoOptions options)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var masks = trajectories.Select(t => Ppo.Preparation(options, reference: null).Rewards.LeavesOut(t.Rollout) ? new bool[t.Sampled.Length] : t.Sampled);
        var weights = Column(TokenWeights.Compute([.. masks], options.Aggregation, options.ConstantLength)); // [N]
        var logProbs = Column(trajectories.Select(t => t.OldLogProbs)); // [N]
        var advantages = Column(trajectories.Select(t => t.Advantages)); // [N]
        var values = Column(trajectories.Select(t => t.OldValues)); // [N]
        var returns = Column(trajectories.Select(t => t.Returns)); // [N]
        var ratio = PolicyLosses.Ratio(logProbs, logProbs);
        var policy = PolicyLosses.ClippedSurrogate(ratio, advantages, options.ClipLow, options.ClipHigh);
        var value = PolicyLosses.ClippedValue(values, values, returns, options.ValueClip);
        return ((policy * weights).sum().item<float>(), (value * weights).sum().item<float>());
    }

    private static Tensor Column(IEnumerable<float[]> rows) => tensor(rows.SelectMany(row => row).ToArray());
}
