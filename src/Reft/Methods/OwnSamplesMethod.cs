using System.Collections.ObjectModel;
using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Configuration;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using static TorchSharp.torch;

namespace Reft.Methods;

/// <summary>A method whose policy learns from its own samples, without values: options, an algorithm, and where it differs from others.</summary>
/// <typeparam name="TOptions">Its options.</typeparam>
/// <param name="name">Its name in configs.</param>
/// <param name="section">Its section there.</param>
/// <param name="defaults">The options' defaults.</param>
public sealed class OwnSamplesMethod<TOptions>(string name, string section, TOptions defaults) : IMethod
    where TOptions : class
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public required string Summary { get; init; }

    /// <inheritdoc/>
    public required string Citation { get; init; }

    /// <inheritdoc/>
    public string Guide { get => field ?? Summary; init; }

    /// <inheritdoc/>
    public OptionsSection Options { get; } = new(section, defaults);

    // Before the first update every ratio is 1 and no sample was drawn anew: what bounds the one, or asks for the other, shows nothing. Entropies, and
    // another reference, are in no file of a run.
    private static readonly string[] _unseen =
        [
            "epochs", "miniBatch", "clipLow", "clipHigh", "dualClip", "mostRounds", "targetApproximateKl", "firstRatioTolerance", "evaluationTokens",
            "entropyCoefficient", "reference", "averageRate",
        ];

    /// <summary>Whether stored steps can be worked out again.</summary>
    public Func<TOptions, bool> CanReplay { get; init; } = _ => true;

    /// <inheritdoc/>
    public string? Unreplayed { get; init; }

    /// <summary>Whether a replay shows what an option does, given its path within the section; besides what none shows.</summary>
    public Func<string, bool> Shows { get; init; } = _ => true;

    /// <inheritdoc/>
    public IReadOnlyList<string> Replays =>
    [
        .. MethodOption.Of(Options).Select(option => option.Path)
            .Where(path => !_unseen.Contains(path.Split('.')[^1]) && Shows(path[(section.Length + 1)..])),
    ];

    /// <inheritdoc/>
    public ComposedAlgorithm? Again(RunConfig config) =>
        CanReplay(config.Options<TOptions>()) ? Algorithm(config.Options<TOptions>(), config, NeedsReference(config.Options<TOptions>()) ? _ => [] : null) as ComposedAlgorithm : null;

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads => [.. MethodKeys.Writes, .. MethodKeys.RollsOut, .. Also, .. WeighsSamples ? MethodKeys.DrawsElsewhere : []];

    /// <summary>
    /// Whether every sample counts by its advantage, which importance weights can be put on. What imitates samples, or keeps them for later, has no
    /// such place.
    /// </summary>
    private bool WeighsSamples => _weighsSamples ??=
        Algorithm(defaults, MethodMetrics.Least(name), NeedsReference(defaults) ? _ => [] : null) is ComposedAlgorithm { Parts.Preparation: PolicyPreparation };

    private bool? _weighsSamples;

    /// <summary>What it reads besides; the entropy is measured where the ratio is.</summary>
    public IReadOnlyList<string> Also { get; init; } = MethodKeys.HasEntropy;

    /// <summary>How the policy is updated.</summary>
    public required Func<TOptions, UpdateOptions> Update { get; init; }

    /// <summary>Where those options are in a config.</summary>
    public string UpdateSection { get; init; } = $"{section}.update";

    /// <summary>The algorithm, given the config and the reference's log-probabilities, if it is needed.</summary>
    public required Func<TOptions, RunConfig, Func<IReadOnlyList<PolicySequence>, float[][]>?, IAlgorithm> Algorithm { get; init; }

    /// <summary>Whether the model that the run starts from is kept, to compare with.</summary>
    public Func<TOptions, bool> NeedsReference { get; init; } = _ => false;

    /// <summary>How much of itself the reference keeps at a step, where it is an average of the policy's weights; null where it is frozen.</summary>
    public Func<TOptions, double?> AveragesReference { get; init; } = _ => null;

    /// <summary>The curriculum that belongs to the method; null for the one that <c>rollouts.curriculum</c> names.</summary>
    public Func<TOptions, ICurriculumOptions>? Curriculum { get; init; }

    /// <summary>Where rollouts come from.</summary>
    public Func<TOptions, PolicyRollouts, IRolloutSource> Source { get; init; } = (_, rollouts) => rollouts;

    /// <summary>How a problem is asked in evaluations.</summary>
    public Func<TOptions, Problem, Problem> Asks { get; init; } = (_, problem) => problem;

    /// <summary>The ways in which a problem is asked in training, all of which must fit into the context.</summary>
    public Func<TOptions, Problem, IEnumerable<Problem>> Trains { get; init; } = (_, problem) => [problem];

    /// <summary>The most sequences of a step.</summary>
    public Func<TOptions, RunConfig, int> Sequences { get; init; } = (_, config) => MethodChecks.Sampled(config);

    /// <summary>
    /// Whether what is learned is the distribution that tokens are drawn from, at the rollouts' temperature; false where samples are texts to
    /// imitate, and the model itself is.
    /// </summary>
    public bool LearnsTempered { get; init; } = true;

    /// <summary>The fewest samples of a problem that it can learn from.</summary>
    public Func<TOptions, int> LeastSamples { get; init; } = _ => 1;

    /// <summary>Whether its loss is right for one update a step alone, on the samples of the policy that is trained.</summary>
    public bool IsOnPolicy { get; init; }

    /// <summary>What else cannot be together.</summary>
    public Func<TOptions, RunConfig, IEnumerable<Contradiction>> Refuses { get; init; } = (_, _) => [];

    /// <summary>Formulas besides those of the algorithm's parts, such as its source's.</summary>
    public IReadOnlyList<Formula> Collects { get; init; } = [];

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas =>
        [.. Collects, .. Algorithm(defaults, MethodMetrics.Least(name), NeedsReference(defaults) ? _ => [] : null).Formulas];

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => Algorithm(defaults, MethodMetrics.Least(name), NeedsReference(defaults) ? _ => [] : null).Metrics;

    /// <inheritdoc/>
    public IEnumerable<Contradiction> Contradictions(RunConfig config)
    {
        var options = config.Options<TOptions>();
        var update = Update(options);
        if (config.Rollouts.SamplesPerProblem < LeastSamples(options))
        {
            yield return new(
                FormattableString.Invariant($"is {config.Rollouts.SamplesPerProblem}, but {name} compares samples of one problem; ask for at least {LeastSamples(options)}"),
                "rollouts.samplesPerProblem",
                "method");
        }

        if (Curriculum is not null && config.Rollouts.Curriculum is not PlainCurriculumOptions)
        {
            yield return new(
                $"is {config.Rollouts.Curriculum.Name}, but {name} has a curriculum of its own, under {section}; remove it", "rollouts.curriculum", "method");
        }

        if (IsOnPolicy && (update.Epochs > 1 || update.MiniBatch > 0))
        {
            yield return new(
                $"{name} has no ratio to correct for samples of an older policy: one update a step, with all of its samples; "
                + "remove epochs and miniBatch, or take a method that clips",
                UpdateSection,
                "method");
        }

        if (update.TruncationReward != 0 && update.Truncation != TruncationPolicy.FixedPenalty)
        {
            yield return new(
                $"is read only with {UpdateSection}.truncation fixedPenalty; set that, or remove it",
                $"{UpdateSection}.truncationReward",
                $"{UpdateSection}.truncation");
        }

        var nested = new OptionsSection(UpdateSection, update);
        foreach (var contradiction in MethodChecks.MiniBatch(nested, update.MiniBatch, config, Sequences(options, config) - MethodChecks.Sampled(config)).Concat(Refuses(options, config)))
        {
            yield return contradiction;
        }
    }

    /// <inheritdoc/>
    public MethodSetup Create(MethodParts parts)
    {
        var (config, options) = (parts.Config, parts.Config.Options<TOptions>());
        var (update, owned) = (Update(options), new List<IDisposable>());
        var policy = new Policy(parts.Model.Model.Decoder) { Temperature = LearnsTempered ? config.Rollouts.Temperature : 1 };
        var source = PolicySource.Create(parts, problem => Trains(options, problem), Curriculum?.Invoke(options));
        var average = NeedsReference(options) && AveragesReference(options) is { } kept ? new AveragedReference(policy, kept, update.EvaluationTokens) : null;
        var reference = average is not null ? average.LogProbs
            : NeedsReference(options) ? ReferencePolicy.Create(parts, policy, owned, update.EvaluationTokens) : null;
        if (average is not null)
        {
            owned.Add(average);
        }

        return new MethodSetup(policy, Source(options, source.Rollouts), Algorithm(options, config, reference))
        {
            UpdatesPerStep = update.Epochs * MethodChecks.MiniBatches(update.MiniBatch, Sequences(options, config)),
            Notes = source.Notes,
            Inputs = source.Inputs,
            Owned = owned,
            Asks = problem => Asks(options, problem),
            HasReference = reference is not null && average is null && config.Model.Lora is null,
            Kept = average?.Kept ?? ReadOnlyDictionary<string, Tensor>.Empty,
        };
    }
}
