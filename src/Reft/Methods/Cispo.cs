using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;

namespace Reft.Methods;

/// <summary>Options of <see cref="Cispo"/>; the paper leaves weights unbounded below, and gives no number for above.</summary>
public sealed record CispoOptions
{
    /// <summary>How far weights are bounded below 1, in (0, 1]; 1 for no bound.</summary>
    [Option("how far importance weights are bounded below 1", Above = 0, AtMost = 1, Note = "1 is no bound")]
    public double ClipLow { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>How far weights are bounded above 1, above 0.</summary>
    [Option("how far they are bounded above 1", Above = 0)]
    public double ClipHigh { get; init => field = InRange.Of(this, value); } = 4;

    /// <summary>How the policy is updated.</summary>
    [Option("how the policy is updated")]
    public UpdateOptions Update { get; init; } = new();
}

/// <summary>Clipped importance weights (CISPO of MiniMax-M1, <see href="https://arxiv.org/abs/2506.13585"/>, equations 4 and 5).</summary>
internal static class Cispo
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<CispoOptions>("cispo", "cispo", new CispoOptions())
    {
        Summary = "log-likelihood by group-relative advantage and a clipped importance weight: no token loses its gradient; no KL",
        Citation = "MiniMax 2025, arXiv 2506.13585, equations 4 and 5",
        Guide = "The clip of PPO takes the gradient away from tokens that moved far, often the rare ones that turn a line of reasoning. "
            + "Here the importance weight is bounded and held, and every token keeps its gradient. Take it where several updates are "
            + "made of a step's samples.",
        Update = options => options.Update,
        LeastSamples = _ => 2,
        Algorithm = (options, _, _) => Create(options),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(CispoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PolicyGradient
        {
            Advantages = new GroupAdvantages(GroupBaseline.Mean, GroupScale.SampleDeviation),
            Terms = [new TruncatedImportance(options.ClipLow, options.ClipHigh)],
            Aggregation = Aggregation.TokenMean,
        }.With(options.Update);
    }
}
