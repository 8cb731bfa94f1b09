using Reft.Configuration.Checks;
using Reft.Methods;
using Reft.Training;
using Reft.Verification.Rewards;

namespace Reft.Configuration;

/// <summary>One training run: what is trained on what, how, and where it is written. One YAML file is one of these.</summary>
public sealed record RunConfig
{
    /// <summary>The method: such as <c>sft</c> or <c>reft</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The run's folder; relative to the working directory.</summary>
    public required string Run { get; init; }

    /// <summary>The seed of everything that is drawn.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The model.</summary>
    public required ModelSection Model { get; init; }

    /// <summary>The problems.</summary>
    public required ProblemsSection Problems { get; init; }

    /// <summary>What answers are and how they are read.</summary>
    public required AnswersSection Answers { get; init; }

    /// <summary>How long and in which portions it is trained.</summary>
    public required TrainingSection Training { get; init; }

    /// <summary>The optimizer.</summary>
    public required OptimizerSection Optimizer { get; init; }

    /// <summary>How the policy is rolled out; used by methods that do.</summary>
    public RolloutSection Rollouts { get; init; } = new();

    /// <summary>What samples are worth, the sum of a list; used by methods that roll out.</summary>
    [Unnamed(RewardRule.VerdictName)]
    public IReadOnlyList<IReward> Reward { get; init; } = [new RewardRule()];

    /// <summary>
    /// The method's own options, such as <see cref="Algorithms.PpoOptions"/> of <c>reft</c>; its defaults where none are given. In YAML they
    /// stand under the method's own key, such as <c>ppo</c>.
    /// </summary>
    public object? MethodOptions { get => field ?? Catalog.Find(Method)?.Options.Default; init; }

    /// <summary>When and how the model is evaluated on dev.</summary>
    public EvaluationSection Evaluation { get; init; } = new();

    /// <summary>When checkpoints are written and which are kept.</summary>
    public CheckpointSection Checkpoints { get; init; } = new();

    /// <summary>The limits of the live invariants.</summary>
    public InvariantOptions Invariants { get; init; } = new();

    /// <summary>What the config can name.</summary>
    public Catalog Catalog { get; init; } = Catalog.Default;

    /// <summary>The method's own options.</summary>
    /// <typeparam name="T">Their type.</typeparam>
    /// <exception cref="InputException">The method has options of another type.</exception>
    public T Options<T>()
        where T : class => MethodOptions as T
            ?? throw new InputException($"method: {OneLine.Quote(Method)} has no {typeof(T).Name}, but {MethodOptions?.GetType().Name ?? "nothing"}");

    /// <summary>The key of one of the method's options, found by the end of its path; null if it has none such.</summary>
    internal string? Knob(string option) => Catalog.Find(Method)?.Options.Find(option);

    /// <summary>What verdicts are worth where they alone count, as in evaluations.</summary>
    internal RewardRule VerdictReward => Reward.OfType<RewardRule>().FirstOrDefault() ?? new RewardRule();

    /// <summary>Whether the method reads a key or a section; every method reads what none of them names.</summary>
    internal bool Reads(string path)
    {
        var method = Catalog.Find(Method);
        return method?.Options.Name == path || method?.Reads.Contains(path) == true || !UnreadKeys.All(Catalog).Contains(path);
    }
}
