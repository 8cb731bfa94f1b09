using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;
using Reft.Models;
using Reft.Rollouts.Curricula;

namespace Reft.Methods;

/// <summary>Options of <see cref="Uft"/>; the values of the paper's program.</summary>
public sealed record UftOptions
{
    /// <summary>How much of the solutions is given, and when. Its other draws are the paper's baselines: stage, uniform (R3), none (RFT).</summary>
    [Option("how much of the solutions is given, and when")]
    public ScheduledHintsOptions Hints { get; init; } = new();

    /// <summary>β of the hints' likelihood, at least 0; 0 leaves the schedule alone (the paper's cosine baseline).</summary>
    [Option("β of the hints' likelihood; 0 leaves the schedule alone", AtLeast = 0)]
    public double HintCoefficient { get; init => field = InRange.Of(this, value); } = 0.001;

    /// <summary>How it is aggregated: the program takes a mean, the paper writes a sum.</summary>
    [Option("the mean over all hint tokens (the paper's program), or the sum over a sequence's (its text)")]
    public HintReduction HintReduction { get; init; }

    /// <summary>The lower clip range ε of the ratio, in (0, 1).</summary>
    [Option("lower clip range of the ratio", Above = 0, Below = 1)]
    public double ClipLow { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>The upper clip range of the ratio, above 0.</summary>
    [Option("upper clip range of the ratio", Above = 0)]
    public double ClipHigh { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>β of the KL penalty (k3) inside the loss, at least 0; 0 for none, and no reference.</summary>
    [Option("β, the weight of the KL penalty inside the loss (k3); 0 for none, and no reference is kept", AtLeast = 0)]
    public double KlCoefficient { get; init => field = InRange.Of(this, value); } = 0.001;

    /// <summary>α of the entropy's reward, at least 0.</summary>
    [Option("α of the entropy's reward", AtLeast = 0)]
    public double EntropyCoefficient { get; init => field = InRange.Of(this, value); } = 0.001;

    /// <summary>What advantages are divided by.</summary>
    [Option("what advantages are divided by")]
    public GroupScale Scale { get; init; } = GroupScale.SampleDeviation;

    /// <summary>How the policy is updated.</summary>
    [Option("how the policy is updated")]
    public UpdateOptions Update { get; init; } = new();
}

/// <summary>
/// Unified fine-tuning (<see href="https://arxiv.org/abs/2505.16984"/>): GRPO behind a beginning of the known solution that a schedule makes shorter, and
/// the likelihood of that beginning. Without hints it is GRPO; behind whole solutions it is supervised fine-tuning.
/// </summary>
internal static class Uft
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<UftOptions>("uft", "uft", new UftOptions())
    {
        Summary = "GRPO behind a beginning of the known solution that a schedule makes shorter; that beginning is learned by its likelihood",
        Citation = "Liu 2025, arXiv 2505.16984, sections 3.1 and 3.2",
        Guide = "One run that slides from supervised fine-tuning to reinforcement: at first nearly all of a solution is given and learned, in the end "
            + "nothing, so rewards come from the first step on however deep a problem is. Take it where solutions are at hand and plain rollouts earn "
            + "nothing. The hints' likelihood carries it: with hintCoefficient 0 the schedule alone fails on deep problems, and a small or fresh model "
            + "needs far more than the paper's 0.001 (0.05 here). Not where the policy already solves a fair share: then GRPO does as well.",
        Also = [.. MethodKeys.HasEntropy, .. MethodKeys.HasReference],
        Shows = option => option is "klCoefficient" or "scale" || option.StartsWith("update.", StringComparison.Ordinal),
        Unreplayed = "entropies and the likelihoods of hints, which the loss has besides",
        Update = options => options.Update,
        NeedsReference = options => options.KlCoefficient > 0,
        LeastSamples = _ => 2,
        Curriculum = options => options.Hints,
        Algorithm = (options, _, reference) => Create(options, reference),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The reference's log-probabilities of responses [B][T]; null without a penalty.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(UftOptions options, Func<IReadOnlyList<PolicySequence>, float[][]>? reference)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PolicyGradient
        {
            Advantages = new GroupAdvantages(GroupBaseline.Mean, options.Scale),
            Terms =
            [
                new ClippedSurrogate(options.ClipLow, options.ClipHigh),
                .. options.KlCoefficient > 0 ? [new KlPenalty(KlEstimator.K3, options.KlCoefficient)] : Array.Empty<ILossTerm>(),
                .. options.EntropyCoefficient > 0 ? [new EntropyBonus(options.EntropyCoefficient)] : Array.Empty<ILossTerm>(),
                .. options.HintCoefficient > 0 ? [new HintLikelihood(options.HintCoefficient, options.HintReduction)] : Array.Empty<ILossTerm>(),
            ],
            Aggregation = Aggregation.SequenceMeanTokenMean,
            Reference = reference,
        }.With(options.Update);
    }
}
