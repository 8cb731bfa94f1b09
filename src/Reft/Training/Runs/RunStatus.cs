using System.Text.Json;

namespace Reft.Training.Runs;

/// <summary>How a run stands, for whoever looks into its folder.</summary>
/// <param name="State">running, finished, stopped or failed.</param>
/// <param name="Step">Steps done.</param>
/// <param name="Of">Steps of the whole run.</param>
/// <param name="Reason">Why it stopped or failed; empty otherwise.</param>
/// <param name="At">When this was written.</param>
internal sealed record RunStatus(string State, long Step, long Of, string Reason, DateTimeOffset At)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
    };

    /// <summary>Writes it.</summary>
    public void Write(RunFolder folder) =>
        AtomicFile.WriteAllText(folder.Status, JsonSerializer.Serialize(this, Options) + "\n");

    /// <summary>Reads it; null if there is none.</summary>
    public static RunStatus? Read(RunFolder folder)
    {
        try
        {
            return File.Exists(folder.Status)
                ? JsonSerializer.Deserialize<RunStatus>(File.ReadAllText(folder.Status), Options)
                : null;
        }
        catch (JsonException error)
        {
            throw new InputException($"{folder.Status}: not a run's status ({OneLine.Of(error.Message)})", error);
        }
    }
}
