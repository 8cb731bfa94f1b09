using System.Text.Json;
using Reft.Training.Runs;

namespace Reft.Reporting;

/// <summary>
/// Reads a run's folder, also of a run in progress. Files are streamed; what is missing or damaged becomes a note, and
/// only a folder that is no run is an error.
/// </summary>
internal static class RunReader
{
    /// <summary>Reads a run.</summary>
    /// <exception cref="InputException">It is no run, or a file may not be read.</exception>
    public static RunRecord Read(string folder, ReportLimits limits)
    {
        var files = new RunFolder(folder);
        Require(files);
        var notes = new List<string>();
        var evaluations = EvaluationFiles.Read(files.Evaluations, notes);
        var flips = Flips.Find(evaluations.Outcomes);
        flips.ReadCompletions(evaluations, limits);
        var (rollouts, shown, prompt) = ReadRollouts(files, flips.Problems, limits, notes);
        var dev = DevCompletions.Read(evaluations, limits, out var devShown);
        IReadOnlyList<ShownRollout> completions = [.. rollouts, .. dev];
        var wanted = flips.Shown.Select(flip => flip.Problem)
            .Concat(completions.Reverse().Select(completion => completion.Problem));
        return new RunRecord
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            Info = ReadFlat(files.Facts, notes),
            Status = ReadFlat(files.Status, notes),
            Best = File.Exists(files.Best) ? ReadFlat(files.Best, notes) : [],
            Config = RecordedConfig.Read(files.Config, notes),
            Metrics = Curves.Read(files.Metrics, limits, notes),
            Timings = Curves.Read(files.Timings, limits with { CurveNames = limits.TimingNames }, notes),
            Clock = ReadClock(files.Timings),
            Evaluations = evaluations.Rows,
            Rerankings = evaluations.Rerankings,
            DevSteps = [.. evaluations.Dev.Select(evaluation => evaluation.Step)],
            Groups = evaluations.Groups,
            Outcomes = evaluations.Outcomes,
            Flips = flips,
            Alarms = AlarmKind.Read(files.Alarms, notes),
            Completions = completions,
            Shown = $"{shown} {devShown}".TrimEnd(),
            Prompt = prompt,
            Problems = ProblemTexts.Read(files.Problems, wanted, limits, notes),
            TestLooks = File.Exists(files.TestLooks)
                ? new JsonLines(files.TestLooks).Read().Count(line => line.HasEnd)
                : 0,
            Notes = notes,
        };
    }

    private static void Require(RunFolder run)
    {
        var name = OneLine.Of(run.Path);
        if (File.Exists(run.Path))
        {
            throw new InputException($"{name}: is a file where a run's folder is needed; name the folder");
        }

        if (!Directory.Exists(run.Path))
        {
            throw new InputException($"{name}: no such folder; name the folder that a training run wrote");
        }

        string[] signs = [run.Config, run.Facts, run.Metrics];
        if (!signs.Any(File.Exists))
        {
            throw new InputException(
                $"{name}: is not a run's folder, it has none of {string.Join(", ", signs.Select(Path.GetFileName))}; "
                + "name the folder that a training run wrote");
        }
    }

    private static (IReadOnlyList<ShownRollout> Rollouts, string Shown, string? Prompt) ReadRollouts(
        RunFolder run, IReadOnlySet<string> flipped, ReportLimits limits, List<string> notes)
    {
        // Methods that do not roll out have none: nothing is missing.
        var index = File.Exists(run.Rollouts) ? RolloutIndex.Read(run.Rollouts) : null;
        if (index is null or { Count: 0 })
        {
            notes.AddRange(new[] { index?.Lines.Note }.OfType<string>());
            return ([], "This run has no rollouts.", null);
        }

        var picker = new RolloutPicker(index, TokenPieces.Find(run, notes), limits);
        picker.Pick(flipped);
        if (index.Lines.Note is { } note)
        {
            notes.Add(note);
        }

        return (picker.Rollouts, picker.Describe(), picker.Prompt);
    }

    /// <summary>A file of one JSON object by dotted path; empty, with a note, where it is absent or damaged.</summary>
    internal static Dictionary<string, string> ReadFlat(string path, List<string> notes)
    {
        var name = Path.GetFileName(path);
        if (!File.Exists(path))
        {
            notes.Add($"{name}: absent");
            return [];
        }

        try
        {
            using var stream = InputFile.OpenRead(path);
            using var document = InputFile.Guarded(path, () => JsonDocument.Parse(stream));
            return document.RootElement.Flatten();
        }
        catch (JsonException)
        {
            notes.Add($"{name}: is cut off or damaged and left out");
            return [];
        }
    }

    /// <summary>When the first and the last step ended.</summary>
    internal static (string? First, string? Last) ReadClock(string path)
    {
        (string? First, string? Last) clock = default;
        if (File.Exists(path))
        {
            // Damaged lines are counted where the figures are read.
            new JsonLines(path).ForEach((element, _) =>
            {
                if (element.Text("at") is { } at)
                {
                    clock = (clock.First ?? at, at);
                }
            });
        }

        return clock;
    }
}
