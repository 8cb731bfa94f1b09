using System.Text.Json.Nodes;
using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;
using static TorchSharp.torch;

namespace Reft.Algorithms;

/// <summary>
/// PPO with a terminal reward from the verdict and a per-token KL penalty to a frozen reference inside the reward, as ReFT
/// does it (<see href="https://arxiv.org/abs/2401.08967"/>, section 3.2).
/// </summary>
public sealed class Ppo : IAlgorithm
{
    private readonly PpoOptions _options;
    private readonly Func<IReadOnlyList<PolicySequence>, float[][]> _reference;
    private readonly PpoMeter _meter;

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The frozen reference's log-probabilities of responses [B][T].</param>
    public Ppo(PpoOptions options, Func<IReadOnlyList<PolicySequence>, float[][]> reference)
    {
        _options = options;
        _reference = reference;
        _meter = new PpoMeter(options);
        Kl = new KlController(options.Kl);
    }

    /// <summary>The KL coefficient; part of a checkpoint.</summary>
    public KlController Kl { get; }

    /// <inheritdoc/>
    public int Epochs => _options.Epochs;

    /// <inheritdoc/>
    public int MiniBatch => _options.MiniBatch;

    /// <inheritdoc/>
    public PolicyQuestions Questions(long step) => PolicyQuestions.Entropy
        | (step < _options.ValueWarmupSteps ? PolicyQuestions.DetachedValues : PolicyQuestions.Values);

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        foreach (var parameter in policy.ValueParameters)
        {
            parameter.RateFactor = _options.ValueRateFactor;
        }

        var sequences = rollouts.Select(r => new PolicySequence(r.Tokens, r.PromptLength)).ToArray();
        var values = PolicyEvaluation.Values(policy, sequences, _options.EvaluationTokens);
        var references = _reference(sequences);
        var trajectories = rollouts.Select((rollout, b) => new Trajectory(rollout)
        {
            OldLogProbs = rollout.LogProbs,
            ReferenceLogProbs = references[b],
            OldValues = values[b],
            LeftOut = PpoTargets.LeavesOut(_options, rollout),
        }).ToArray();
        var sequenceKl = PpoTargets.Set(trajectories, _options, Kl.Coefficient, metrics);
        Kl.Update(sequenceKl, trajectories.Length);
        _meter.StartStep(policy.Decoder.Dtype);
        return trajectories;
    }

    /// <inheritdoc/>
    public float[][] Weigh(IReadOnlyList<Trajectory> miniBatch)
    {
        var masks = miniBatch.Select(PpoTargets.Counting).ToArray();
        _meter.StartMiniBatch(Masked.Count(masks));
        return TokenWeights.Compute(masks, _options.Aggregation, _options.ConstantLength);
    }

    /// <inheritdoc/>
    public Tensor Loss(PolicyOutputs outputs, TokenColumns microBatch, StepMetrics metrics, long step)
    {
        var old = microBatch.Column(t => t.OldLogProbs);
        var ratio = PolicyLosses.Ratio(outputs.LogProbs, old);
        var advantages = microBatch.Column(t => t.Advantages);
        var surrogate = PolicyLosses.ClippedSurrogate(ratio, advantages, _options.ClipLow, _options.ClipHigh);
        var value = PolicyLosses.ClippedValue(
            outputs.Values!, // The policy was asked for them.
            microBatch.Column(t => t.OldValues), microBatch.Column(t => t.Returns), _options.ValueClip);
        var policyLoss = (surrogate * microBatch.Weights).sum();
        var valueLoss = (value * microBatch.Weights).sum();
        _meter.Measure(new PpoMeasurement(outputs, ratio, old, policyLoss, valueLoss, microBatch), metrics);
        return step < _options.ValueWarmupSteps
            ? valueLoss.Times(_options.ValueCoefficient)
            : policyLoss.Plus(valueLoss.Times(_options.ValueCoefficient));
    }

    /// <inheritdoc/>
    public bool StopsEarly(StepMetrics metrics) =>
        _options.TargetApproximateKl is { } target && _meter.ApproximateKl > target;

    /// <inheritdoc/>
    public JsonObject Save() => new() { ["klCoefficient"] = Kl.Coefficient };

    /// <inheritdoc/>
    public void Restore(JsonObject state) => Kl.Coefficient = state["klCoefficient"]?.GetValue<double>()
        ?? throw new InputException("the algorithm's state lacks klCoefficient");
}
