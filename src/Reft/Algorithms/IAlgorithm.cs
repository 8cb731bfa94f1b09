using Reft.Models;
using Reft.Rollouts;
using static TorchSharp.torch;

namespace Reft.Algorithms;

/// <summary>
/// What loss rollouts get. The trainer knows nothing of it but this: it prepares a step's rollouts once, and then
/// asks for the loss of one micro-batch after another.
/// </summary>
public interface IAlgorithm : IResumable
{
    /// <summary>The figures that it writes.</summary>
    IReadOnlyList<Metric> Metrics => [];

    /// <summary>The formulas that it computes.</summary>
    IReadOnlyList<Formula> Formulas => [];

    /// <summary>How often a step's rollouts are gone through, at least 1.</summary>
    int Epochs { get; }

    /// <summary>Sequences of an optimizer step; 0 for all of the step's.</summary>
    int MiniBatch { get; }

    /// <summary>
    /// Whether a mini-batch takes problems whole, and only sequences that are learned; their order is drawn by problems.
    /// </summary>
    bool KeepsGroups => false;

    /// <summary>What the policy has to be asked for in a loss, at a step.</summary>
    PolicyQuestions Questions(long step);

    /// <summary>Turns rollouts into trajectories, without gradients: old values, references, rewards, advantages.</summary>
    /// <param name="rollouts">The step's rollouts.</param>
    /// <param name="policy">The policy that drew them.</param>
    /// <param name="metrics">Gets the step's figures.</param>
    IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics);

    /// <summary>
    /// The weights of every token of a mini-batch [B][T], known before its first micro-batch; the losses of its
    /// micro-batches are summed, so they do not depend on the split.
    /// </summary>
    float[][] Weigh(IReadOnlyList<Trajectory> miniBatch);

    /// <summary>The weighted sum of the losses of a micro-batch's tokens.</summary>
    /// <param name="outputs">What the policy says of them, with gradients.</param>
    /// <param name="microBatch">The tokens' data.</param>
    /// <param name="metrics">Gets figures; null where nothing is to be measured, nor remembered, since it is another time.</param>
    /// <param name="step">The training step.</param>
    /// <returns>A scalar.</returns>
    Tensor Loss(PolicyOutputs outputs, TokenColumns microBatch, StepMetrics? metrics, long step);

    /// <summary>Whether the rest of the step's optimizer steps are left out, from the figures so far.</summary>
    bool StopsEarly(StepMetrics metrics);
}
