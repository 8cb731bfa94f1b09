using Reft.Rollouts;
using static TorchSharp.torch;

namespace Reft.Algorithms.Terms;

/// <summary>How the losses of hints become one number.</summary>
public enum HintReduction
{
    /// <summary>The mean over all hint tokens of the mini-batch, as UFT's program has it.</summary>
    TokenMean,

    /// <summary>The sum over each sequence's hint, then the mean over sequences, as UFT's paper writes it.</summary>
    Sum,
}

/// <summary>
/// Cross-entropy on the hints that rollouts begin with (UFT, <see href="https://arxiv.org/abs/2505.16984"/>, section 3.2): what was given is
/// learned as it is, what was sampled by its reward.
/// </summary>
/// <param name="coefficient">β, above 0.</param>
/// <param name="reduction">How they are aggregated.</param>
internal sealed class HintLikelihood(double coefficient, HintReduction reduction) : ILossTerm
{
    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "-β log π over the tokens of hints", "Algorithms/Terms/HintLikelihood: Losses", "Liu 2025, section 3.2") { Departure = "the mean of the program by default, the sum of the text by choice" },
    ];

    /// <inheritdoc/>
    public string Name => "hint";

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics { get; } = [new("hint/nll", "mean of -log π over the tokens of hints") { IsSometimes = true }];

    /// <inheritdoc/>
    public double Coefficient => coefficient;

    /// <inheritdoc/>
    public Tensor Losses(LossInputs inputs) => -inputs.Outputs.LogProbs;

    /// <inheritdoc/>
    public Func<Trajectory, float[]>? Weigh(IReadOnlyList<Trajectory> miniBatch)
    {
        ArgumentNullException.ThrowIfNull(miniBatch);
        var count = reduction == HintReduction.Sum ? miniBatch.Count : miniBatch.Sum(row => row.Rollout.Roles.Count(role => role == TokenRole.Hint));
        var weight = (float)(1.0 / Math.Max(1, count));
        return row => [.. row.Rollout.Roles.Select(role => role == TokenRole.Hint ? weight : 0f)];
    }

    /// <inheritdoc/>
    public void Measure(LossInputs inputs, Tensor counts, StepMetrics metrics)
    {
        var hints = inputs.Columns.Rows.SelectMany(row => row.Rollout.Roles).Select(role => role == TokenRole.Hint).ToArray();
        var number = hints.Count(hint => hint);
        if (number > 0)
        {
            var own = inputs.Outputs.LogProbs.masked_select(tensor(hints, device: inputs.Outputs.LogProbs.device));
            metrics.Add("hint/nll", -own.mean().item<float>(), number);
        }
    }
}
