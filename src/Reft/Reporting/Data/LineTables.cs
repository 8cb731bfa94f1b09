using System.Globalization;
using System.Text.Json;
using Reft.Training.Runs;

namespace Reft.Reporting.Data;

/// <summary>Tables of files of JSON lines, a row a line. Lines that cannot be read are left out, and a note says so, as in the report.</summary>
/// <param name="runs">The runs.</param>
/// <param name="notes">What was left out.</param>
internal sealed class LineTables(IReadOnlyList<DataRun> runs, ICollection<string> notes)
{
    private static readonly DataColumn Run = new("run", DataKind.Text);

    private static readonly DataColumn[] RolloutColumns =
    [
        new("step", DataKind.Integer), new("sample", DataKind.Text), new("problem", DataKind.Text), new("policyStep", DataKind.Integer),
        new("promptLength", DataKind.Integer), new("finish", DataKind.Text), new("outcome", DataKind.Text), new("answer", DataKind.Text),
        new("detail", DataKind.Text), new("reward", DataKind.Number), new("turn", DataKind.Integer), new("weight", DataKind.Number),
        new("baseline", DataKind.Number), new("text", DataKind.Text), new("roles", DataKind.Text), new("ids", DataKind.Integers),
        new("logProbs", DataKind.Singles), new("referenceLogProbs", DataKind.Singles), new("values", DataKind.Singles),
        new("rewards", DataKind.Doubles), new("advantages", DataKind.Singles), new("returns", DataKind.Singles),
    ];

    private const string Parts = "rewardParts";

    /// <summary>The figures of every step: <c>metrics.jsonl</c>.</summary>
    public DataTable Metrics() => Figures("metrics", files => files.Metrics, [new("epoch", DataKind.Number), new("rollouts", DataKind.Text)]);

    /// <summary>Times, rates and memory of every step: <c>timings.jsonl</c>.</summary>
    public DataTable Timings() => Figures("timings", files => files.Timings, [new("at", DataKind.Moment)]);

    /// <summary>Every rollout with its tokens: <c>rollouts.jsonl</c>. What a reward of several paid is a column each.</summary>
    public DataTable Rollouts()
    {
        var parts = new SortedSet<string>(StringComparer.Ordinal);
        Each(files => files.Rollouts, needsEnd: true, line =>
        {
            if (line.Find(Parts) is { ValueKind: JsonValueKind.Object } some)
            {
                parts.UnionWith(some.EnumerateObject().Select(part => part.Name));
            }
        });
        DataColumn[] columns = [.. RolloutColumns, .. parts.Select(part => new DataColumn($"{Parts}.{part}", DataKind.Number))];
        return new("rollouts", [Run, .. columns], Rows(files => files.Rollouts, columns, needsEnd: true));
    }

    /// <summary>Every alarm: <c>alarms.jsonl</c>.</summary>
    public DataTable Alarms()
    {
        DataColumn[] columns =
        [
            new("step", DataKind.Integer), new("id", DataKind.Text), new("figure", DataKind.Number), new("limit", DataKind.Number),
            new("stops", DataKind.Flag), new("meaning", DataKind.Text), new("remedy", DataKind.Text),
        ];
        return new("alarms", [Run, .. columns], Rows(files => files.Alarms, columns, needsEnd: false));
    }

    /// <summary>Every problem of the runs: <c>problems.jsonl</c>.</summary>
    public DataTable Problems()
    {
        DataColumn[] columns =
        [
            new("id", DataKind.Text), new("set", DataKind.Text), new("question", DataKind.Text), new("answer", DataKind.Text),
            new("solution", DataKind.Text), new("group", DataKind.Text),
        ];
        return new("problems", [Run, .. columns], Rows(files => files.Problems, columns, needsEnd: false));
    }

    /// <summary>A table of figures: what is a number in any line is a column.</summary>
    private DataTable Figures(string name, Func<RunFolder, string> file, DataColumn[] known)
    {
        DataColumn[] first = [new("step", DataKind.Integer), .. known];
        var names = new SortedSet<string>(StringComparer.Ordinal);
        Each(file, needsEnd: false, line => names.UnionWith(line.EnumerateObject()
            .Where(property => property.Value.ValueKind is JsonValueKind.Number or JsonValueKind.Null).Select(property => property.Name)));
        names.ExceptWith(first.Select(column => column.Name));
        DataColumn[] columns = [.. first, .. names.Select(figure => new DataColumn(figure, DataKind.Number))];
        return new(name, [Run, .. columns], Ascending(Rows(file, columns, needsEnd: false), name));
    }

    /// <summary>Leaves out lines whose step is not behind the one before, as the report does.</summary>
    private IEnumerable<object?[]> Ascending(IEnumerable<object?[]> rows, string name)
    {
        var (run, last, left) = ((string?)null, (long?)null, 0);
        foreach (var row in rows)
        {
            if (run == (string?)row[0] && (row[1] is not long step || step <= last))
            {
                left++;
                continue;
            }

            (run, last) = ((string?)row[0], (long?)row[1]);
            yield return row;
        }

        if (left > 0)
        {
            notes.Add($"{name}.jsonl: {left} lines left out whose step is not behind the one before");
        }
    }

    private IEnumerable<object?[]> Rows(Func<RunFolder, string> file, DataColumn[] columns, bool needsEnd)
    {
        foreach (var run in runs.Where(run => File.Exists(file(run.Files))))
        {
            var lines = new JsonLines(file(run.Files));
            foreach (var line in lines.Read())
            {
                object?[]? row = null;
                if (needsEnd && !line.HasEnd)
                {
                    lines.Reject(line);
                    continue;
                }

                lines.Parse(line, element => row = [run.Name, .. columns.Select(column => Value(element, column))]);
                if (row is not null)
                {
                    yield return row;
                }
            }

            if (lines.Note is { } note && !notes.Contains($"{run.Name}: {note}"))
            {
                notes.Add($"{run.Name}: {note}");
            }
        }
    }

    private void Each(Func<RunFolder, string> file, bool needsEnd, Action<JsonElement> read)
    {
        foreach (var path in runs.Select(run => file(run.Files)).Where(File.Exists))
        {
            var lines = new JsonLines(path);
            foreach (var line in lines.Read().Where(line => line.HasEnd || !needsEnd))
            {
                lines.Parse(line, read);
            }
        }
    }

    private static object? Value(JsonElement line, DataColumn column) => column.Kind switch
    {
        DataKind.Integer => line.Integer(column.Name),
        DataKind.Text => line.Text(column.Name),
        DataKind.Flag => line.Find(column.Name) is { } flag ? flag.ValueKind == JsonValueKind.True : null,
        DataKind.Moment => DateTimeOffset.TryParse(line.Text(column.Name), CultureInfo.InvariantCulture, out var at) ? at.UtcDateTime : null,
        DataKind.Integers => line.Find(column.Name) is null ? null : line.Integers(column.Name),
        DataKind.Singles => line.Numbers(column.Name),
        DataKind.Doubles => line.Find(column.Name) is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number ? item.GetDouble() : double.NaN).ToArray()
            : null,
        _ => column.Name.StartsWith(Parts + ".", StringComparison.Ordinal)
            ? line.Find(Parts)?.Number(column.Name[(Parts.Length + 1)..])
            : line.Number(column.Name),
    };
}
