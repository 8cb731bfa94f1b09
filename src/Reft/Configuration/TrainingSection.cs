using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Samplers;
using Reft.Training;
using Reft.Training.Schedules;

namespace Reft.Configuration;

/// <summary>How long and in which portions it is trained. Exactly one of epochs and steps is given.</summary>
public sealed record TrainingSection
{
    /// <summary>Passes over the training problems that the learning rate is scheduled for.</summary>
    public int? Epochs { get; init; }

    /// <summary>Steps that the learning rate is scheduled for.</summary>
    public long? Steps { get; init; }

    /// <summary>Ends after this many epochs of the schedule, as the paper's warm-up does; absent for all.</summary>
    public int? StopAfterEpochs { get; init; }

    /// <summary>Ends after this many steps of the schedule; absent for all.</summary>
    public long? StopAfterSteps { get; init; }

    /// <summary>Sequences (sft, pretrain) or problems (reft) of a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>
    /// The most tokens of a training sequence. Longer solutions, and prompts that leave no room for a completion of
    /// <see cref="RolloutSection.MaxTokens"/>, are left out and counted. Absent for 1024 where solutions are learned, and for what the model's
    /// context holds where the policy writes.
    /// </summary>
    public int? MaxTokens { get; init; }

    /// <summary>Tokens of a micro-batch: bounds memory and changes nothing else but last digits.</summary>
    public int MicroBatchTokens { get; init; } = 4096;

    /// <summary>
    /// How many micro-batches are computed side by side, each on a core of its own; changes nothing but speed and memory. Absent for as many
    /// as there are threads, if a quarter of the machine's memory holds their activations.
    /// </summary>
    public int? MicroBatchesAtOnce { get; init; }

    /// <summary>
    /// Leaves of the binary tree in which the gradients of an optimizer step's micro-batches are added, a power of two; 0 adds one after the other. A
    /// rank then sends its sum, once, instead of each of its micro-batches; as many ranks as leaves have work. Changes last digits, the same on any number of ranks.
    /// </summary>
    public int GradientLeaves { get; init; }

    /// <summary>The most tokens of a question with a solution to learn.</summary>
    internal int MostLearned => MaxTokens ?? 1024;

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => new RangeErrors(path)
        .AtLeast("epochs", Epochs, 1)
        .AtLeast("steps", Steps, 1)
        .AtLeast("stopAfterEpochs", StopAfterEpochs, 1)
        .AtLeast("stopAfterSteps", StopAfterSteps, 1)
        .AtLeast("batchSize", BatchSize, 1)
        .AtLeast("maxTokens", MaxTokens, 2)
        .AtLeast("microBatchTokens", MicroBatchTokens, 1)
        .AtLeast("microBatchesAtOnce", MicroBatchesAtOnce, 1)
        .Check(GradientLeaves == 0 || (GradientLeaves > 0 && int.IsPow2(GradientLeaves)), "gradientLeaves", GradientLeaves, "0 or a power of two")
        .All;
}

/// <summary>The optimizer and its learning rate.</summary>
public sealed record OptimizerSection
{
    /// <summary>The highest learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Its shape.</summary>
    public required ISchedule Schedule { get; init; }

    /// <summary>The share of the schedule's optimizer steps in which it rises from 0, in [0, 1).</summary>
    public double WarmupShare { get; init; }

    /// <summary>AdamW's coefficients and the clip of gradients.</summary>
    public AdamWOptions Adam { get; init; } = new();

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => new RangeErrors(path)
        .Check(LearningRate > 0, "learningRate", LearningRate, "above 0")
        .Check(WarmupShare is >= 0 and < 1, "warmupShare", WarmupShare, "at least 0 and below 1")
        .All;
}

/// <summary>How the policy is rolled out: by ancestral sampling, and as it is scored.</summary>
public sealed record RolloutSection
{
    /// <summary>Samples of each problem.</summary>
    public int SamplesPerProblem { get; init; } = 1;

    /// <summary>The most tokens of a completion, its stop token included.</summary>
    public int MaxTokens { get; init; } = 400;

    /// <summary>Divides the logits in rollouts, and wherever PPO evaluates them: the policy that it trains is the tempered one.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// Only tokens at least this times as likely as the likeliest are drawn; 0 for all. What is trained is the distribution before this filter, which
    /// a policy gradient then follows with a bias, the smaller the less is left out.
    /// </summary>
    public double MinP { get; init; }

    /// <summary>Sequences that are decoded at once; changes nothing but speed and memory.</summary>
    public int Slots { get; init; } = 64;

    /// <summary>The server that draws them; absent for the policy itself.</summary>
    public SamplingServer? Server { get; init; }

    /// <summary>Which problems a step takes, and where their rollouts start.</summary>
    public ICurriculumOptions Curriculum { get; init; } = new PlainCurriculumOptions();

    /// <summary>Other processes that draw rollouts too; absent for none.</summary>
    public WorkersSection? Workers { get; init; }

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => new RangeErrors(path)
        .AtLeast("samplesPerProblem", SamplesPerProblem, 1)
        .AtLeast("maxTokens", MaxTokens, 1)
        .AtLeast("slots", Slots, 1)
        .Check(Temperature >= 1e-4, "temperature", Temperature, "at least 0.0001")
        .Check(MinP is >= 0 and < 1, "minP", MinP, "at least 0 and below 1")
        .All;
}
