using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Models;

namespace Reft.Methods;

/// <summary>Options of <see cref="Taco"/>; those of GRPO, and when samples are deferred.</summary>
public sealed record TacoOptions
{
    /// <summary>When samples are deferred.</summary>
    [Option("when samples are deferred")]
    public DeferralOptions Defer { get; init; } = new();

    /// <summary>The lower clip range ε of the ratio, in (0, 1).</summary>
    [Option("lower clip range of the ratio", Above = 0, Below = 1)]
    public double ClipLow { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>The upper clip range of the ratio, above 0.</summary>
    [Option("upper clip range of the ratio", Above = 0)]
    public double ClipHigh { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>β of the KL penalty (k3) inside the loss, at least 0; the reference is kept in any case. GRPO's: the paper's is not known.</summary>
    [Option("β, the weight of the KL penalty inside the loss (k3); a reference is kept in any case", AtLeast = 0)]
    public double KlCoefficient { get; init => field = InRange.Of(this, value); } = 0.04;

    /// <summary>What advantages are divided by.</summary>
    [Option("what advantages are divided by")]
    public GroupScale Scale { get; init; } = GroupScale.SampleDeviation;

    /// <summary>How the policy is updated.</summary>
    [Option("how the policy is updated")]
    public UpdateOptions Update { get; init; } = new();
}

/// <summary>The text core of TACO (<see href="https://arxiv.org/abs/2505.20777"/>): GRPO that does not learn from samples far from the reference until they are near.</summary>
internal static class Taco
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<TacoOptions>("taco", "taco", new TacoOptions())
    {
        Summary = "GRPO that puts samples far from the reference aside and learns them when the policy is near again; for a reward of consistent thinking",
        Citation = "arXiv 2505.20777 (2025); the text core, without images",
        Guide = "GRPO, and a memory against spikes of the KL: a sample far from the reference is not learned but waits, and is asked again every 100 steps. The other "
            + "two parts of TACO are a reward and a curriculum that any method can have: `consistency` pays for a right answer that the thinking ends in, and "
            + "`difficulty` draws problems of middling reward more often. Take it where a few samples tear the policy away, as wrong known answers do.",
        Also = [.. MethodKeys.HasEntropy, .. MethodKeys.HasReference],
        CanReplay = _ => false, // What waits is in checkpoints alone.
        Update = options => options.Update,
        NeedsReference = _ => true,
        LeastSamples = _ => 2,
        Sequences = (options, config) => MethodChecks.Sampled(config) + options.Defer.Capacity,
        Algorithm = (options, _, reference) => Create(options, reference!), // It is needed.
    };

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The reference's log-probabilities of responses [B][T].</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(TacoOptions options, Func<IReadOnlyList<PolicySequence>, float[][]> reference)
    {
        ArgumentNullException.ThrowIfNull(options);
        var surrogate = new ClippedSurrogate(options.ClipLow, options.ClipHigh);
        return new PolicyGradient
        {
            Advantages = new GroupAdvantages(GroupBaseline.Mean, options.Scale),
            Terms = options.KlCoefficient > 0 ? [surrogate, new KlPenalty(KlEstimator.K3, options.KlCoefficient)] : [surrogate],
            Aggregation = Aggregation.SequenceMeanTokenMean,
            Reference = reference,
            Wraps = inner => new DeferredSamples(inner, options.Defer, reference, options.Update.EvaluationTokens),
        }.With(options.Update);
    }
}
