using System.Globalization;
using Reft.Answers;
using Reft.Configuration;
using Reft.Configuration.Binding;
using Reft.Methods;
using Reft.Models;
using Reft.Numerics;
using Reft.Problems.Files;
using Reft.Problems.Generated;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Text.Prompts;
using Reft.Training;
using Reft.Training.Invariants;
using Reft.Verification.Forms;
using Reft.Verification.Rewards;

namespace Reft.Tests.Configuration;

/// <summary>Makes valid configs at random.</summary>
internal sealed class RandomConfig(ulong seed)
{
    private static readonly string[] _pieces =
    [
        "a", "runs/", "-", " ", ": ", " #", "null", "true", "1", "e5", "'", "\"", "\\", "{", "[", "*", "&", "!", "%", "@",
        "`", "~", "ß", "日", "😀", "\u2028", "\u00A0", ",", ".", "|", ">", "?",
    ];

    private readonly CounterRandom _random = new(seed);

    public RunConfig Make()
    {
        var known = _random.Pick([.. Catalog.Default.Methods]);
        var method = known.Name;
        bool Reads(string path) => known.Reads.Contains(path);
        var rollsOut = Reads("rollouts");
        var style = _random.Pick(Enum.GetValues<AnswerStyle>());
        var policy = Any<AnswerPolicy>();
        var training = Training();
        var config = new RunConfig
        {
            Method = method,
            Run = Text(),
            Seed = _random.NextUInt64(),
            Model = Model(Reads),
            Problems = Problems(style, Reads("problems.test")),
            Answers = new AnswersSection
            {
                Style = style,
                Policy = policy,
                Kinds = style == AnswerStyle.Number && policy == AnswerPolicy.Exact && Flip() ? [Any<AnswerKind>()] : [],
                Form = style != AnswerStyle.Program && Flip() ? new TaggedForm() : new PaperForm(),
                Prompt = Flip() ? new MarkedPrompt { System = Text(), Answer = Text() } : new MarkedPrompt(),
                GiveProgramHeader = style == AnswerStyle.Program && Flip(),
                Engine = style == AnswerStyle.Program ? Any<ProgramEngineKind>() : default,
            },
            Training = training,
            Optimizer = Optimizer(),
            Rollouts = rollsOut ? new() { SamplesPerProblem = 1 + Count(), MaxTokens = Count(), Slots = Count(), Curriculum = Curriculum(), Workers = Flip() ? Workers() : null } : new(),
            Reward = rollsOut ? Flip() ? [Reward()] : [Reward(), Form()] : [new RewardRule()],
            Evaluation = Reads("evaluation.maxTokens") ? Evaluation() : new(),
            Checkpoints = new CheckpointSection
            {
                EverySteps = Maybe(() => (long)Count()),
                Keep = Count(),
                KeepEpochs = Flip() || training.Epochs is null ? [] : [1],
            },
            Invariants = new InvariantOptions
            {
                Off = Flip() ? [] : [_random.Pick(InvariantCatalog.Ids.ToArray())],
                SkippedSteps = Count(),
                RewardStuckSteps = Reads("invariants.rewardStuckSteps") ? Count() : 20,
                ErrorShare = Reads("invariants.errorShare") ? _random.NextDouble() : 0.95,
                KlLimit = Reads("invariants.klLimit") ? Positive() : 100,
                EntropyFloor = Reads("invariants.entropyFloor") ? Positive() : 0.001,
            },
        };
        return WithOptions(config, known);
    }

    private ModelSection Model(Func<string, bool> reads)
    {
        var hasLora = reads("model.lora") && Flip();
        var model = new ModelSection
        {
            Dtype = Any<ComputeDtype>(),
            Lora = hasLora ? Lora() : null,
            SeparateValueNetwork = reads("model.separateValueNetwork") && !hasLora && Flip(),
            ZeroValueHead = reads("model.zeroValueHead") && Flip(),
            ActivationCheckpointing = Flip(),
            Dropout = reads("model.dropout") && Flip(),
        };
        var groups = _random.Between(1, 4);
        var heads = groups * _random.Between(1, 4);
        return Flip()
            ? model with { Path = Text() }
            : model with
            {
                Fresh = new FreshModelSection
                {
                    Layers = Count(),
                    Width = 2 * heads * Count(),
                    Heads = heads,
                    KeyValueHeads = Flip() ? null : groups,
                    FeedForward = Count(),
                    Context = 1_000_000 + Count(),
                    TieEmbeddings = Flip(),
                    Vocabulary = 257 + Count(),
                },
            };
    }

