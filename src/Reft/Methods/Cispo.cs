using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;

namespace Reft.Methods;

/// <summary>Options of <see cref="Cispo"/>; the paper leaves weights unbounded below, and gives no number for above.</summary>
public sealed record CispoOptions
{
    /// <summary>How far weights are bounded below 1, in (0, 1]; 1 for no bound.</summary>
    public double ClipLow { get; init; } = 1;

    /// <summary>How far weights are bounded above 1, above 0.</summary>
    public double ClipHigh { get; init; } = 4;

    /// <summary>How the policy is updated.</summary>
    public UpdateOptions Update { get; init; } = new();

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path) => OptionErrors.Of(
        path,
        (ClipLow is > 0 and <= 1, "clipLow", ClipLow, "above 0 and at most 1"),
        (ClipHigh > 0, "clipHigh", ClipHigh, "above 0"));
}

/// <summary>Clipped importance weights (CISPO of MiniMax-M1, <see href="https://arxiv.org/abs/2506.13585"/>, equations 4 and 5).</summary>
public static class Cispo
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<CispoOptions>("cispo", "cispo", new CispoOptions())
    {
        Summary = "log-likelihood by group-relative advantage and a clipped importance weight: no token loses its gradient; no KL",
        Citation = "MiniMax 2025, arXiv 2506.13585, equations 4 and 5",
        Update = options => options.Update,
        LeastSamples = _ => 2,
        Algorithm = (options, _, _) => Create(options),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(CispoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        OptionErrors.ThrowIfAny(options.Validate("cispo"));
        return new PolicyGradient
        {
            Advantages = new GroupAdvantages(GroupBaseline.Mean, GroupScale.SampleDeviation),
            Terms = [new TruncatedImportance(options.ClipLow, options.ClipHigh)],
            Aggregation = Aggregation.TokenMean,
        }.With(options.Update);
    }
}
