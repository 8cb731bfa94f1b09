using System.Text.Json;

namespace Reft.Reporting;

/// <summary>
/// Reads a run's folder, also of a run in progress. Files are streamed; what is missing or damaged becomes a note, and
/// only a folder that is no run is an error.
/// </summary>
internal static class RunReader
{
    private static readonly string[] Signs = ["run.json", "config.yaml", "metrics.jsonl"];

    /// <summary>Reads a run.</summary>
    /// <exception cref="InputException">It is no run, or a file may not be read.</exception>
    public static RunRecord Read(string folder, ReportLimits limits)
    {
        Require(folder);
        var notes = new List<string>();
        var evaluations = EvaluationFiles.Read(PathOf("evaluations"), notes);
        var flips = Flips.Find(evaluations.Outcomes);
        flips.ReadCompletions(evaluations, limits);
        var (rollouts, shown, prompt) = ReadRollouts(folder, flips.Problems, limits, notes);
        var dev = DevCompletions.Read(evaluations, limits, out var devShown);
        IReadOnlyList<ShownRollout> completions = [.. rollouts, .. dev];
        var wanted = flips.Shown.Select(flip => flip.Problem)
            .Concat(completions.Reverse().Select(completion => completion.Problem));
        return new RunRecord
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            Info = ReadFlat(PathOf("run.json"), notes),
            Status = ReadFlat(PathOf("status.json"), notes),
            Best = File.Exists(PathOf("best.json")) ? ReadFlat(PathOf("best.json"), notes) : [],
            Config = ConfigText.Read(PathOf("config.yaml"), notes),
            Metrics = Curves.Read(PathOf("metrics.jsonl"), limits, notes),
            Timings = Curves.Read(PathOf("timings.jsonl"), limits with { CurveNames = limits.TimingNames }, notes),
            Clock = ReadClock(PathOf("timings.jsonl")),
            Evaluations = evaluations.Results,
            DevSteps = [.. evaluations.Dev.Select(evaluation => evaluation.Step)],
            Outcomes = evaluations.Outcomes,
            Flips = flips,
            Alarms = AlarmKind.Read(PathOf("alarms.jsonl"), notes),
            Completions = completions,
            Shown = $"{shown} {devShown}".TrimEnd(),
            Prompt = prompt,
            Problems = ProblemTexts.Read(PathOf("problems.jsonl"), wanted, limits, notes),
            TestLooks = File.Exists(PathOf("test-looks.jsonl"))
                ? new JsonLines(PathOf("test-looks.jsonl")).Read().Count(line => line.HasEnd)
                : 0,
            Notes = notes,
        };

        string PathOf(string name) => Path.Combine(folder, name);
    }

    private static void Require(string folder)
    {
        var name = OneLine.Of(folder);
        if (File.Exists(folder))
        {
            throw new InputException($"{name}: is a file where a run's folder is needed; name the folder");
        }

        if (!Directory.Exists(folder))
        {
            throw new InputException($"{name}: no such folder; name the folder that a training run wrote");
        }

        if (!Signs.Any(sign => File.Exists(Path.Combine(folder, sign))))
        {
            throw new InputException(
                $"{name}: is not a run's folder, it has none of {string.Join(", ", Signs)}; "
                + "name the folder that a training run wrote");
        }
    }

    private static (IReadOnlyList<ShownRollout> Rollouts, string Shown, string? Prompt) ReadRollouts(
        string folder, IReadOnlySet<string> flipped, ReportLimits limits, List<string> notes)
    {
        var path = Path.Combine(folder, "rollouts.jsonl");
        if (!File.Exists(path))
        {
            // Methods without a policy rollout have none: nothing is missing.
            return ([], "This run has no rollouts.", null);
        }

        var index = RolloutIndex.Read(path);
        var pieces = index.Count > 0 ? TokenPieces.Find(folder, notes) : null;
        if (pieces is null)
        {
            return ([], "This run has no rollouts yet.", null);
        }

        var picker = new RolloutPicker(index, pieces, limits);
        picker.Pick(flipped);
        if (index.Lines.Note is { } note)
        {
            notes.Add(note);
        }

        return (picker.Rollouts, picker.Describe(), picker.Prompt);
    }

    private static Dictionary<string, string> ReadFlat(string path, List<string> notes)
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

    private static (string? First, string? Last) ReadClock(string path)
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