    private LoraOptions Lora() =>
        new() { Rank = Count(), Alpha = Positive(), Targets = Flip() ? [] : [Text(), Text()] };

    private ProblemsSection Problems(AnswerStyle style, bool writes)
    {
        var fraction = Flip() ? _random.NextDouble() : 0;
        var limits = Flip() || fraction > 0;
        return new ProblemsSection
        {
            Train = Sets("train", GeneratedSplit.Train, style),
            Dev = fraction > 0 ? [] : Sets("dev", GeneratedSplit.Dev, style),
            DevFraction = fraction,
            DevLimit = limits ? Count() : null,
            Test = !writes || Flip() ? [] : Sets("test", GeneratedSplit.Test, style),
        };
    }

    private ProblemSet[] Sets(string role, GeneratedSplit split, AnswerStyle style) =>
        [.. Enumerable.Range(0, _random.Between(1, 3)).Select(_ => style == AnswerStyle.Choice || Flip()
            ? new ProblemSet
            {
                // The name keeps the roles apart.
                File = $"{Text()}{role}",
                Format = _random.Pick([.. ProblemFormats.NamesOf(ProblemFormats.All)]),
                Columns = new ProblemColumns { Id = Maybe(Text), Question = Maybe(Text), Solution = Maybe(Text) },
                Gsm8kSolution = style == AnswerStyle.Program ? Gsm8kSolution.Program : Gsm8kSolution.Annotated,
            }
            : new ProblemSet
            {
                Generated = new WordProblems
                {
                    Profile = Any<GeneratorProfile>(),
                    Split = split,
                    Count = Count(),
                    Solutions = Flip() ? null : 0,
                    Seed = _random.NextUInt64(),
                    MaxSteps = Flip() ? null : _random.Between(1, 8),
                    DistinctStructures = Flip() ? null : Flip(),
                    MentalArithmeticRate = style == AnswerStyle.Program ? _random.NextDouble() : 0,
                },
            })];

    private TrainingSection Training()
    {
        var training = new TrainingSection { BatchSize = Count(), MaxTokens = 1 + Count(), MicroBatchTokens = Count() };
        var (total, stop) = (Count() + 10, _random.Between(1, 10));
        return Flip()
            ? training with { Epochs = total, StopAfterEpochs = Flip() ? null : stop }
            : training with { Steps = total * 10_000_000_000L, StopAfterSteps = Flip() ? null : stop };
    }

    private WorkersSection Workers() => new()
    {
        Nats = _random.Pick(["nats://127.0.0.1:4222", "tls://user:word@[::1]"]),
        Weights = Maybe(Text),
        Problems = Count(),
        LeaseSeconds = 1 + Positive(),
        CheckedShare = _random.NextDouble(),
        WaitSeconds = Positive(),
    };

    private OptimizerSection Optimizer() => new()
    {
        LearningRate = Positive(),
        Schedule = _random.Pick([.. Catalog.Default.Schedules]),
        WarmupShare = _random.NextDouble(),
        Adam = new AdamWOptions
        {
            Beta1 = _random.NextDouble(),
            Beta2 = _random.NextDouble(),
            Epsilon = Positive(),
            WeightDecay = Positive(),
            MaxGradientNorm = Positive(),
        },
    };

    private ICurriculumOptions Curriculum() => Flip() ? new PlainCurriculumOptions() : Flip()
        ? new AdaptiveHintsOptions
        {
            Threshold = -_random.NextDouble(),
            PlainShare = _random.NextDouble(),
            AverageRate = 1,
            WidensBelow = _random.NextDouble(),
        }
        : new ClusterBanditOptions
        {
            DifficultyWeight = Positive(),
            Utility = Any<ClusterUtility>(),
            ProblemsPerCluster = Flip() ? null : 7,
            Discount = 1 - (_random.NextDouble() / 2),
        };

    private FormatReward Form() => new() { Worth = Positive(), Pattern = Flip() ? null : "(?s)^<a>.*: #\\d" };

    private RewardRule Reward() => new()
    {
        Correct = 10 + _random.NextDouble(),
        Partial = -Positive(),
        Timeout = -_random.NextDouble(),
        Error = Positive(),
        Choice = Any<ChoiceReward>(),
    };

