using Reft.Algorithms;
using Reft.Answers;
using Reft.Configuration;
using Reft.Problems.Generated;
using Reft.Training.Schedules;

namespace Reft.Quickstart;

/// <summary>
/// The three runs of the quickstart: a warm-up from nothing, and from its checkpoint once more of the same and once ReFT, on
/// the same problems, for as many gradient steps.
/// </summary>
internal sealed record QuickstartConfigs(RunConfig WarmUp, RunConfig Sft, RunConfig Reft)
{
    private const int TrainProblems = 2000;
    private const int Solutions = 100;
    private const int DevProblems = 300;
    private const int TestProblems = 2000;
    private const int WarmUpSteps = 300;
    private const int WarmUpSchedule = 400;
    private const int ReftSteps = 120;
    private const int PpoEpochs = 2;
    private const int MaxTokens = 60;
    private const int Context = 192;

    /// <summary>Gradient steps that each of the two continuations takes.</summary>
    public static int GradientSteps => ReftSteps * PpoEpochs;

    /// <summary>Makes them.</summary>
    /// <param name="folder">Holds the three runs' folders.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="device">Where they compute, as in a config.</param>
    public static QuickstartConfigs Make(string folder, ulong seed, string device)
    {
        var warmUp = new RunConfig
        {
            Method = "sft",
            Run = Path.Combine(folder, "warmup"),
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
                Train = [Generated(GeneratedSplit.Train, TrainProblems, seed, Solutions)],
                Dev = [Generated(GeneratedSplit.Dev, DevProblems, seed)],
                Test = [Generated(GeneratedSplit.Test, TestProblems, seed)],
            },
            Answers = new AnswersSection { Style = AnswerStyle.Program },
            Training = new TrainingSection
            {
                Steps = WarmUpSchedule,
                StopAfterSteps = WarmUpSteps,
                BatchSize = 32,
                MaxTokens = Context,
            },
            Optimizer = new OptimizerSection { LearningRate = 2e-3, Schedule = new LinearSchedule(), WarmupShare = 0.1 },
            Evaluation = new EvaluationSection { EverySteps = WarmUpSteps, MaxTokens = MaxTokens, Slots = 128 },
            Checkpoints = new CheckpointSection { Keep = 1 },
        };
        var checkpoint = new ModelSection { Path = Path.Combine(warmUp.Run, "checkpoints", $"step-{WarmUpSteps:D6}"), Device = device };
        var sft = warmUp with
        {
            Run = Path.Combine(folder, "sft"),
            Model = checkpoint,
            Training = new TrainingSection { Steps = GradientSteps, BatchSize = 32, MaxTokens = Context },
            Optimizer = new OptimizerSection { LearningRate = 5e-4, Schedule = new LinearSchedule() },
            Evaluation = warmUp.Evaluation with { EverySteps = GradientSteps / 4 },
        };
        var reft = warmUp with
        {
            Method = "reft",
            Run = Path.Combine(folder, "reft"),
            Model = checkpoint with { ZeroValueHead = true },
            // Few bits a sample: large batches, or noise moves the weights more than the rewards do.
            Training = new TrainingSection { Steps = ReftSteps, BatchSize = 256, MaxTokens = Context },
            Optimizer = new OptimizerSection { LearningRate = 3e-4, Schedule = new LinearSchedule(), WarmupShare = 0.05 },
            Rollouts = new RolloutSection { MaxTokens = MaxTokens, Slots = 128 },
            MethodOptions = new PpoOptions
            {
                Epochs = PpoEpochs,
                Lambda = 1,
                ValueCoefficient = 0.1,
                Kl = new KlOptions { Coefficient = 0.01 },
            },
            Evaluation = warmUp.Evaluation with { EverySteps = ReftSteps / 4 },
        };
        return new QuickstartConfigs(warmUp, sft, reft);
    }

    private static ProblemSet Generated(GeneratedSplit split, int count, ulong seed, int? solutions = null) => new()
    {
        Generated = new GeneratedSet
        {
            Profile = GeneratorProfile.Easy,
            Split = split,
            Count = count,
            Solutions = solutions,
            Seed = seed,
            MaxSteps = 2,
            PlainPrograms = true,
        },
    };
}
