using System.Text.Json;

namespace Reft.Reporting;

/// <summary>Every alarm of one invariant.</summary>
internal sealed record AlarmKind
{
    private const int Steps = 50;
    private const int Words = 1_000;

    /// <summary>The invariant.</summary>
    public required string Id { get; init; }

    /// <summary>How often it fired.</summary>
    public int Count { get; private set; }

    /// <summary>The first step and the last.</summary>
    public long First { get; private set; } = long.MaxValue;

    /// <summary>The last step.</summary>
    public long Last { get; private set; }

    /// <summary>The first steps at which it fired.</summary>
    public List<long> At { get; } = [];

    /// <summary>What was measured the last time.</summary>
    public double? Figure { get; private set; }

    /// <summary>What it may be.</summary>
    public double? Limit { get; private set; }

    /// <summary>Whether it stopped the run.</summary>
    public bool Stops { get; private set; }

    /// <summary>What that means.</summary>
    public string? Meaning { get; private set; }

    /// <summary>What to do.</summary>
    public string? Remedy { get; private set; }

    /// <summary>Reads alarms.jsonl; a run without it had none.</summary>
    public static IReadOnlyList<AlarmKind> Read(string path, List<string> notes)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        var kinds = new Dictionary<string, AlarmKind>(StringComparer.Ordinal);
        var lines = new JsonLines(path);
        lines.ForEach((element, line) =>
        {
            if (element.Text("id") is not { } id)
            {
                lines.Reject(line);
                return;
            }

            if (!kinds.TryGetValue(id, out var kind))
            {
                kinds[id] = kind = new AlarmKind { Id = id };
            }

            kind.Add(element);
        });
        if (lines.Note is { } note)
        {
            notes.Add(note);
        }

        return [.. kinds.Values.OrderByDescending(kind => kind.Stops).ThenBy(kind => kind.First)];
    }

    private void Add(JsonElement alarm)
    {
        var step = alarm.Integer("step") ?? 0;
        Count++;
        (First, Last) = (Math.Min(First, step), Math.Max(Last, step));
        Figure = alarm.Number("figure");
        Limit = alarm.Number("limit");
        Stops |= alarm.Flag("stops");
        Meaning = alarm.Text("meaning") is { } meaning ? ReportLimits.Cut(meaning, Words) : null;
        Remedy = alarm.Text("remedy") is { } remedy ? ReportLimits.Cut(remedy, Words) : null;
        if (At.Count < Steps)
        {
            At.Add(step);
        }
    }
}
