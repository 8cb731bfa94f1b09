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
    private bool _firstLoss;

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The frozen reference's log-probabilities of responses [B][T].</param>
    public Ppo(PpoOptions options, Func<IReadOnlyList<PolicySequence>, float[][]> reference)
    {
        _options = options;
        _reference = reference;
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
        _firstLoss = true;
        return trajectories;
    }

    /// <inheritdoc/>
    public float[][] Weigh(IReadOnlyList<Trajectory> miniBatch) => TokenWeights.Compute(
        [.. miniBatch.Select(Counting)], _options.Aggregation, _options.ConstantLength);

    /// <inheritdoc/>
    public Tensor Loss(PolicyOutputs outputs, TokenColumns microBatch, StepMetrics metrics, long step)
    {
        var old = microBatch.Column(t => t.OldLogProbs);
        var ratio = PolicyLosses.Ratio(outputs.LogProbs, old);
        var advantages = microBatch.Column(t => t.Advantages);
        var surrogate = PolicyLosses.ClippedSurrogate(ratio, advantages, _options.ClipLow, _options.ClipHigh);
        var value = PolicyLosses.ClippedValue(
            outputs.Values!, microBatch.Column(t => t.OldValues), microBatch.Column(t => t.Returns), _options.ValueClip);
        var policyLoss = (surrogate * microBatch.Weights).sum();
        var valueLoss = (value * microBatch.Weights).sum(); // The policy was asked for values.
        Measure(outputs, ratio, old, policyLoss, valueLoss, microBatch, metrics);
        return step < _options.ValueWarmupSteps
            ? _options.ValueCoefficient * valueLoss
            : policyLoss + (_options.ValueCoefficient * valueLoss);
    }

    /// <inheritdoc/>
    public bool StopsEarly(StepMetrics metrics)
    {
        _firstLoss = false;
        return _options.TargetApproximateKl is { } target && metrics["ppo/approx_kl"] > target;
    }

    /// <inheritdoc/>
    public JsonObject Save() => new() { ["klCoefficient"] = Kl.Coefficient };

    /// <inheritdoc/>
    public void Restore(JsonObject state) => Kl.Coefficient = state["klCoefficient"]?.GetValue<double>()
        ?? throw new InputException("the algorithm's state lacks klCoefficient");

    private static double Percentile99(float[] values)
    {
        if (values.Length == 0)
        {
            return 0;
        }

        var sorted = values.Select(Math.Abs).Order().ToArray();
        return sorted[(int)Math.Min(sorted.Length - 1, Math.Floor(0.99 * sorted.Length))];
    }

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

        var mean = sequenceKl.Average();
        var deviation = Math.Sqrt(sequenceKl.Sum(k => (k - mean) * (k - mean)) / Math.Max(1, sequenceKl.Length - 1));
        metrics.Set("kl/k1_sequence", mean);
        metrics.Set("kl/k1_sequence_se", deviation / Math.Sqrt(sequenceKl.Length));
        metrics.Set("kl/coefficient", Kl.Coefficient);
        return mean;
    }

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

    private void Measure(
        PolicyOutputs outputs, Tensor ratio, Tensor old, Tensor policyLoss, Tensor valueLoss, TokenColumns columns,
        StepMetrics metrics)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var counts = columns.Weights.ne(0);
        var count = columns.Counts.Count(c => c);
        // Sums of weighted losses: the parts of a mini-batch add up to its loss.
        metrics.Add("loss/policy_part", policyLoss.item<float>(), 1);
        metrics.Add("loss/value_part", valueLoss.item<float>(), 1);
        if (count == 0)
        {
            return;
        }

        var ratios = ratio.masked_select(counts).cpu().data<float>().ToArray();
        var logRatio = (outputs.LogProbs - old).masked_select(counts);
        metrics.Add("ppo/ratio_mean", ratios.Average(), count);
        metrics.Max("ppo/ratio_max", ratios.Max());
        metrics.Min("ppo/ratio_min", ratios.Min());
        metrics.Add("ppo/clip_fraction", ratios.Average(r => r < 1 - _options.ClipLow || r > 1 + _options.ClipHigh ? 1.0 : 0), count);
        metrics.Add("ppo/approx_kl", (0.5 * logRatio.square()).mean().item<float>(), count);
        metrics.Add("policy/entropy", outputs.Entropy!.masked_select(counts).mean().item<float>(), count); // It was asked for.
        metrics.Add("value/mean", outputs.Values!.masked_select(counts).mean().item<float>(), count); // So were values.
        if (_firstLoss)
        {
            var far = Percentile99([.. ratios.Select(r => r - 1)]);
            metrics.Max("ppo/first_ratio_p99", far);
            Refuse(far, outputs);
        }
    }

    private void Refuse(double far, PolicyOutputs outputs)
    {
        var tolerance = _options.FirstRatioTolerance ?? DefaultTolerance;
        if (far > tolerance)
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"first-ratio: before the first update the ratio of trained to sampled probability is off by {far:G3} (99th ")
                + FormattableString.Invariant(
                $"percentile of {outputs.LogProbs.shape[0]} tokens, limit {tolerance:G3}): what is trained is not what was ")
                + "sampled. Run 'reft check' on the model, and compare the sampler's dtype and temperature with the trainer's");
        }
    }

    /// <summary>The limit of the first ratio where the options name none.</summary>
    internal double DefaultTolerance { get; set; } = 1e-3;
}
