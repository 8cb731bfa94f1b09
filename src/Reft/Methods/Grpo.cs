using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;
using Reft.Models;

namespace Reft.Methods;

/// <summary>Options of <see cref="Grpo"/>; the clip of 0.2 is PPO's, the rest the paper's.</summary>
public sealed record GrpoOptions
{
    /// <summary>The lower clip range ε of the ratio, in (0, 1).</summary>
    [Option("lower clip range of the ratio", Above = 0, Below = 1)]
    public double ClipLow { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>The upper clip range of the ratio, above 0.</summary>
    [Option("upper clip range of the ratio", Above = 0)]
    public double ClipHigh { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>c of the dual clip, above 1: bounds the loss of tokens that became likely and have a negative advantage; null for none.</summary>
    [Option("the loss of a token is at most this times the size of its advantage (dual clip); absent for no bound", Above = 1)]
    public double? DualClip { get; init => field = InRange.Of(this, value); }

    /// <summary>β of the KL penalty (k3) inside the loss; 0 for none, and no reference.</summary>
    [Option("β, the weight of the KL penalty inside the loss (k3); 0 for none, and no reference is kept", AtLeast = 0)]
    public double KlCoefficient { get; init => field = InRange.Of(this, value); } = 0.04;

    /// <summary>What advantages are divided by; the paper does not say whether with n or n-1.</summary>
    [Option("what advantages are divided by: nothing, or the deviation of a problem's rewards with n-1 or n")]
    public GroupScale Scale { get; init; } = GroupScale.SampleDeviation;

    /// <summary>How the policy is updated.</summary>
    [Option("how the policy is updated")]
    public UpdateOptions Update { get; init; } = new();
}

/// <summary>Group-relative policy optimisation (<see href="https://arxiv.org/abs/2402.03300"/>, equation 3).</summary>
internal static class Grpo
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<GrpoOptions>("grpo", "grpo", new GrpoOptions())
    {
        Summary = "each sample against the mean of its problem's, over their deviation; PPO's clip, and KL in the loss",
        Citation = "Shao 2024, arXiv 2402.03300, equations 3 and 4",
        Guide = "Several samples of each problem are compared with each other, so that no values have to be learned: half of PPO's "
            + "memory, and no head to warm up. Take it where a problem can have eight samples or more and the policy solves some of "
            + "them; problems of which all samples are right, or all wrong, teach nothing (group/equal_share). It needs a reference "
            + "for its KL penalty unless klCoefficient is 0.",
        Also = [.. MethodKeys.HasEntropy, .. MethodKeys.HasReference],
        Update = options => options.Update,
        NeedsReference = options => options.KlCoefficient > 0,
        LeastSamples = _ => 2,
        Algorithm = (options, _, reference) => Create(options, reference),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The reference's log-probabilities of responses [B][T]; null without a penalty.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(GrpoOptions options, Func<IReadOnlyList<PolicySequence>, float[][]>? reference)
    {
        ArgumentNullException.ThrowIfNull(options);
        var surrogate = new ClippedSurrogate(options.ClipLow, options.ClipHigh) { DualClip = options.DualClip };
        return new PolicyGradient
        {
            Advantages = new GroupAdvantages(GroupBaseline.Mean, options.Scale),
            Terms = options.KlCoefficient > 0 ? [surrogate, new KlPenalty(KlEstimator.K3, options.KlCoefficient)] : [surrogate],
            Aggregation = Aggregation.SequenceMeanTokenMean,
            Reference = reference,
        }.With(options.Update);
    }
}