    /// <summary>The method's options at random, or its defaults where they cannot be together.</summary>
    private RunConfig WithOptions(RunConfig config, IMethod method)
    {
        // A method may have a curriculum of its own, or draw one sample of a problem.
        foreach (var rollouts in new[] { config.Rollouts with { Curriculum = new PlainCurriculumOptions() }, config.Rollouts with { Curriculum = new PlainCurriculumOptions(), SamplesPerProblem = 1 } })
        {
            if (method.Contradictions(config with { MethodOptions = method.Options.Default }).Any(c => c.Paths.Any(path => path.StartsWith("rollouts.", StringComparison.Ordinal))))
            {
                config = config with { Rollouts = rollouts };
            }
        }

        var made = config with { MethodOptions = Options(method.Options.Default) };
        // Options of which one bounds or needs another are drawn again.
        for (var again = 0; again < 200 && (AreAtOdds(made.MethodOptions) || method.Contradictions(made).Any()); again++)
        {
            made = config with { MethodOptions = Options(method.Options.Default) };
        }

        return new[] { made, config with { MethodOptions = Filled(method.Options.Default, _ => false) }, config with { MethodOptions = Filled(method.Options.Default, _ => true) } }
            .First(one => !method.Contradictions(one).Any());
    }

    /// <summary>Defaults, and what must be given: it has none; texts too that other options ask for.</summary>
    private object Filled(object defaults, Func<ConfigKey, bool> isAsked)
    {
        var record = Activator.CreateInstance(defaults.GetType())!;
        foreach (var key in ConfigKey.Of(defaults.GetType()).Where(key => key.Option?.Note == "required" || (key.Type == typeof(string) && isAsked(key))))
        {
            key.Set(record, Text());
        }

        return record;
    }

    private static bool AreAtOdds(object options) =>
        options.GetType().GetMethod("Validate", [typeof(string)])?.Invoke(options, [""]) is IReadOnlyList<string> { Count: > 0 }
        || ConfigKey.Of(options.GetType()).Where(key => ConfigKey.IsRecord(key.Type)).Any(key => key.Get(options) is { } inner && AreAtOdds(inner));

    private object Options(object defaults)
    {
        var record = Activator.CreateInstance(defaults.GetType())!;
        foreach (var key in ConfigKey.Of(defaults.GetType()))
        {
            var option = key.Option;
            object? value = key.IsNullable && Flip() ? null
                : key.Type == typeof(string) ? Text()
                : key.Type == typeof(bool) ? Flip()
                : key.Type.IsEnum ? _random.Pick([.. Enum.GetValues(key.Type).Cast<object>()])
                : ConfigKey.IsRecord(key.Type) ? Options(key.Get(defaults)!)
                : Convert.ChangeType(Within(key, option!), key.Type, CultureInfo.InvariantCulture); // Numbers have one: a test sees to it.
            Assert.Null(key.Set(record, value));
        }

        return record;
    }

    private double Within(ConfigKey key, OptionAttribute option) => key.Type != typeof(double)
        ? Math.Min(option.AtMost, Math.Max(option.AtLeast, 0) + Count())
        : double.IsFinite(option.AtMost) || double.IsFinite(option.Below) ? 0.001 + (0.99 * _random.NextDouble())
        : option.Above >= 1 ? option.Above + 1 + Positive() : Positive();

    /// <summary>Of dev there is none where neither is given; then nothing is evaluated.</summary>
    private EvaluationSection Evaluation() => new()
    {
        MaxTokens = Count(),
        Samples = 1 + Count(),
        Temperature = 1e-4 + Positive(),
        Slots = Count(),
    };

    private bool Flip() => _random.Chance(0.5);

    private int Count() => _random.Between(1, 10_000);

    private T Any<T>()
        where T : struct, Enum => _random.Pick(Enum.GetValues<T>());

    private T? Maybe<T>(Func<T> make)
        where T : struct => Flip() ? null : make();

    private string? Maybe(Func<string> make) => Flip() ? null : make();

    /// <summary>A finite number above 0 of any size.</summary>
    private double Positive()
    {
        var value = BitConverter.UInt64BitsToDouble(_random.NextUInt64() >> 1);
        return double.IsFinite(value) && value is > 0 and < 1e300 ? value : 1e-7;
    }

    private string Text() => string.Concat(Enumerable.Range(0, _random.Between(1, 5)).Select(_ => _random.Pick(_pieces))) + "x";
}
