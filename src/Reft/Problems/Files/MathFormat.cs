namespace Reft.Problems.Files;

/// <summary>
/// Rows of MATH (<see href="https://arxiv.org/abs/2103.03874"/>), in any kind of file: no column has the answer, the solution's last box
/// does.
/// </summary>
internal sealed class MathFormat : IProblemFormat
{
    private static readonly string[] _marks = ["\\boxed", "\\fbox"];

    /// <inheritdoc/>
    public string Name => "math";

    /// <inheritdoc/>
    public string Summary => "rows without an answer, whose solution has it in its last \\boxed{…}";

    /// <inheritdoc/>
    public bool Recognises(FileHead file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Columns.Answer is null && file.Rows.Any(row => !ProblemTable.HasAnswer(row)
            && row.Cells.TryGetValue(file.Columns.Solution ?? "solution", out var cell) && cell.Text is { } text && Boxed(text) is not null);
    }

    /// <inheritdoc/>
    public Problem Read(ProblemRow row, ProblemTable table)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(table);
        var solution = table.Solution(row) ?? throw table.Error(row, "has no solution, in which a row of MATH has its answer");
        var answer = Boxed(solution) ?? throw table.Error(row, "the solution has no \\boxed{…}, in which a row of MATH has its answer");
        return new Problem(table.Id(row), table.Question(row), answer, solution) { Row = row.Number, Group = table.Group(row) };
    }

    /// <summary>What the last box holds: in braces, or without them up to the end of the formula; null for none that is closed.</summary>
    private static string? Boxed(string text)
    {
        var (start, mark) = _marks.Select(mark => (Start: text.LastIndexOf(mark, StringComparison.Ordinal), mark)).Max();
        var rest = start < 0 ? "" : text[(start + mark.Length)..].TrimStart();
        if (!rest.StartsWith('{'))
        {
            return rest.Split('$')[0].Trim() is { Length: > 0 } bare ? bare : null;
        }

        var depth = 0;
        for (var i = 0; i < rest.Length; i++)
        {
            switch (rest[i])
            {
                case '\\':
                    i++; // \{ and \} are signs of the answer.
                    break;
                case '{':
                    depth++;
                    break;
                case '}' when --depth == 0:
                    return rest[1..i].Trim() is { Length: > 0 } inside ? inside : null;
            }
        }

        return null;
    }
}
