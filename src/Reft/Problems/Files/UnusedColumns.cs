using System.Globalization;

namespace Reft.Problems.Files;

/// <summary>
/// Finds what a file says beside the columns that its problems are made of, and that a question may need: its text in another column,
/// its options, an answer that is the number of an option.
/// </summary>
internal static class UnusedColumns
{
    private const int LeastWords = 3;
    private const int Shown = 60;

    /// <summary>Columns whose text belongs to the question whatever it looks like.</summary>
    private static readonly string[] _contexts =
    [
        "body", "context", "contexts", "passage", "story", "table", "options", "choices", "paragraph", "article", "background",
        "premise", "scenario", "document", "facts", "stem", "input", "mcq_options", "alternatives", "support", "evidence",
    ];

    /// <summary>Parts of the names of columns that hold answers and solutions, or say where a row comes from.</summary>
    private static readonly string[] _others =
    [
        "answer", "solution", "rationale", "explanation", "reason", "cot", "program", "code", "equation", "formula", "output",
        "response", "hint", "decomposition", "steps", "source", "url", "tag", "topic", "subject", "category", "type", "level",
        "split", "license", "author", "meta", "keyword", "skill", "grade", "lang", "dataset", "origin", "id", "label", "score",
        "name", "date", "version", "extra", "prediction", "completion", "unit", "correct", "target", "original", "group", "cluster",
    ];

    /// <summary>What a person should look at.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="problems">The problems that were made of them, in the same order.</param>
    /// <param name="used">The columns that these were made of.</param>
    /// <param name="columns">The columns that are not asked about, and the answers' own.</param>
    public static IReadOnlyList<ColumnNote> Find(
        IReadOnlyList<ProblemRow> rows, IReadOnlyList<Problem> problems, IReadOnlySet<string> used, ProblemColumns columns)
    {
        var ignored = (columns.Ignored ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var left = rows.SelectMany(row => row.Cells.Keys).Distinct(StringComparer.Ordinal)
            .Where(column => !used.Contains(column) && !ignored.Contains(column, StringComparer.Ordinal)).ToArray();
        var (options, texts) = (left.Where(OptionLists.IsOption).ToArray(), left.Where(column => !OptionLists.IsOption(column)));
        return [.. texts.Select(column => Note(rows, column)).OfType<ColumnNote>(), .. Options(rows, options), .. Indices(rows, problems, columns.Answer ?? "answer")];
    }

    private static ColumnNote? Note(IReadOnlyList<ProblemRow> rows, string column)
    {
        var there = rows.Where(row => row.Cells.TryGetValue(column, out var cell) && !IsEmpty(cell)).ToArray();
        if (there.Length == 0 || !IsPartOfTheQuestion(column, there))
        {
            return null;
        }

        return new ColumnNote(
            column, there[0].Number,
            $"'{column}' is in no prompt ({OneLine.Quote(Example(there[0].Cells[column]))}): join it, as by the question template "
            + $"\"{(there[0].Cells[column].Items is null ? $"{{{column}}} {{question}}" : $"{{question}} {{{column}}}")}\", or name it as ignored");
    }

    /// <summary>Says that options which have a column each are in no prompt.</summary>
    private static IEnumerable<ColumnNote> Options(IReadOnlyList<ProblemRow> rows, string[] columns)
    {
        if (columns.Length > 0)
        {
            yield return new ColumnNote(
                columns[0], rows[0].Number,
                $"the options in {string.Join(", ", columns.Select(column => $"'{column}'"))} are in no prompt: join them, as by the question "
                + $"template \"{{question}} {string.Join(" ", columns.Select(column => $"{column}) {{{column}}}"))}\", or name them as ignored");
        }
    }

    private static bool IsPartOfTheQuestion(string column, ProblemRow[] rows)
    {
        if (_contexts.Contains(column, StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        if (_others.Any(other => Words(column).Any(word => word.StartsWith(other, StringComparison.OrdinalIgnoreCase))))
        {
            return false;
        }

        var cells = rows.Select(row => row.Cells[column]).ToArray();
        return 2 * cells.Count(cell => cell.Items is { Count: > 1 } || Prose(cell.Text ?? "") >= LeastWords) >= cells.Length;
    }

    /// <summary>Says where every answer is the number of an option, and not every one is the value of one.</summary>
    private static IEnumerable<ColumnNote> Indices(IReadOnlyList<ProblemRow> rows, IReadOnlyList<Problem> problems, string column)
    {
        var (fromZero, fromOne, areValues) = (true, true, true);
        foreach (var (row, problem) in rows.Zip(problems))
        {
            var (options, answer) = (OptionLists.Of(row), problem.Answer.Trim());
            var index = int.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
            fromZero &= options.Count > 1 && index >= 0 && index < options.Count;
            fromOne &= options.Count > 1 && index >= 1 && index <= options.Count;
            areValues &= options.Any(option => option.Trim() == answer);
        }

        if ((fromZero || fromOne) && !areValues)
        {
            yield return new ColumnNote(
                column, rows[0].Number,
                $"every answer is the number of a choice, counted from {(!fromOne ? "0" : !fromZero ? "1" : "0 or 1")}, and not its letter or its "
                + "value: write one of these in its place");
        }
    }

    private static bool IsEmpty(Cell cell) => cell.OtherType is null && string.IsNullOrWhiteSpace(cell.Text);

    private static string Example(Cell cell)
    {
        var text = cell.Items is { } items ? string.Join(" | ", items) : cell.Text ?? cell.OtherType ?? "";
        return text.Length <= Shown ? text : text[..Shown] + "…";
    }

    /// <summary>How many words a text has: parts of letters, between spaces.</summary>
    private static int Prose(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        .Count(word => word.Trim('.', ',', '?', '!', ';', ':', '\'', '"', '(', ')') is { Length: > 0 } bare && bare.All(char.IsLetter));

    /// <summary>The words of a column's name: <c>sourceUrl</c> and <c>source_url</c> are source and url.</summary>
    private static IEnumerable<string> Words(string column)
    {
        var start = 0;
        for (var i = 1; i <= column.Length; i++)
        {
            if (i == column.Length || !char.IsLetter(column[i]) || (char.IsUpper(column[i]) && char.IsLower(column[i - 1])))
            {
                if (column[start..i].Trim('_', '-', ' ', '.') is { Length: > 0 } word)
                {
                    yield return word;
                }

                start = i;
            }
        }
    }
}
