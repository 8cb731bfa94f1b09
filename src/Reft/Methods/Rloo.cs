using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;
using Reft.Models;

namespace Reft.Methods;

/// <summary>Options of <see cref="Rloo"/>.</summary>
public sealed record RlooOptions
{
    /// <summary>
    /// β of the KL penalty inside the reward; 0 for none, and no reference. The value is ReFT's. Programs differ: OpenRLHF's example of this method has
    /// 0.01 too, TRL's default is 0.05.
    /// </summary>
    [Option("β, the weight of the KL penalty inside the reward; 0 for none, and no reference is kept", AtLeast = 0)]
    public double KlCoefficient { get; init => field = InRange.Of(this, value); } = 0.01;

    /// <summary>How the policy is updated: once a step.</summary>
    [Option("how the policy is updated: once a step")]
    public UpdateOptions Update { get; init; } = new();
}

/// <summary>REINFORCE with a leave-one-out baseline (<see href="https://arxiv.org/abs/2402.14740"/>, section 2.3).</summary>
internal static class Rloo
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<RlooOptions>("rloo", "rloo", new RlooOptions())
    {
        Summary = "REINFORCE on whole sequences, each against the mean of its problem's other samples; KL in the reward",
        Citation = "Ahmadian 2024, arXiv 2402.14740, section 2.3",
        Guide = "The plain policy gradient on whole sequences, made quiet by what the other samples of the problem earned: unbiased, "
            + "without values, ratios or clips. One update a step: epochs above 1 and mini-batches are refused, since there is no "
            + "ratio to correct with. Take it as the simplest method that works, with four samples a problem or more.",
        Also = [.. MethodKeys.HasEntropy, .. MethodKeys.HasReference],
        Update = options => options.Update,
        NeedsReference = options => options.KlCoefficient > 0,
        LeastSamples = _ => 2,
        IsOnPolicy = true,
        Algorithm = (options, _, reference) => Create(options, reference),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The reference's log-probabilities of responses [B][T]; null without a penalty.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(RlooOptions options, Func<IReadOnlyList<PolicySequence>, float[][]>? reference)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PolicyGradient
        {
            Advantages = new GroupAdvantages(GroupBaseline.LeaveOneOut, GroupScale.None),
            Terms = [new Reinforce()],
            Aggregation = Aggregation.SequenceMeanTokenSum,
            RewardKl = options.KlCoefficient > 0 ? options.KlCoefficient : null,
            Reference = reference,
        }.With(options.Update);
    }
}
