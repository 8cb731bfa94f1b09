using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;
using Reft.Models;

namespace Reft.Methods;

/// <summary>What a policy's KL is measured to.</summary>
public enum ReferenceKind
{
    /// <summary>A running average of the policy's own weights.</summary>
    Average,

    /// <summary>The model that the run starts from; under adapters its base.</summary>
    Frozen,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>Options of <see cref="T1"/>. The coefficient of the KL is the paper's; those of the entropy and of the average are not known from it.</summary>
public sealed record T1Options
{
    /// <summary>β of the KL, at least 0; the paper's.</summary>
    [Option("β of the KL; 0 for none, and no reference is kept", AtLeast = 0)]
    public double KlCoefficient { get; init => field = InRange.Of(this, value); } = 2e-4;

    /// <summary>Whether the KL is a part of the advantage, less its mean over the step; else it is in the reward, as RLOO has it.</summary>
    [Option("whether the KL is a part of the advantage, less its mean over the step; else it is in the reward, as `rloo` has it")]
    public bool CentresKl { get; init; } = true;

    /// <summary>What the KL is measured to.</summary>
    [Option("what the KL is measured to: a running average of the policy, the model that the run starts from (under adapters its base), nothing")]
    public ReferenceKind Reference { get; init; }

    /// <summary>a of <c>θ_ref ← a θ_ref + (1 - a) θ</c>, in [0, 1]; ours, the paper's is not known.</summary>
    [Option("how much of itself the average keeps at a step; ours, the paper's number is not known", AtLeast = 0, AtMost = 1)]
    public double AverageRate { get; init => field = InRange.Of(this, value); } = 0.99;

    /// <summary>α of the entropy's reward, at least 0; ours, the paper's is not known.</summary>
    [Option("α of the entropy's reward; ours, the paper's number is not known", AtLeast = 0)]
    public double EntropyCoefficient { get; init => field = InRange.Of(this, value); } = 0.001;

    /// <summary>How the policy is updated: once a step.</summary>
    [Option("how the policy is updated: once a step")]
    public UpdateOptions Update { get; init; } = new();
}

/// <summary>
/// T1 (<see href="https://arxiv.org/abs/2501.11651"/>): RLOO that is made to explore, by many hot samples, an entropy bonus, and a KL to a reference that follows.
/// </summary>
internal static class T1
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<T1Options>("t1", "t1", new T1Options())
    {
        Summary = "RLOO with an entropy bonus, and a centred KL to a running average of the policy; for many samples at a high temperature",
        Citation = "Hou 2025, arXiv 2501.11651, section 3",
        Guide = "A recipe against the collapse of what a policy writes: 64 samples a problem at temperature 1.2, with rollouts.minP 0.05 where that is too hot; an "
            + "entropy bonus; a KL whose reference follows the policy, so that it bounds how fast the policy moves and not how far; and the reward `sound`, which takes "
            + "-1 for text that repeats itself, does not end or is garbled. Take it where plain RLOO or GRPO loses its entropy, and pass@k with it.",
        Also = [.. MethodKeys.HasEntropy, .. MethodKeys.HasReference],
        Update = options => options.Update,
        NeedsReference = NeedsReference,
        AveragesReference = options => options.Reference == ReferenceKind.Average ? options.AverageRate : null,
        LeastSamples = _ => 2,
        IsOnPolicy = true,
        Collects = [new("θ_ref ← a θ_ref + (1 - a) θ after every step", "Methods/AveragedReference: LogProbs", "Hou 2025, section 3") { Departure = "a is ours" }],
        Unreplayed = "entropies, which the loss has besides",
        Algorithm = (options, _, reference) => Create(options, reference),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The reference's log-probabilities of responses [B][T]; null for no KL.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(T1Options options, Func<IReadOnlyList<PolicySequence>, float[][]>? reference)
    {
        ArgumentNullException.ThrowIfNull(options);
        var plain = new GroupAdvantages(GroupBaseline.LeaveOneOut, GroupScale.None);
        var penalises = NeedsReference(options);
        return new PolicyGradient
        {
            Advantages = penalises && options.CentresKl ? new CentredKl(plain, options.KlCoefficient) : plain,
            Terms = options.EntropyCoefficient > 0 ? [new Reinforce(), new EntropyBonus(options.EntropyCoefficient)] : [new Reinforce()],
            Aggregation = Aggregation.SequenceMeanTokenSum,
            RewardKl = penalises && !options.CentresKl ? options.KlCoefficient : null,
            Reference = reference,
        }.With(options.Update);
    }

    private static bool NeedsReference(T1Options options) => options.KlCoefficient > 0 && options.Reference != ReferenceKind.None;
}
