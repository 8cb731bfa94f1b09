using Reft.Models;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Algorithms;

/// <summary>What the loss of one micro-batch was made of; every tensor but the losses is [M].</summary>
internal sealed record PpoMeasurement(
    PolicyOutputs Outputs, Tensor Ratio, Tensor OldLogProbs, Tensor PolicyLoss, Tensor ValueLoss, TokenColumns Columns);

/// <summary>
/// Figures of PPO's updates. What concerns a whole mini-batch is said once all of its tokens were measured, so that it does
/// not depend on the split.
/// </summary>
internal sealed class PpoMeter(PpoOptions options)
{
    private const double SingleTolerance = 1e-3;
    private const double BrainTolerance = 0.1;

    private readonly List<float> _ratios = [];
    private double _tolerance;
    private bool _isFirst;
    private int _expected;
    private double _policyLoss;
    private double _valueLoss;
    private double _squares;

    /// <summary>The mean of <c>½ (log ρ)²</c> over what was measured of the mini-batch; NaN for no tokens.</summary>
    public double ApproximateKl => 0.5 * _squares / _ratios.Count;

    /// <summary>Starts a training step: before its first update the ratio is checked.</summary>
    /// <param name="dtype">What the policy computes in.</param>
    public void StartStep(ScalarType dtype)
    {
        _tolerance = options.FirstRatioTolerance
            ?? (dtype == ScalarType.BFloat16 ? BrainTolerance : SingleTolerance);
        _isFirst = true;
    }

    /// <summary>Starts a mini-batch.</summary>
    /// <param name="tokens">How many of its tokens count.</param>
    public void StartMiniBatch(int tokens)
    {
        _expected = tokens;
        _ratios.Clear();
        (_policyLoss, _valueLoss, _squares) = (0, 0, 0);
    }

    /// <summary>Measures a micro-batch.</summary>
    /// <exception cref="AlarmException">The mini-batch is a step's first, and its ratio is not 1.</exception>
    public void Measure(PpoMeasurement measurement, StepMetrics metrics)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        _policyLoss += measurement.PolicyLoss.item<float>();
        _valueLoss += measurement.ValueLoss.item<float>();
        var count = measurement.Columns.Counts.Count(c => c);
        if (count > 0)
        {
            MeasureTokens(measurement, count, metrics);
        }

        if (_ratios.Count == _expected)
        {
            Finish(metrics);
        }
    }

    private void MeasureTokens(PpoMeasurement measurement, int count, StepMetrics metrics)
    {
        var (outputs, ratio, old, _, _, columns) = measurement;
        var counts = columns.Weights.IsNotZero();
        var ratios = ratio.masked_select(counts).cpu().data<float>().ToArray();
        var squares = (outputs.LogProbs - old).masked_select(counts).Power(2).sum().item<float>();
        _ratios.AddRange(ratios);
        _squares += squares;
        metrics.Add("ppo/ratio_mean", ratios.Average(), count);
        metrics.Max("ppo/ratio_max", ratios.Max());
        metrics.Min("ppo/ratio_min", ratios.Min());
        metrics.Add("ppo/clip_fraction", ratios.Average(IsClipped), count);
        metrics.Add("ppo/approx_kl", 0.5 * squares / count, count);
        metrics.Add("policy/entropy", outputs.Entropy!.masked_select(counts).mean().item<float>(), count); // It was asked for.
        metrics.Add("value/mean", outputs.Values!.masked_select(counts).mean().item<float>(), count); // So were values.
    }

    private double IsClipped(float ratio) => ratio < 1 - options.ClipLow || ratio > 1 + options.ClipHigh ? 1 : 0;

    private void Finish(StepMetrics metrics)
    {
        metrics.Add("loss/policy", _policyLoss, 1);
        metrics.Add("loss/value", _valueLoss, 1);
        if (!_isFirst || _expected == 0)
        {
            return;
        }

        _isFirst = false;
        var far = Percentile99(_ratios);
        metrics.Set("ppo/first_ratio_p99", far);
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
