using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;
using Reft.Models;

namespace Reft.Methods;

/// <summary>Options of <see cref="ReinforcePlusPlus"/>.</summary>
public sealed record ReinforcePlusPlusOptions
{
    /// <summary>Whether the mean of a problem's samples is taken off first; then the KL penalty (k2) is in the loss and not in the reward.</summary>
    public bool GroupBaseline { get; init; }

    /// <summary>The lower clip range ε of the ratio, in (0, 1).</summary>
    public double ClipLow { get; init; } = 0.2;

    /// <summary>The upper clip range of the ratio, above 0.</summary>
    public double ClipHigh { get; init; } = 0.2;

    /// <summary>β of the KL penalty, as ReFT has it; 0 for none, and no reference.</summary>
    public double KlCoefficient { get; init; } = 0.01;

    /// <summary>How the policy is updated.</summary>
    public UpdateOptions Update { get; init; } = new();

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path) => OptionErrors.Of(
        path,
        (ClipLow is > 0 and < 1, "clipLow", ClipLow, "between 0 and 1"),
        (ClipHigh > 0, "clipHigh", ClipHigh, "above 0"),
        (KlCoefficient >= 0, "klCoefficient", KlCoefficient, "at least 0"));
}

/// <summary>REINFORCE++ (<see href="https://arxiv.org/abs/2501.03262"/>): advantages are normalised over the whole batch, not by problem.</summary>
public static class ReinforcePlusPlus
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<ReinforcePlusPlusOptions>(
        "reinforce-plus-plus", "reinforcePlusPlus", new ReinforcePlusPlusOptions())
    {
        Summary = "rewards to go, whitened over the whole batch, under PPO's clip; with groupBaseline their problem's mean is taken off first",
        Citation = "Hu 2025, arXiv 2501.03262, section 3",
        Also = [.. MethodKeys.HasEntropy, .. MethodKeys.HasReference],
        Update = options => options.Update,
        NeedsReference = options => options.KlCoefficient > 0,
        LeastSamples = options => options.GroupBaseline ? 2 : 1,
        Algorithm = (options, _, reference) => Create(options, reference),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The reference's log-probabilities of responses [B][T]; null without a penalty.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(ReinforcePlusPlusOptions options, Func<IReadOnlyList<PolicySequence>, float[][]>? reference)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionErrors.ThrowIfAny(options.Validate("reinforcePlusPlus"));
        var (byGroup, beta) = (options.GroupBaseline, options.KlCoefficient);
        var surrogate = new ClippedSurrogate(options.ClipLow, options.ClipHigh);
        return new PolicyGradient
        {
            Advantages = byGroup ? new GroupAdvantages(Algorithms.Advantages.GroupBaseline.Mean, GroupScale.None) : new RewardsToGo(),
            Terms = byGroup && beta > 0 ? [surrogate, new KlPenalty(KlEstimator.K2, beta)] : [surrogate],
            Aggregation = Aggregation.TokenMean,
            Whitens = true,
            RewardKl = byGroup || beta == 0 ? null : beta,
            Reference = reference,
        }.With(options.Update);
    }
}
