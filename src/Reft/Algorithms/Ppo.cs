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
        var sequences = rollouts.Select(r => new PolicySequence(r.Tokens, r.PromptLength)).ToArray();
        var values = PolicyEvaluation.Values(policy, sequences, _options.EvaluationTokens);
        var references = _reference(sequences);
        var trajectories = rollouts.Select((rollout, b) => new Trajectory(rollout)
        {
            OldLogProbs = rollout.LogProbs,
            ReferenceLogProbs = references[b],
            OldValues = values[b],
            LeftOut = _options.Truncation == TruncationPolicy.LeaveOut && rollout.IsTruncated,
        }).ToArray();
        var sequenceKl = ShapeRewards(trajectories, metrics);
        EstimateAdvantages(trajectories, metrics);
        Kl.Update(sequenceKl, trajectories.Length);
        _meter.StartStep(policy.Decoder.Dtype);
        return trajectories;
    }

    /// <inheritdoc/>
    public float[][] Weigh(IReadOnlyList<Trajectory> miniBatch)
    {
        var masks = miniBatch.Select(Counting).ToArray();
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
            ? _options.ValueCoefficient * valueLoss
            : policyLoss + (_options.ValueCoefficient * valueLoss);
    }

    /// <inheritdoc/>
    public bool StopsEarly(StepMetrics metrics) =>
        _options.TargetApproximateKl is { } target && _meter.ApproximateKl > target;

    /// <inheritdoc/>
    public JsonObject Save() => new() { ["klCoefficient"] = Kl.Coefficient };

    /// <inheritdoc/>
    public void Restore(JsonObject state) => Kl.Coefficient = state["klCoefficient"]?.GetValue<double>()
        ?? throw new InputException("the algorithm's state lacks klCoefficient");

    private static bool[] Counting(Trajectory trajectory) =>
        trajectory.LeftOut ? new bool[trajectory.Sampled.Length] : trajectory.Sampled;

    /// <summary><c>r_t = -β k1_t</c>, plus the terminal reward at the last action; gives the mean KL of a sequence.</summary>
    private double ShapeRewards(IReadOnlyList<Trajectory> trajectories, StepMetrics metrics)
    {
        var sequenceKl = new double[trajectories.Count];
        for (var b = 0; b < trajectories.Count; b++)
        {
            var trajectory = trajectories[b];
            var rewards = new double[trajectory.Sampled.Length];
            for (var t = 0; t < rewards.Length; t++)
            {
                if (trajectory.Sampled[t])
                {
                    var (own, reference) = (trajectory.OldLogProbs[t], trajectory.ReferenceLogProbs[t]);
                    var k1 = KullbackLeibler.K1(own, reference);
                    rewards[t] = -Kl.Coefficient * k1;
                    sequenceKl[b] += k1;
                    metrics.Add("kl/k1_token", k1, 1);
                    metrics.Add("kl/k3_token", KullbackLeibler.K3(own, reference), 1);
                }
            }

            var last = Array.LastIndexOf(trajectory.Sampled, true);
            var terminal = Terminal(trajectory.Rollout);
            metrics.Add("reward/terminal", terminal, 1);
            metrics.Add("reward/kl", -Kl.Coefficient * sequenceKl[b], 1);
            metrics.Add("reward/total", terminal - (Kl.Coefficient * sequenceKl[b]), 1);
            rewards[last] += terminal;
            trajectory.Rewards = rewards;
        }

        metrics.Set("reward/terminal_std", Deviation([.. trajectories.Select(t => Terminal(t.Rollout))]));
        metrics.Set("kl/k1_sequence", sequenceKl.Average());
        metrics.Set("kl/k1_sequence_se", Deviation(sequenceKl) / Math.Sqrt(sequenceKl.Length));
        metrics.Set("kl/coefficient", Kl.Coefficient);
        return sequenceKl.Average();
    }

    private static double Deviation(double[] values) =>
        Math.Sqrt(Masked.Variance([values], [[.. values.Select(_ => true)]]));

    private double Terminal(ScoredRollout rollout) =>
        _options.Truncation == TruncationPolicy.FixedPenalty && rollout.IsTruncated
            ? _options.TruncationReward
            : rollout.Reward;

    private void EstimateAdvantages(IReadOnlyList<Trajectory> trajectories, StepMetrics metrics)
    {
        var estimates = trajectories.Select(t => Advantages.Generalized(
            t.Rewards, [.. t.OldValues.Select(v => (double)v)], t.Sampled, _options.Discount, _options.Lambda)).ToArray();
        var masks = trajectories.Select(Counting).ToArray();
        var raw = estimates.Select(e => e.Values).ToArray();
        var returns = estimates.Select(e => e.Returns).ToArray();
        metrics.Set("advantage/mean", Masked.Mean(raw, masks));
        metrics.Set("advantage/std", Math.Sqrt(Masked.Variance(raw, masks)));
        var counted = raw.Zip(masks, (row, mask) => row.Where((_, t) => mask[t])).SelectMany(row => row)
            .DefaultIfEmpty(double.NaN).ToArray();
        metrics.Set("advantage/min", counted.Min());
        metrics.Set("advantage/max", counted.Max());
        metrics.Set("value/return_mean", Masked.Mean(returns, masks));
        metrics.Set("value/explained_variance", ExplainedVariance(raw, returns, masks));
        var final = _options.WhitensAdvantages ? Masked.Whiten(raw, masks) : raw;
        for (var b = 0; b < trajectories.Count; b++)
        {
            trajectories[b].Advantages = [.. final[b].Select(a => (float)a)];
            trajectories[b].Returns = [.. returns[b].Select(r => (float)r)];
        }
    }

    /// <summary><c>1 - Var(R - V)/Var(R)</c>; R - V are the advantages before whitening.</summary>
    private static double ExplainedVariance(double[][] raw, double[][] returns, bool[][] masks)
    {
        var variance = Masked.Variance(returns, masks);
        return variance > 0 ? 1 - (Masked.Variance(raw, masks) / variance) : double.NaN;
    }
}
