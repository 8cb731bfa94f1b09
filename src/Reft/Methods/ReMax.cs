using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;
using Reft.Models;
using Reft.Rollouts;

namespace Reft.Methods;

/// <summary>Options of <see cref="ReMax"/>.</summary>
public sealed record ReMaxOptions
{
    /// <summary>
    /// β of the KL penalty inside the reward; 0 for none, and no reference. The value is ReFT's; the authors' program has 0.05 for Llama-2-7B with a
    /// learned reward, and discounts later penalties by 0.99 a token, which is 1 here.
    /// </summary>
    [Option("β, the weight of the KL penalty inside the reward; 0 for none, and no reference is kept", AtLeast = 0)]
    public double KlCoefficient { get; init => field = InRange.Of(this, value); } = 0.01;

    /// <summary>How the policy is updated: once a step.</summary>
    [Option("how the policy is updated: once a step")]
    public UpdateOptions Update { get; init; } = new();
}

/// <summary>ReMax (<see href="https://arxiv.org/abs/2310.10505"/>, algorithm 1): REINFORCE with the greedy completion's reward as baseline.</summary>
internal static class ReMax
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<ReMaxOptions>("remax", "remax", new ReMaxOptions())
    {
        Summary = "REINFORCE, each sample against the policy's most likely completion of its problem; KL in the reward",
        Citation = "Li 2023, arXiv 2310.10505, algorithm 1",
        Guide = "Every sample is compared with what the policy's most likely completion of the same problem earned, so one sample a "
            + "problem is enough; the greedy completion costs one more draw. One update a step, as with rloo. Take it where problems "
            + "are many and the policy is nearly deterministic.",
        Also = [.. MethodKeys.HasEntropy, .. MethodKeys.HasReference],
        Update = options => options.Update,
        NeedsReference = options => options.KlCoefficient > 0,
        IsOnPolicy = true,
        Collects =
        [
            new(
                "the reward of the greedy completion as baseline", "Rollouts/GreedyBaselines: Collect", "Li 2023, algorithm 1"),
        ],
        Source = (_, rollouts) => new GreedyBaselines(rollouts),
        Algorithm = (options, _, reference) => Create(options, reference),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="reference">The reference's log-probabilities of responses [B][T]; null without a penalty.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(ReMaxOptions options, Func<IReadOnlyList<PolicySequence>, float[][]>? reference)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PolicyGradient
        {
            Advantages = new RewardsToGo(rollout => rollout.Baseline
                ?? throw new InvalidOperationException($"{rollout.SampleId} has no baseline: its source must be {nameof(GreedyBaselines)}")),
            Terms = [new Reinforce()],
            Aggregation = Aggregation.SequenceMeanTokenSum,
            RewardKl = options.KlCoefficient > 0 ? options.KlCoefficient : null,
            Reference = reference,
        }.With(options.Update);
    }
}
