using System.Text.Json;

namespace Reft.Reporting;

/// <summary>The evaluations of a run: one file at a time is in memory, and of its items only their outcomes stay.</summary>
internal sealed class EvaluationFiles
{
    /// <summary>Outcomes as letters; anything else is a question mark.</summary>
    private static readonly Dictionary<string, char> Letters = new(StringComparer.Ordinal)
    {
        ["correct"] = 'c',
        ["incorrect"] = 'i',
        ["noAnswer"] = 'n',
        ["timeout"] = 't',
        ["error"] = 'e',
    };

    private readonly List<(EvaluationResult Result, string Path)> _files = [];

    /// <summary>Every evaluation, by set and step.</summary>
    public IReadOnlyList<EvaluationResult> Results => [.. _files.Select(file => file.Result)];

    /// <summary>The evaluations on dev that have greedy completions, by step.</summary>
    public IReadOnlyList<EvaluationResult> Dev => [.. DevFiles.Select(file => file.Result)];

    /// <summary>
    /// The outcomes of every dev problem's greedy completion, a letter for each of <see cref="Dev"/>; '-' where it was not
    /// evaluated.
    /// </summary>
    public Dictionary<string, char[]> Outcomes { get; } = new(StringComparer.Ordinal);

    private IEnumerable<(EvaluationResult Result, string Path)> DevFiles =>
        _files.Where(file => file.Result is { Set: "dev", Greedy: not null });

    /// <summary>Reads the folder; files that are damaged are left out with a note.</summary>
    public static EvaluationFiles Read(string folder, List<string> notes)
    {
        var files = new EvaluationFiles();
        if (!Directory.Exists(folder))
        {
            return files;
        }

        foreach (var path in Directory.GetFiles(folder, "*.json").Where(path => !Path.GetFileName(path).StartsWith('.')))
        {
            ReadFile(path, notes, root => files._files.Add((Describe(root, path), path)));
        }

        files._files.Sort((a, b) => (a.Result.Set, a.Result.Step).CompareTo((b.Result.Set, b.Result.Step)));
        files.ReadOutcomes();
        return files;
    }

    /// <summary>Reads the greedy items of one of <see cref="Dev"/>; the elements are valid during the call only.</summary>
    public void ReadItems(int evaluation, Action<JsonElement> read)
    {
        ReadFile(DevFiles.ElementAt(evaluation).Path, [], root =>
        {
            foreach (var item in (root.Find("greedy") ?? default).Items("items"))
            {
                read(item);
            }
        });
    }

    private static void ReadFile(string path, List<string> notes, Action<JsonElement> read)
    {
        try
        {
            using var stream = InputFile.OpenRead(path);
            using var document = InputFile.Guarded(path, () => JsonDocument.Parse(stream));
            read(document.RootElement);
        }
        catch (JsonException)
        {
            notes.Add($"evaluations/{Path.GetFileName(path)}: is cut off or damaged and left out");
        }
    }

    /// <summary>The file's name says step and set where the file does not: step-000120.dev.json.</summary>
    private static EvaluationResult Describe(JsonElement root, string path)
    {
        var name = Path.GetFileNameWithoutExtension(path).Split('.', 2);
        var step = root.Integer("step")
            ?? (long.TryParse(name[0].AsSpan(name[0].LastIndexOf('-') + 1), out var parsed) ? parsed : 0);
        return new EvaluationResult(
            step, root.Text("set") ?? (name.Length > 1 ? name[1] : "dev"), root.Text("model"), root.Text("style"),
            root.Text("policy"), EvaluationScore.Read(root, "greedy"), EvaluationScore.Read(root, "sampled"));
    }

    private void ReadOutcomes()
    {
        var count = DevFiles.Count();
        for (var i = 0; i < count; i++)
        {
            var evaluation = i;
            ReadItems(i, item =>
            {
                if (item.Text("problem") is { } problem)
                {
                    if (!Outcomes.TryGetValue(problem, out var row))
                    {
                        Outcomes[problem] = row = new char[count];
                        Array.Fill(row, '-');
                    }

                    row[evaluation] = Letters.GetValueOrDefault(item.Text("outcome") ?? "", '?');
                }
            });
        }
    }
}
