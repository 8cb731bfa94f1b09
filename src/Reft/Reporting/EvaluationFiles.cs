using Reft.Evaluation;
using Reft.Evaluation.Reranking;
using Reft.Evaluation.Turns;
using Reft.Verification;

namespace Reft.Reporting;

/// <summary>The evaluations of a run: one file at a time is in memory; of its items only the outcomes stay.</summary>
internal sealed class EvaluationFiles
{
    private readonly List<(EvaluationRow Row, string Path)> _files = [];
    private readonly List<RerankRecord> _rerankings = [];

    /// <summary>Every evaluation of a reward model, by set and step.</summary>
    public IReadOnlyList<RerankRecord> Rerankings => _rerankings;

    /// <summary>Every evaluation, by set and step.</summary>
    public IReadOnlyList<EvaluationRow> Rows => [.. _files.Select(file => file.Row)];

    /// <summary>The evaluations on dev, by step.</summary>
    public IReadOnlyList<EvaluationRow> Dev => [.. DevFiles.Select(file => file.Row)];

    /// <summary>
    /// The outcomes of every dev problem's greedy completion, a letter for each of <see cref="Dev"/>; '-' where it was
    /// not evaluated.
    /// </summary>
    public Dictionary<string, char[]> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>What counts as one draw with each problem: its group, or itself.</summary>
    public Dictionary<string, string> Groups { get; } = new(StringComparer.Ordinal);

    private IEnumerable<(EvaluationRow Row, string Path)> DevFiles => _files.Where(file => file.Row.Set == "dev");

    /// <summary>Reads the folder; files that are damaged are left out with a note.</summary>
    public static EvaluationFiles Read(string folder, List<string> notes)
    {
        var files = new EvaluationFiles();
        if (!Directory.Exists(folder))
        {
            return files;
        }

        var outcomes = new Dictionary<string, Dictionary<string, char>>(StringComparer.Ordinal);
        foreach (var path in Directory.GetFiles(folder, "*.json").Where(file => !Path.GetFileName(file).StartsWith('.')))
        {
            try
            {
                if (path.EndsWith("." + RerankFile.Extension, StringComparison.Ordinal))
                {
                    files._rerankings.Add(RerankFile.Read(path));
                    continue;
                }

                if (path.EndsWith("." + TurnFile.Extension, StringComparison.Ordinal))
                {
                    continue; // Figures besides.
                }

                var result = EvaluationFile.Read(path);
                files._files.Add((EvaluationRow.Of(result), path));
                foreach (var item in result.Greedy.Items)
                {
                    files.Groups[item.Problem] = item.DrawnWith;
                }

                outcomes[path] = result.Greedy.Items.ToDictionary(item => item.Problem, item => Letter(item.Outcome));
            }
            catch (InputException error)
            {
                notes.Add($"left out: {error.Message}");
            }
        }

        files._rerankings.Sort((a, b) => (a.Set, a.Step).CompareTo((b.Set, b.Step)));
        files._files.Sort((a, b) => (a.Row.Set, a.Row.Step).CompareTo((b.Row.Set, b.Row.Step)));
        files.Arrange(outcomes);
        return files;
    }

    /// <summary>The greedy items of one of <see cref="Dev"/>, read again.</summary>
    public IReadOnlyList<EvaluationItem> ReadItems(int evaluation) =>
        EvaluationFile.Read(DevFiles.ElementAt(evaluation).Path).Greedy.Items;

    /// <summary>The evaluations in a folder with their items, by set and step, one at a time; those that are damaged are left out.</summary>
    public static IEnumerable<EvaluationResult> Results(string folder)
    {
        var files = Read(folder, []);
        return files._files.Select(file => EvaluationFile.Read(file.Path));
    }

    private static char Letter(Outcome outcome) => outcome switch
    {
        Outcome.Correct => 'c',
        Outcome.Incorrect => 'i',
        Outcome.NoAnswer => 'n',
        Outcome.Timeout => 't',
        _ => 'e',
    };

    private void Arrange(Dictionary<string, Dictionary<string, char>> outcomes)
    {
        var dev = DevFiles.ToArray();
        for (var i = 0; i < dev.Length; i++)
        {
            foreach (var (problem, outcome) in outcomes[dev[i].Path])
            {
                if (!Outcomes.TryGetValue(problem, out var row))
                {
                    Outcomes[problem] = row = new char[dev.Length];
                    Array.Fill(row, '-');
                }

                row[i] = outcome;
            }
        }
    }
}
