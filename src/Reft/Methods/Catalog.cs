using Reft.Configuration;
using Reft.Problems.Files;
using Reft.Problems.Generated;
using Reft.Problems.Generated.Tasks;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Text.Prompts;
using Reft.Training.Schedules;
using Reft.Verification.Forms;
using Reft.Verification.Rewards;

namespace Reft.Methods;

/// <summary>What a config can name. Whatever must know of it, from the reader of configs to the docs, asks here.</summary>
public sealed record Catalog
{
    /// <summary>What comes with Reft.</summary>
    public static Catalog Default { get; } = new()
    {
        Methods =
        [
            Imitations.Pretrain,
            Imitations.Sft,
            new ReftMethod(),
            new SelfTrainingMethod(),
            new OutcomeRewardMethod(),
            Grpo.Method,
            DrGrpo.Method,
            Dapo.Method,
            Gspo.Method,
            Rloo.Method,
            ReinforcePlusPlus.Method,
            ReMax.Method,
            Cispo.Method,
            VerifiedDpo.Method,
            RejectionSampling.Method,
            Dft.Method,
            Uft.Method,
            Upft.Method,
            Trice.Method,
            Hir.Method,
            new Rise(),
            new Abc(),
            T1.Method,
            Taco.Method,
            new Latent(),
            FormulaGpt.Method,
        ],
        Answers = [new PaperForm(), new TaggedForm(), new WholeSolutionForm(), new ParitiesForm(), new InterleavedForm(), new UnitTestsForm(), new FormulaForm(), new LastLineForm()],
        Prompts = [new MarkedPrompt(), new ChatPrompt()],
        Rewards = [new RewardRule(), new FormatReward(), new InterleavedReward(), new SoundReward(), new BestFitReward(), new GoldLikelihoodReward(), new ConsistencyReward(), new EditReward()],
        Curricula = [new PlainCurriculumOptions(), new AdaptiveHintsOptions(), new ScheduledHintsOptions(), new ClusterBanditOptions(), new TargetDifficultyOptions(), new DifficultySamplingOptions()],
        Schedules = [new ConstantSchedule(), new LinearSchedule(), new CosineSchedule(), new StableSchedule()],
        Formats = ProblemFormats.All,
        Problems =
        [
            new WordProblems { Split = default, Count = 1 }, new ParityChain { Split = default, Count = 1 }, new RegisterChain { Split = default, Count = 1 },
            new TwoWays { Split = default, Count = 1 }, new HiddenChoice { Split = default, Count = 1 }, new MultiHop { Split = default, Count = 1 },
            new ListFunctions { Split = default, Count = 1 }, new DigitSums { Split = default, Count = 1 }, new Paraphrases { Split = default, Count = 1 }, new NextItem { Split = default, Count = 1 },
            new FormulaHistories { Split = default, Count = 1 },
        ],
    };

    /// <summary>The methods' names.</summary>
    public IReadOnlyList<string> MethodNames => [.. Methods.Select(method => method.Name)];

    /// <summary>The methods.</summary>
    public IReadOnlyList<IMethod> Methods { get; init; } = [];

    /// <summary>The forms of answers, each with its defaults.</summary>
    public IReadOnlyList<IAnswerForm> Answers { get; init; } = [];

    /// <summary>The forms in which a model is asked, each with its defaults.</summary>
    public IReadOnlyList<IPromptForm> Prompts { get; init; } = [];

    /// <summary>The rewards, each with its defaults.</summary>
    public IReadOnlyList<IReward> Rewards { get; init; } = [];

    /// <summary>The curricula, each with its defaults.</summary>
    public IReadOnlyList<ICurriculumOptions> Curricula { get; init; } = [];

    /// <summary>The schedules of learning rates, each with its defaults.</summary>
    public IReadOnlyList<ISchedule> Schedules { get; init; } = [];

    /// <summary>The formats of problem files, in the order in which they are asked whether a file is theirs.</summary>
    public IReadOnlyList<IProblemFormat> Formats { get; init; } = [];

    /// <summary>The generators of problems, each with a set of one; the first is what a section without <c>type</c> is.</summary>
    public IReadOnlyList<IProblemGenerator> Problems { get; init; } = [];

    /// <summary>
    /// This catalog and things of one's own, of any kind that it holds: <c>Catalog.Default.With(new Brevity(), new PipeFormat())</c>. Formats of one's
    /// own are asked first.
    /// </summary>
    /// <exception cref="ArgumentException">A thing is of no such kind, or there is already one of its kind and name.</exception>
    public Catalog With(params IReadOnlyList<INamed> own)
    {
        ArgumentNullException.ThrowIfNull(own);
        if (own.FirstOrDefault(thing => thing is not (IMethod or IAnswerForm or IPromptForm or IReward or ICurriculumOptions or ISchedule or IProblemFormat or IProblemGenerator)) is { } other)
        {
            throw new ArgumentException($"{other.GetType().Name} is of no kind that a catalog holds", nameof(own));
        }

        return this with
        {
            Methods = Join(Methods, own),
            Answers = Join(Answers, own),
            Prompts = Join(Prompts, own),
            Rewards = Join(Rewards, own),
            Curricula = Join(Curricula, own),
            Schedules = Join(Schedules, own),
            Formats = Join([.. own.OfType<IProblemFormat>()], Formats),
            Problems = Join(Problems, own),
        };
    }

    private static T[] Join<T>(IReadOnlyList<T> first, IReadOnlyList<INamed> then) where T : INamed
    {
        T[] all = [.. first, .. then.OfType<T>()];
        return all.CountBy(thing => thing.Name).FirstOrDefault(name => name.Value > 1) is { Key: { } twice }
            ? throw new ArgumentException($"'{twice}' is the name of more than one {typeof(T).Name}", nameof(then))
            : all;
    }

    /// <summary>The things of a kind, such as <see cref="IReward"/>; the first is what a section without <c>type</c> is.</summary>
    internal IReadOnlyList<INamed> Of(Type kind) =>
        kind == typeof(IAnswerForm) ? Answers
        : kind == typeof(IPromptForm) ? Prompts
        : kind == typeof(IReward) ? Rewards
        : kind == typeof(ICurriculumOptions) ? Curricula
        : kind == typeof(ISchedule) ? Schedules
        : kind == typeof(IProblemGenerator) ? Problems
        : throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a kind of thing that configs name");

    /// <summary>The sections that the methods bring along; methods may share one.</summary>
    internal IEnumerable<OptionsSection> Sections => Methods.Select(method => method.Options).DistinctBy(section => section.Name);

    /// <summary>The method of a name; null if there is none.</summary>
    internal IMethod? Find(string name) => Methods.FirstOrDefault(method => method.Name == name);

    /// <summary>The method of a name.</summary>
    /// <exception cref="InputException">There is none.</exception>
    internal IMethod Of(string name) => Find(name)
        ?? throw new InputException($"method: there is no '{name}': Reft knows {string.Join(", ", MethodNames)}");
}
