using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Configuration;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;

namespace Reft.Methods;

/// <summary>Options of <see cref="Trice"/>.</summary>
public sealed record TriceOptions
{
    /// <summary>
    /// What is added to a question to draw its first rationale, <c>{answer}</c> standing for the known answer; absent to begin with the first
    /// correct proposal, as fits models that know no such words.
    /// </summary>
    [Option("what is added to a question to draw its first rationale, `{answer}` standing for the answer, such as `The answer is {answer}. Let's think step by step.`; absent to begin with the first correct proposal")]
    public string? Guide { get; init; }

    /// <summary>Whether the control variate is taken off.</summary>
    [Option("whether the control variate is taken off; without it gradients stay noisy where the model is always right")]
    public bool UsesControl { get; init; } = true;

    /// <summary>Sequences that are learned of a step, drawn by systematic resampling in proportion to |weight|; absent for all.</summary>
    [Option("sequences that are learned of a step, drawn by systematic resampling in proportion to the sizes of their weights; absent for all", AtLeast = 1)]
    public int? Subsample { get; init => field = InRange.Of(this, value); }
}

/// <summary>
/// Chain of thought as a latent variable (TRICE, <see href="https://arxiv.org/abs/2312.02179"/>): maximises the marginal likelihood of right answers by
/// Markov chains of rationales with a control variate (<see cref="RationaleChains"/>, <see cref="SignedChains"/>).
/// </summary>
internal static class Trice
{
    /// <summary>The method.</summary>
    internal static IMethod Method { get; } = new OwnSamplesMethod<TriceOptions>("trice", "trice", new TriceOptions())
    {
        Summary = "the marginal likelihood of right answers: one proposal a problem, the last correct rationale of each kept, a control variate",
        Citation = "Phan 2023, arXiv 2312.02179, algorithms 1 and 2",
        Guide = "Every problem keeps the last rationale that led to its answer, and learns from it again whenever a new proposal fails: problems that are "
            + "hard count as much as those that are easy, where policy gradients weigh them by how often they are solved. One sample a problem and "
            + "step is enough. Take it where answers are known, solutions are not, and most problems are solved now and then. A problem that was "
            + "never solved teaches nothing; a model that understands instructions can begin it by guide.",
        Also = ["model.dropout"],
        UpdateSection = "trice",
        CanReplay = options => options.Guide is null,
        Shows = option => option is "usesControl" or "subsample",
        Unreplayed = "how likely kept rationales have become, and the first ones that trice.guide asked for",
        Update = _ => new UpdateOptions(),
        Sequences = (_, config) => 2 * MethodChecks.Sampled(config),
        Trains = (options, problem) => options.Guide is { } guide ? [problem, RationaleChains.Guided(problem, guide)] : [problem],
        Collects =
        [
            new(
                "a correct proposal becomes the problem's rationale; beside a wrong one the last correct one is kept", "Rollouts/RationaleChains: Move", "Phan 2023, algorithm 1"),
        ],
        Source = (options, rollouts) => new RationaleChains(rollouts, options.Guide),
        Algorithm = (options, config, _) => Create(options, config.Seed),
        Refuses = Refused,
    };

    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="seed">The seed of the subsample.</param>
    public static ComposedAlgorithm Create(TriceOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(options);
        var chains = new SignedChains(options.UsesControl, options.Subsample, seed);
        return new ComposedAlgorithm(new AlgorithmParts { Preparation = chains, Weighting = chains, Terms = [new LogLikelihood()] });
    }

    private static IEnumerable<Contradiction> Refused(TriceOptions options, RunConfig config)
    {
        if (config.Rollouts.SamplesPerProblem != 1)
        {
            yield return new(
                FormattableString.Invariant($"is {config.Rollouts.SamplesPerProblem}, but trice draws one proposal of a problem; leave it at 1"),
                "rollouts.samplesPerProblem",
                "method");
        }

        if (config.Rollouts.Curriculum is not PlainCurriculumOptions)
        {
            yield return new(
                $"is {config.Rollouts.Curriculum.Name}, but trice's rationales are the policy's own from the first token on; remove it", "rollouts.curriculum", "method");
        }

        if (options.Guide is { } guide && !guide.Contains("{answer}", StringComparison.Ordinal))
        {
            yield return new("does not say {answer}, where the known answer stands", "trice.guide");
        }
    }
}
