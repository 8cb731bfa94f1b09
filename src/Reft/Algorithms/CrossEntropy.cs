using System.Text.Json.Nodes;
using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;
using static TorchSharp.torch;

namespace Reft.Algorithms;

/// <summary>Options of <see cref="CrossEntropy"/>.</summary>
public sealed record CrossEntropyOptions
{
    /// <summary>How token losses are aggregated; ReFT's supervised phase takes the mean over all tokens of the batch.</summary>
    public Aggregation Aggregation { get; init; } = Aggregation.TokenMean;

    /// <summary>The length of <see cref="Aggregation.SequenceSumConstant"/>, at least 1.</summary>
    public int ConstantLength { get; init; } = 512;

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path) =>
        ConstantLength >= 1 ? [] : [$"{path}.constantLength is {ConstantLength}: it must be at least 1"];
}

/// <summary>
/// Cross-entropy on the tokens to imitate: <c>L = -Σ w_t log π(a_t|s_t)</c> (ReFT, equation 1). The prompt and hints get
/// no loss; the stop token is learned.
/// </summary>
public sealed class CrossEntropy(CrossEntropyOptions options) : IAlgorithm
{
    /// <inheritdoc/>
    public int Epochs => 1;

    /// <inheritdoc/>
    public int MiniBatch => 0;

    /// <inheritdoc/>
    public PolicyQuestions Questions(long step) => PolicyQuestions.None;

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        var trajectories = rollouts.Select(r => new Trajectory(r)).ToArray();
        metrics.Set("tokens/learned", trajectories.Sum(t => t.Sampled.Count(s => s)));
        return trajectories;
    }

    /// <inheritdoc/>
    public float[][] Weigh(IReadOnlyList<Trajectory> miniBatch) =>
        TokenWeights.Compute([.. miniBatch.Select(t => t.Sampled)], options.Aggregation, options.ConstantLength);

    /// <inheritdoc/>
    public Tensor Loss(PolicyOutputs outputs, TokenColumns microBatch, StepMetrics metrics, long step) =>
        WeightedLoss(outputs, microBatch, metrics);

    /// <summary><c>-Σ w_t log π(a_t|s_t)</c>, and the mean over the tokens that count for the metrics.</summary>
    internal static Tensor WeightedLoss(PolicyOutputs outputs, TokenColumns microBatch, StepMetrics metrics)
    {
        var count = microBatch.Counts.Count(c => c);
        if (count > 0)
        {
            var counts = microBatch.Weights.IsNotZero();
            metrics.Add("loss/nll", -outputs.LogProbs.detach().masked_select(counts).mean().item<float>(), count);
        }

        return -(outputs.LogProbs * microBatch.Weights).sum();
    }

    /// <inheritdoc/>
    public bool StopsEarly(StepMetrics metrics) => false;

    /// <inheritdoc/>
    public JsonObject Save() => [];

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        // There is none.
    }
}
