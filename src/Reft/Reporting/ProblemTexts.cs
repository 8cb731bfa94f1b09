namespace Reft.Reporting;

/// <summary>Questions, answers and solutions of the problems that a page names.</summary>
internal static class ProblemTexts
{
    /// <summary>Reads those that are wanted, while there is room, the ones that are wanted first.</summary>
    public static IReadOnlyDictionary<string, ShownProblem> Read(
        string path, IEnumerable<string> wanted, ReportLimits limits, List<string> notes)
    {
        var ids = wanted.Distinct().ToArray();
        var found = new Dictionary<string, ShownProblem>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            if (ids.Length > 0)
            {
                notes.Add($"{Path.GetFileName(path)}: absent, so questions and gold answers are missing here");
            }

            return found;
        }

        var missing = ids.ToHashSet(StringComparer.Ordinal);
        var lines = new JsonLines(path);
        lines.ForEach((element, line) =>
        {
            if (element.Text("id") is not { } id)
            {
                lines.Reject(line);
            }
            else if (missing.Remove(id))
            {
                found[id] = new ShownProblem(element.Text("set"), Cut("question"), Cut("answer"), Cut("solution"));
            }

            string? Cut(string name) => element.Text(name) is { } text ? limits.Cut(text) : null;
        });
        if (lines.Note is { } note)
        {
            notes.Add(note);
        }

        return WithinRoom(ids, found, limits, notes);
    }

    private static Dictionary<string, ShownProblem> WithinRoom(
        string[] ids, Dictionary<string, ShownProblem> found, ReportLimits limits, List<string> notes)
    {
        var kept = new Dictionary<string, ShownProblem>(StringComparer.Ordinal);
        var room = limits.ProblemBytes;
        foreach (var id in ids)
        {
            if (!found.TryGetValue(id, out var problem))
            {
                continue;
            }

            room -= PageJson.Length(problem) + PageJson.Length(id);
            if (room < 0)
            {
                notes.Add($"the texts of {found.Count - kept.Count} of the {found.Count} problems shown here are "
                    + "left out for the page's size; problems.jsonl has them");
                break;
            }

            kept[id] = problem;
        }

        return kept;
    }
}
