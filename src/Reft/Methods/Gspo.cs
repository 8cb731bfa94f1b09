using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;

namespace Reft.Methods;

/// <summary>Options of <see cref="Gspo"/>; the paper's clip range.</summary>
public sealed record GspoOptions
{
    /// <summary>The lower clip range of a sequence's ratio, in (0, 1): far narrower than one for tokens.</summary>
    [Option("lower clip range of a sequence's ratio", Above = 0, Below = 1)]
    public double ClipLow { get; init => field = InRange.Of(this, value); } = 3e-4;

    /// <summary>The upper clip range of a sequence's ratio, above 0.</summary>
    [Option("upper clip range of a sequence's ratio", Above = 0)]
    public double ClipHigh { get; init => field = InRange.Of(this, value); } = 4e-4;

    /// <summary>How the policy is updated; the paper splits a step into four mini-batches.</summary>
    [Option("how the policy is updated")]
    public UpdateOptions Update { get; init; } = new();
}

/// <summary>Group sequence policy optimisation (<see href="https://arxiv.org/abs/2507.18071"/>, equations 5 to 7).</summary>
internal static class Gspo
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<GspoOptions>("gspo", "gspo", new GspoOptions())
    {
        Summary = "GRPO with one ratio a sequence, the geometric mean of its tokens', clipped as a whole; no KL",
        Citation = "Zheng 2025, arXiv 2507.18071, equations 5 to 7",
        Guide = "The ratio of a whole sequence, as its tokens' geometric mean, is clipped, and not that of every token, whose ratios "
            + "are noise where responses are long or experts are routed. Its clip range is far narrower than PPO's for that. Take it "
            + "for long responses and several updates a step.",
        Update = options => options.Update,
        LeastSamples = _ => 2,
        Algorithm = (options, _, _) => Create(options),
    };

    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(GspoOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PolicyGradient
        {
            Advantages = new GroupAdvantages(GroupBaseline.Mean, GroupScale.SampleDeviation),
            Terms = [new SequenceSurrogate(options.ClipLow, options.ClipHigh)],
            Aggregation = Aggregation.SequenceMeanTokenMean,
        }.With(options.Update);
    }
}
