using System.Globalization;
using System.Text.Json;
using Reft.Configuration.Binding;
using Reft.Hosting.Plots;
using Reft.Reporting.Data;

namespace Reft.Hosting.Verbs;

/// <summary>The data of runs and comparisons as files that other programs read.</summary>
internal sealed class DataExport
{
    /// <summary>The forms of files: as they are called on the command line, and how their names end.</summary>
    public static IReadOnlyDictionary<string, string> Forms { get; } = new Dictionary<string, string>
    {
        ["parquet"] = ".parquet",
        ["csv"] = ".csv",
        ["markdown"] = ".md",
        ["latex"] = ".tex",
        ["svg"] = ".svg",
    };

    /// <summary>The tables, by name.</summary>
    public static IReadOnlyList<string> Tables { get; } =
        ["runs", "metrics", "timings", "rollouts", "evaluations", "completions", "problems", "alarms", "results"];

    private readonly IReadOnlyList<string> _forms;
    private readonly string _folder;
    private readonly List<string> _notes = [];
    private readonly List<Written> _written = [];

    private DataExport(IReadOnlyList<string> forms, string folder) => (_forms, _folder) = (forms, folder);

    /// <summary>Whether a path is a run or has some below, or is a comparison with figures.</summary>
    public static bool HasData(string path) => Directory.Exists(path) && (DataRuns.In(path).Count > 0 || File.Exists(Path.Combine(path, "results.json")));

    /// <summary>Writes the files and says which.</summary>
    /// <param name="paths">Runs, folders of runs, comparisons.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="forms">Which of <see cref="Forms"/>.</param>
    /// <param name="tables">Which of <see cref="Tables"/>; empty for all.</param>
    /// <param name="figures">The figures to draw, of metrics or timings; empty for all of metrics.</param>
    /// <param name="json">Whether to say it as JSON.</param>
    /// <param name="terminal">Told.</param>
    public static void Write(
        IReadOnlyList<string> paths, string folder, IReadOnlyList<string> forms, IReadOnlyList<string> tables, IReadOnlyList<string> figures, bool json,
        Terminal terminal)
    {
        var export = new DataExport(forms, folder);
        export.Write(paths, tables.Count == 0 ? Tables : tables, figures);
        foreach (var note in export._notes.Distinct())
        {
            terminal.Error.WriteLine($"note: {OneLine.Of(note)}");
        }

        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(export._written, _json));
            return;
        }

        foreach (var file in export._written)
        {
            terminal.Out.WriteLine(file.Rows is { } rows ? string.Create(CultureInfo.InvariantCulture, $"{file.File}: {rows:N0} rows") : file.File);
        }
    }

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
    };

    private void Write(IReadOnlyList<string> paths, IReadOnlyList<string> tables, IReadOnlyList<string> figures)
    {
        ComparisonTables[] comparisons = [.. paths.Select(ComparisonTables.Read).OfType<ComparisonTables>()];
        if (comparisons.Length > 1)
        {
            throw new InputException("several comparisons at once: their arms have nothing in common; export one after the other, into folders of their own");
        }

        var runs = comparisons.Length == 1 && paths.All(path => DataRuns.In(path).Count == 0) ? [] : DataRuns.Find([.. paths.Where(path => ComparisonTables.Read(path) is null || DataRuns.In(path).Count > 0)]);
        var (lines, facts) = (new LineTables(runs, _notes), new RunTables(runs, _notes));
        if (runs.Count > 0)
        {
            Typed(tables, "runs", facts.Runs);
            Typed(tables, "metrics", lines.Metrics);
            Typed(tables, "timings", lines.Timings);
            Typed(tables, "rollouts", lines.Rollouts);
            Typed(tables, "evaluations", facts.Evaluations);
            Typed(tables, "completions", facts.Completions);
            Typed(tables, "problems", lines.Problems);
            Typed(tables, "alarms", lines.Alarms);
            Shown(tables, "runs", facts.Shown);
            Curves([.. runs.Select(run => (run.Name, facts.Read(run)))], figures);
        }

        if (comparisons is [{ } comparison])
        {
            Typed(tables, "results", comparison.Results);
            Shown(tables, "results", comparison.Shown);
        }
    }

    private void Typed(IReadOnlyList<string> tables, string name, Func<DataTable> make)
    {
        foreach (var form in tables.Contains(name) ? _forms : [])
        {
            if (form is "parquet" or "csv")
            {
                var rows = 0L;
                Func<DataTable, Stream, long> write = form == "csv" ? CsvTable.Write : ParquetTable.Write;
                Save(name + Forms[form], path => AtomicFile.Write(path, stream => rows = write(make(), stream)), () => rows);
            }
        }
    }

    private void Shown(IReadOnlyList<string> tables, string name, Func<TextTable> make)
    {
        foreach (var form in tables.Contains(name) ? _forms : [])
        {
            if (form is "markdown" or "latex")
            {
                var table = make();
                Save(name + Forms[form], path => AtomicFile.WriteAllText(path, form == "latex" ? table.Latex() : table.Markdown()), () => table.Rows.Count);
            }
        }
    }

    private void Curves(IReadOnlyList<(string Name, Reporting.RunRecord Run)> runs, IReadOnlyList<string> figures)
    {
        if (!_forms.Contains("svg"))
        {
            return;
        }

        string[] known = [.. runs.SelectMany(run => run.Run.Metrics.Figures.Keys).Distinct().Order(StringComparer.Ordinal)];
        string[] all = [.. known, .. runs.SelectMany(run => run.Run.Timings.Figures.Keys).Distinct()];
        if (figures.FirstOrDefault(figure => !all.Contains(figure)) is { } unknown)
        {
            throw new InputException($"--figure {OneLine.Of(unknown)}: no run has it{NearName.Ask(unknown, all)}");
        }

        if (figures.Count == 0 && RunFigures.Dev(runs) is { } dev)
        {
            Save("curves/dev-accuracy.svg", path => AtomicFile.WriteAllText(path, dev), () => null);
        }

        foreach (var figure in figures.Count == 0 ? known : figures)
        {
            if (RunFigures.Of(figure, runs) is { } drawing)
            {
                Save($"curves/{figure.Replace('/', '-')}.svg", path => AtomicFile.WriteAllText(path, drawing), () => null);
            }
        }
    }

    private void Save(string name, Action<string> write, Func<long?> rows)
    {
        var path = Path.Combine(_folder, name);
        write(path);
        _written.Add(new Written(path, rows()));
    }

    /// <summary>A file that was written.</summary>
    private sealed record Written(string File, long? Rows);
}
