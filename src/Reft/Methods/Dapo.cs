using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Configuration;
using Reft.Rollouts;

namespace Reft.Methods;

/// <summary>Options of <see cref="Dapo"/>; the paper's clip range.</summary>
public sealed record DapoOptions
{
    /// <summary>The lower clip range ε of the ratio, in (0, 1).</summary>
    [Option("lower clip range of the ratio", Above = 0, Below = 1)]
    public double ClipLow { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>The upper clip range of the ratio, above 0: higher, so that unlikely tokens can become likely.</summary>
    [Option("upper clip range of the ratio", Above = 0)]
    public double ClipHigh { get; init => field = InRange.Of(this, value); } = 0.28;

    /// <summary>
    /// The most rounds of sampling in a step, the first one counted, at least 1; in each one problems are drawn in the place of those whose
    /// samples are all worth the same.
    /// </summary>
    [Option("the most rounds of sampling in a step, the first one counted", AtLeast = 1)]
    public int MostRounds { get; init => field = InRange.Of(this, value); } = 10;

    /// <summary>Over how many of the last tokens up to <c>rollouts.maxTokens</c> long responses are penalised (the paper has a fifth); 0 for none.</summary>
    [Option("over how many of the last tokens long responses are penalised, up to 1", AtLeast = 0, Note = "0 is no penalty")]
    public int LengthBuffer { get; init => field = InRange.Of(this, value); }

    /// <summary>How the policy is updated.</summary>
    [Option("how the policy is updated")]
    public UpdateOptions Update { get; init; } = new();
}

/// <summary>Decoupled clip and dynamic sampling policy optimisation (<see href="https://arxiv.org/abs/2503.14476"/>, equations 8 to 13).</summary>
internal static class Dapo
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<DapoOptions>("dapo", "dapo", new DapoOptions())
    {
        Summary = "GRPO with a higher upper clip, problems in the place of those that teach nothing, a mean over tokens, no KL",
        Citation = "Yu 2025, arXiv 2503.14476, equations 8 to 13",
        Guide = "GRPO made for long runs: unlikely tokens may grow further than likely ones shrink (clipHigh), a step is filled with "
            + "problems that teach something by drawing others in the place of those whose samples are all worth the same, and long "
            + "responses may be penalised (lengthBuffer). Everything that is drawn is logged and counts in reward/verdict_mean and "
            + "verdict/*; what teaches nothing gets no loss. Take it where many problems are solved always or never, and sampling is "
            + "cheap beside learning.",
        Update = options => options.Update,
        LeastSamples = _ => 2,
        Collects =
        [
            LengthPenalty.Formula,
            new(
                "another problem in the place of one whose samples are all worth the same", "Rollouts/ResampledRollouts: Collect", "Yu 2025, section 3.2") { Departure = "by reward, not by correctness; in rounds of what is missing; what was drawn in vain is logged" },
        ],
        Source = (options, rollouts) => new ResampledRollouts(rollouts, options.MostRounds),
        Algorithm = (options, config, _) => Create(options, config.Rollouts.MaxTokens),
        Refuses = (options, config) => options.LengthBuffer > config.Rollouts.MaxTokens
            ? [new Contradiction(
                FormattableString.Invariant($"is {options.LengthBuffer}, more than the {config.Rollouts.MaxTokens} tokens of a response; a fifth of them is usual"),
                "dapo.lengthBuffer", "rollouts.maxTokens")]
            : [],
    };

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="maxTokens">The most tokens of a response.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(DapoOptions options, int maxTokens)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new PolicyGradient
        {
            Advantages = new GroupAdvantages(GroupBaseline.Mean, GroupScale.SampleDeviation),
            Terms = [new ClippedSurrogate(options.ClipLow, options.ClipHigh)],
            Aggregation = Aggregation.TokenMean,
            Length = options.LengthBuffer == 0 ? null : new LengthPenalty(maxTokens, options.LengthBuffer),
            LeavesOutEqualGroups = true,
        }.With(options.Update);
    }
}
