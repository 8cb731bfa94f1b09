using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reft.Training.Runs;

/// <summary>The best evaluation on dev so far.</summary>
/// <param name="Step">After how many steps.</param>
/// <param name="Accuracy">The greedy accuracy on dev, in [0, 1].</param>
public sealed record BestSoFar(long Step, double Accuracy);

/// <summary>Everything a checkpoint holds besides tensors.</summary>
internal sealed record CheckpointState
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The version of this format.</summary>
    public int Format { get; init; } = 1;

    /// <summary>Steps done.</summary>
    public required long Step { get; init; }

    /// <summary>After how many steps it was last evaluated; -1 for never.</summary>
    public required long EvaluatedStep { get; init; }

    /// <summary>Optimizer steps taken.</summary>
    public required long OptimizerSteps { get; init; }

    /// <summary>What the run started from: the hash of model, problems and settings; a resumed run must start from the same.</summary>
    public required string Origin { get; init; }

    /// <summary>The trainer's state.</summary>
    public required JsonObject Trainer { get; init; }

    /// <summary>The watch of invariants' state.</summary>
    public required JsonObject Watch { get; init; }

    /// <summary>The best evaluation so far; null for none.</summary>
    public required BestSoFar? Best { get; init; }

    /// <summary>Bytes of metrics.jsonl.</summary>
    public required long MetricsLength { get; init; }

    /// <summary>Bytes of rollouts.jsonl.</summary>
    public required long RolloutsLength { get; init; }

    /// <summary>Bytes of alarms.jsonl.</summary>
    public required long AlarmsLength { get; init; }

    /// <summary>The state as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Options) + "\n";

    /// <summary>Reads a state.</summary>
    /// <exception cref="InputException">The file is not one.</exception>
    public static CheckpointState Read(string path)
    {
        try
        {
            var state = JsonSerializer.Deserialize<CheckpointState>(File.ReadAllText(path), Options);
            return state is { Format: 1 }
                ? state
                : throw new InputException($"{path}: format {state?.Format}; this version of Reft reads format 1");
        }
        catch (Exception error) when (error is JsonException or IOException)
        {
            throw new InputException($"{path}: not a checkpoint's state ({OneLine.Of(error.Message)})", error);
        }
    }
}
