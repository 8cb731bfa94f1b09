using System.Collections.ObjectModel;
using static TorchSharp.torch;

namespace Reft.Training.Runs;

/// <summary>What an evaluation on dev found, and how it is written.</summary>
/// <param name="Accuracy">Greedy accuracy in [0, 1].</param>
/// <param name="Summary">In words.</param>
/// <param name="Write">Writes its file.</param>
public sealed record DevEvaluation(double Accuracy, string Summary, Action<string> Write);

/// <summary>What a run does and when.</summary>
internal sealed record TrainingPlan
{
    /// <summary>Steps after which the run ends.</summary>
    public required long Steps { get; init; }

    /// <summary>What an option that advice names is called in the run's config; null for nothing.</summary>
    internal Func<string, string?>? Knob { get; init; }

    /// <summary>Steps of an epoch.</summary>
    public required long StepsPerEpoch { get; init; }

    /// <summary>Steps between evaluations; null for none.</summary>
    public long? EvaluateEvery { get; init; }

    /// <summary>Evaluates on dev; null where there is none.</summary>
    public Func<long, CancellationToken, DevEvaluation>? Evaluate { get; init; }

    /// <summary>Steps between checkpoints besides those at evaluations; null for none.</summary>
    public long? CheckpointEvery { get; init; }

    /// <summary>How many of the newest checkpoints stay.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>Epochs whose weights stay for good.</summary>
    public IReadOnlyList<int> KeepEpochs { get; init; } = [];

    /// <summary>Writes the model's folder, with the step and figures for its card.</summary>
    public required Action<string, long, BestSoFar?> SaveModel { get; init; }

    /// <summary>The hash of what the run starts from.</summary>
    public required string Origin { get; init; }

    /// <summary>The method's own tensors, by name; part of every checkpoint.</summary>
    public IReadOnlyDictionary<string, Tensor> Kept { get; init; } = ReadOnlyDictionary<string, Tensor>.Empty;

    /// <summary>Limits of the invariants.</summary>
    public InvariantOptions Invariants { get; init; } = new();
}

/// <summary>How a run ended.</summary>
public enum RunEnd
{
    /// <summary>All its steps are done.</summary>
    Finished,

    /// <summary>It was asked to stop, and can go on.</summary>
    Stopped,
}

/// <summary>What became of a run.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Best">The best evaluation; null for none.</param>
public sealed record RunOutcome(RunEnd End, long Step, BestSoFar? Best);
