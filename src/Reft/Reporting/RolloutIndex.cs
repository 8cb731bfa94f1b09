using System.Text.Json;

namespace Reft.Reporting;

/// <summary>Where every rollout stands in its file: what is looked up before a few of them are read.</summary>
internal sealed class RolloutIndex
{
    private readonly SortedDictionary<long, List<RolloutPlace>> _steps = [];

    private RolloutIndex(JsonLines lines)
    {
        Lines = lines;
    }

    /// <summary>The file.</summary>
    public JsonLines Lines { get; }

    /// <summary>The steps that have rollouts, ascending, each with its rollouts in the file's order.</summary>
    public IReadOnlyDictionary<long, List<RolloutPlace>> Steps => _steps;

    /// <summary>How many rollouts there are.</summary>
    public long Count { get; private set; }

    /// <summary>Reads a file of rollouts.</summary>
    public static RolloutIndex Read(string path)
    {
        var lines = new JsonLines(path);
        var index = new RolloutIndex(lines);
        foreach (var line in lines.Read())
        {
            if (!line.HasEnd || !TryFindNames(line.Bytes.Span, out var step, out var problem))
            {
                lines.Reject(line);
                continue;
            }

            if (!index._steps.TryGetValue(step, out var places))
            {
                index._steps[step] = places = [];
            }

            // Most problems come many times.
            places.Add(new RolloutPlace(line.Offset, line.Bytes.Length, line.Number, string.Intern(problem)));
            index.Count++;
        }

        return index;
    }

    /// <summary>Step and problem stand first in a line, so the long rest of it need not be looked at.</summary>
    private static bool TryFindNames(ReadOnlySpan<byte> line, out long step, out string problem)
    {
        (step, problem) = (0, "");
        var (hasStep, hasProblem) = (false, false);
        var reader = new Utf8JsonReader(line);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return false;
            }

            while (!(hasStep && hasProblem) && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isStep = reader.ValueTextEquals("step"u8);
                var isProblem = reader.ValueTextEquals("problem"u8);
                reader.Skip();
                hasStep |= isStep && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out step);
                if (isProblem && reader.TokenType == JsonTokenType.String)
                {
                    problem = reader.GetString()!; // It is a string.
                    hasProblem = true;
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // Damaged; the caller counts it.
            return false;
        }

        return hasStep && hasProblem;
    }
}

/// <summary>Where a rollout stands.</summary>
internal readonly record struct RolloutPlace(long Offset, int Length, int Number, string Problem);
