using Reft.Algorithms;
using Reft.Training;
using Reft.Verification;

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

    /// <summary>What verdicts are worth; used by methods that roll out.</summary>
    public RewardRule Reward { get; init; } = new();

    /// <summary>PPO; used by <c>reft</c>.</summary>
    public PpoOptions Ppo { get; init; } = new();

    /// <summary>Online self-training; used by <c>online-self-training</c>.</summary>
    public SelfTrainingOptions SelfTraining { get; init; } = new();

    /// <summary>An outcome reward model; used by <c>outcome-reward</c>.</summary>
    public RewardModelSection RewardModel { get; init; } = new();

    /// <summary>Cross-entropy; used by <c>sft</c> and <c>pretrain</c>.</summary>
    public CrossEntropyOptions CrossEntropy { get; init; } = new();

    /// <summary>When and how the model is evaluated on dev.</summary>
    public EvaluationSection Evaluation { get; init; } = new();

    /// <summary>When checkpoints are written and which are kept.</summary>
    public CheckpointSection Checkpoints { get; init; } = new();

    /// <summary>The limits of the live invariants.</summary>
    public InvariantOptions Invariants { get; init; } = new();
}
