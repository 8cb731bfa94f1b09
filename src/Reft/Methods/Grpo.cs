using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;
using Reft.Models;

namespace Reft.Methods;

/// <summary>Options of <see cref="Grpo"/>; the clip of 0.2 is PPO's, the rest the paper's.</summary>
public sealed record GrpoOptions
{
    /// <summary>The lower clip range ε of the ratio, in (0, 1).</summary>
    public double ClipLow { get; init; } = 0.2;

    /// <summary>The upper clip range of the ratio, above 0.</summary>
    public double ClipHigh { get; init; } = 0.2;

    /// <summary>β of the KL penalty (k3) inside the loss; 0 for none, and no reference.</summary>
    public double KlCoefficient { get; init; } = 0.04;

    /// <summary>What advantages are divided by; the paper does not say whether with n or n-1.</summary>
    public GroupScale Scale { get; init; } = GroupScale.SampleDeviation;

    /// <summary>How the policy is updated.</summary>
    public UpdateOptions Update { get; init; } = new();

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path) => OptionErrors.Of(
        path,
        (ClipLow is > 0 and < 1, "clipLow", ClipLow, "between 0 and 1"),
        (ClipHigh > 0, "clipHigh", ClipHigh, "above 0"),
        (KlCoefficient >= 0, "klCoefficient", KlCoefficient, "at least 0"));
}

/// <summary>Group-relative policy optimisation (<see href="https://arxiv.org/abs/2402.03300"/>, equation 3).</summary>
public static class Grpo
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<GrpoOptions>("grpo", "grpo", new GrpoOptions())
    {
        Summary = "each sample against the mean of its problem's, over their deviation; PPO's clip, and KL in the loss",
        Citation = "Shao 2024, arXiv 2402.03300, equations 3 and 4",
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
        OptionErrors.ThrowIfAny(options.Validate("grpo"));
        var surrogate = new ClippedSurrogate(options.ClipLow, options.ClipHigh);
        return new PolicyGradient
        {
            Advantages = new GroupAdvantages(GroupBaseline.Mean, options.Scale),
            Terms = options.KlCoefficient > 0 ? [surrogate, new KlPenalty(KlEstimator.K3, options.KlCoefficient)] : [surrogate],
            Aggregation = Aggregation.SequenceMeanTokenMean,
            Reference = reference,
        }.With(options.Update);
    }
}
