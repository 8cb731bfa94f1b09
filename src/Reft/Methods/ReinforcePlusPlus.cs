using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;
using Reft.Models;

namespace Reft.Methods;

/// <summary>Options of <see cref="ReinforcePlusPlus"/>.</summary>
public sealed record ReinforcePlusPlusOptions
{
    /// <summary>Whether the mean of a problem's samples is taken off first; then the KL penalty (k2) is in the loss and not in the reward.</summary>
    [Option("whether the mean of a problem's samples is taken off first; the KL penalty (k2) is then in the loss")]
    public bool GroupBaseline { get; init; }

    /// <summary>The lower clip range ε of the ratio, in (0, 1).</summary>
    [Option("lower clip range of the ratio", Above = 0, Below = 1)]
    public double ClipLow { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>The upper clip range of the ratio, above 0.</summary>
    [Option("upper clip range of the ratio", Above = 0)]
    public double ClipHigh { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>
    /// β of the KL penalty; 0 for none, and no reference. The value is ReFT's and that of the authors' program (OpenRLHF) with a learned reward; with
    /// <see cref="GroupBaseline"/> on verified mathematics its example has 1e-5.
    /// </summary>
    [Option("β, the weight of the KL penalty inside the reward, or the loss by groupBaseline; 0 for none, and no reference is kept",
        AtLeast = 0)]
    public double KlCoefficient { get; init => field = InRange.Of(this, value); } = 0.01;

    /// <summary>How the policy is updated.</summary>
    [Option("how the policy is updated")]
    public UpdateOptions Update { get; init; } = new();
}

/// <summary>REINFORCE++ (<see href="https://arxiv.org/abs/2501.03262"/>): advantages are normalised over the whole batch, not by problem.</summary>
internal static class ReinforcePlusPlus
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<ReinforcePlusPlusOptions>(
        "reinforce-plus-plus", "reinforcePlusPlus", new ReinforcePlusPlusOptions())
    {
        Summary = "rewards to go, whitened over the whole batch, under PPO's clip; with groupBaseline their problem's mean is taken off first",
        Citation = "Hu 2025, arXiv 2501.03262, section 3",
        Guide = "The policy gradient with PPO's clip, whose advantages are whitened over the whole step and not within a problem: one "
            + "sample a problem is enough, and no problem's deviation blows up. With groupBaseline each problem's mean is taken off "
            + "first, which suits several samples. Take it where problems are many and samples few.",
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
