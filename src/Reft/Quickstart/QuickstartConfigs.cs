using Reft.Algorithms;
using Reft.Answers;
using Reft.Configuration;
using Reft.Problems.Generated;
using Reft.Training.Schedules;

namespace Reft.Quickstart;

/// <summary>
/// The three runs of the quickstart: supervised fine-tuning from nothing; from an early epoch of it ReFT on the same annotated questions;
/// and from that epoch ReFT on those and on more, of which answers alone are known.
/// </summary>
internal sealed record QuickstartConfigs(RunConfig Sft, RunConfig Reft, RunConfig MoreAnswers)
{
    private const int DevProblems = 300;
    private const int TestProblems = 1000;
    private const int Epochs = 60;
    private const int BatchSize = 32;
    private const int PpoEpochs = 2;
    private const int MaxTokens = 50;
    private const int Context = 192;

    /// <summary>Questions with a solution: what supervised fine-tuning sees, and ReFT in the second run.</summary>
    public const int Annotated = 400;

    /// <summary>Questions of the third run: the annotated ones, and others whose answer alone is known.</summary>
    public const int Questions = 2000;

    /// <summary>How often whoever annotated calculated in the head.</summary>
    public const double MentalRate = 0.3;

    /// <summary>The epoch of the first run that the other two begin from.</summary>
    public const int WarmUpEpoch = 24;

    /// <summary>ReFT's steps.</summary>
    public const int ReftSteps = 60;

    /// <summary>Completions that ReFT draws a step.</summary>
    public const int ReftSamples = 200;

    /// <summary>Gradient steps up to the warm-up.</summary>
    public static int WarmUpSteps => WarmUpEpoch * StepsPerEpoch;

    /// <summary>Gradient steps of supervised fine-tuning, those of the warm-up among them.</summary>
    public static int SftSteps => Epochs * StepsPerEpoch;

    /// <summary>Gradient steps of ReFT, after the warm-up.</summary>
    public static int ReftGradientSteps => ReftSteps * PpoEpochs;

    private static int StepsPerEpoch => (Annotated + BatchSize - 1) / BatchSize;

    /// <summary>Makes them.</summary>
    /// <param name="folder">Holds the three runs' folders.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="device">Where they compute, as in a config.</param>
    public static QuickstartConfigs Make(string folder, ulong seed, string device)
    {
        var evaluation = new EvaluationSection { MaxTokens = MaxTokens, Slots = 128 };
        var sft = new RunConfig
        {
            Method = "sft",
            Run = Path.Combine(folder, "sft"),
            Seed = seed,
            Model = new ModelSection
            {
                Device = device,
                Fresh = new FreshModelSection
                {
                    Layers = 3,
                    Width = 128,
                    Heads = 4,
                    FeedForward = 352,
                    Context = Context,
                    Vocabulary = 800,
                },
            },
            Problems = new ProblemsSection
            {
                Train = [Generated(GeneratedSplit.Train, Annotated, seed)],
                Dev = [Generated(GeneratedSplit.Dev, DevProblems, seed)],
                Test = [Generated(GeneratedSplit.Test, TestProblems, seed)],
            },
            Answers = new AnswersSection { Style = AnswerStyle.Program },
            Training = new TrainingSection { Epochs = Epochs, BatchSize = BatchSize, MaxTokens = Context },
            Optimizer = new OptimizerSection { LearningRate = 2e-3, Schedule = new LinearSchedule(), WarmupShare = 0.1 },
            Evaluation = evaluation with { EveryEpochs = WarmUpEpoch / 4 },
            Checkpoints = new CheckpointSection { Keep = 1, KeepEpochs = [WarmUpEpoch] },
        };
        var reft = sft with
        {
            Method = "reft",
            Run = Path.Combine(folder, "reft"),
            Model = new ModelSection
            {
                Path = Path.Combine(sft.Run, "checkpoints", $"epoch-{WarmUpEpoch:D4}"),
                Device = device,
                ZeroValueHead = true,
            },
            // Few bits a sample: large batches, or noise moves the weights more than the rewards do.
            Training = new TrainingSection { Steps = ReftSteps, BatchSize = ReftSamples, MaxTokens = Context },
            Optimizer = new OptimizerSection { LearningRate = 3e-4, Schedule = new LinearSchedule(), WarmupShare = 0.05 },
            Rollouts = new RolloutSection { MaxTokens = MaxTokens, Slots = 128 },
            MethodOptions = new PpoOptions
            {
                Epochs = PpoEpochs,
                Lambda = 1,
                ValueCoefficient = 0.1,
                Kl = new KlOptions { Coefficient = 0.01 },
            },
            Evaluation = evaluation with { EverySteps = ReftSteps / 6 },
            Checkpoints = new CheckpointSection { Keep = 1 },
        };
        return new QuickstartConfigs(sft, reft, reft with
        {
            Run = Path.Combine(folder, "reft-more-answers"),
            Problems = reft.Problems with { Train = [Generated(GeneratedSplit.Train, Questions, seed, Annotated)] },
        });
    }

    private static ProblemSet Generated(GeneratedSplit split, int count, ulong seed, int? solutions = null) => new()
    {
        Generated = new WordProblems
        {
            Profile = GeneratorProfile.Easy,
            Split = split,
            Count = count,
            Solutions = solutions,
            Seed = seed,
            MaxSteps = 2,
            PlainPrograms = true,
            MentalArithmeticRate = split == GeneratedSplit.Train ? MentalRate : 0,
        },
    };
}
