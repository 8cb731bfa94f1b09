using Reft.Algorithms.Terms;
using Reft.Models;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Algorithms;

/// <summary>
/// Measures how far updates take the policy from the one that drew the step's rollouts, and stops a run where they begin apart.
/// What concerns a whole mini-batch is said once all of its tokens were measured, so that it does not depend on the split.
/// </summary>
/// <param name="tolerance">
/// How far the 99th percentile of |ρ - 1| may be from 0 before a step's first update; null takes what rounding can do (<see cref="RoundingLimit"/>).
/// </param>
internal sealed class RatioMeter(double? tolerance)
{
    /// <summary>The 99th percentile of |ρ-1| before the first update.</summary>
    public const string FirstRatio = "ppo/first_ratio_p99";

    /// <summary>What the trainer writes where the rest of a step was left out.</summary>
    public const string StoppedEarly = "ppo/stopped_early";

    private const string Policy = "Policy";

    /// <summary>The figures that it writes, but for the losses.</summary>
    public static IReadOnlyList<Metric> Metrics { get; } =
    [
        new("policy/entropy", "mean over tokens of the entropy of the whole distribution, in nats"),
        new("ppo/ratio_mean", "mean of ρ over the step's updates")
        {
            Chart = new(Policy, "Ratio of trained to sampled probability") { Label = "mean", Bounds = ["ppo/ratio_min", "ppo/ratio_max"] },
        },
        new("ppo/ratio_min", "least ρ of the step's updates"),
        new("ppo/ratio_max", "greatest ρ of the step's updates"),
        new("ppo/approx_kl", "mean of ½ (log ρ)²")
        {
            Chart = new(Policy, "Approximate KL of the update") { Label = "KL", FromZero = true },
            Healthy = new("approximate-kl", "one step moves the policy too far", "lower optimizer.learningRate[, or set {targetApproximateKl}]") { Most = 0.1 },
        },
        new(FirstRatio, "99th percentile of |ρ-1| before the first update: must be near 0")
        {
            Chart = new(Policy, "First ratio") { Label = "p99", FromZero = true },
        },
        new(StoppedEarly, "1 where the rest of a step's updates was left out") { IsSometimes = true },
    ];

    /// <summary>The loss of a term.</summary>
    public static Metric Loss(string term) =>
        new($"loss/{term}", "mean over mini-batches of the weighted sum of their tokens' losses, whatever the split");

    private readonly List<float> _ratios = [];
    private readonly SortedDictionary<string, double> _losses = new(StringComparer.Ordinal);
    private double _tolerance;
    private bool _isFirst;
    private int _expected;
    private double _squares;

    /// <summary>The mean of <c>½ (log ρ)²</c> over what was measured of the mini-batch; NaN for no tokens.</summary>
    public double ApproximateKl => 0.5 * _squares / _ratios.Count;

    /// <summary>Starts a training step: before its first update the ratio is checked.</summary>
    /// <param name="policy">What drew them, and is trained.</param>
    public void StartStep(Policy policy)
    {
        _tolerance = tolerance ?? RoundingLimit.Of(policy);
        _isFirst = true;
    }

    /// <summary>Starts a mini-batch.</summary>
    /// <param name="tokens">How many of its tokens count.</param>
    public void StartMiniBatch(int tokens)
    {
        _expected = tokens;
        _ratios.Clear();
        _losses.Clear();
        _squares = 0;
    }

    /// <summary>Measures a micro-batch, without gradients.</summary>
    /// <param name="inputs">The micro-batch.</param>
    /// <param name="counts">Which tokens count [M], bool.</param>
    /// <param name="losses">The sums of its weighed losses, by the names of the terms.</param>
    /// <param name="metrics">Gets figures.</param>
    /// <exception cref="AlarmException">The mini-batch is a step's first, and its ratio is not 1.</exception>
    public void Measure(LossInputs inputs, Tensor counts, IEnumerable<(string Name, double Loss)> losses, StepMetrics metrics)
    {
        foreach (var (name, loss) in losses)
        {
            _losses[name] = _losses.GetValueOrDefault(name) + loss;
        }

        if (inputs.Columns.Counts.Any(c => c))
        {
            MeasureTokens(inputs, counts, metrics);
        }

        if (_ratios.Count == _expected)
        {
            Finish(metrics);
        }
    }

    private void MeasureTokens(LossInputs inputs, Tensor counts, StepMetrics metrics)
    {
        var old = inputs.Columns.Column(t => t.OldLogProbs);
        var ratios = PolicyLosses.Ratio(inputs.Outputs.LogProbs, old).masked_select(counts).cpu().data<float>().ToArray();
        var squares = (inputs.Outputs.LogProbs - old).masked_select(counts).Power(2).sum().item<float>();
        _ratios.AddRange(ratios);
        _squares += squares;
        metrics.Add("ppo/ratio_mean", ratios.Average(), ratios.Length);
        metrics.Max("ppo/ratio_max", ratios.Max());
        metrics.Min("ppo/ratio_min", ratios.Min());
        metrics.Add("ppo/approx_kl", 0.5 * squares / ratios.Length, ratios.Length);
        metrics.Add(
            "policy/entropy", inputs.Outputs.Entropy!.masked_select(counts).mean().item<float>(), ratios.Length); // It was asked for.
    }

    private void Finish(StepMetrics metrics)
    {
        foreach (var (name, loss) in _losses)
        {
            metrics.Add($"loss/{name}", loss, 1);
        }

        if (!_isFirst || _expected == 0)
        {
            return;
        }

        _isFirst = false;
        var far = Percentile99(_ratios);
        metrics.Set(FirstRatio, far);
        if (far > _tolerance)
        {
            throw new AlarmException(new Alarm(
                "first-ratio",
                far,
                _tolerance,
                FormattableString.Invariant($"before the first update the 99th percentile of |ratio - 1| over {_ratios.Count} ")
                    + "tokens is beyond rounding: what is trained is not what was sampled",
                "Run 'reft check' on the model, and compare the sampler's dtype with the trainer's.",
                Stops: true));
        }
    }

    /// <summary>The 99th percentile of |ρ - 1| by nearest rank; what is not a number is as far as can be.</summary>
    private static double Percentile99(List<float> ratios)
    {
        var sorted = ratios.Select(r => float.IsNaN(r) ? double.PositiveInfinity : Math.Abs(r - 1)).Order().ToArray();
        return sorted[(((99L * sorted.Length) + 99) / 100) - 1];
    }
}
