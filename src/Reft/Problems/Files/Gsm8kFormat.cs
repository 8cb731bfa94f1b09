using System.Text.RegularExpressions;

namespace Reft.Problems.Files;

/// <summary>GSM8K's rows, in any kind of file: a solution in words with calculator annotations, then <c>#### answer</c>.</summary>
internal sealed partial class Gsm8kFormat : IProblemFormat
{
    private const string Marker = "####";
    private static readonly string[] _answers = ["answer"];

    /// <inheritdoc/>
    public string Name => "gsm8k";

    /// <inheritdoc/>
    public string Summary => "rows whose answer ends in #### and the number, after the solution";

    /// <inheritdoc/>
    public bool Recognises(FileHead file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Rows.Any(row =>
            row.Cells.TryGetValue(file.Columns.Answer ?? _answers[0], out var cell) && cell.Text is { } text
            && (file.Columns.Answer is not null || !row.Cells.ContainsKey(ProblemTable.AnswerValue))
            && text.Split('\n').Any(line => line.AsSpan().TrimStart().StartsWith(Marker, StringComparison.Ordinal)));
    }

    /// <inheritdoc/>
    public Problem Read(ProblemRow row, ProblemTable table)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(table);
        var question = table.Question(row);
        var text = table.Required(row, table.Options.Columns.Answer, _answers, "answer");
        var marker = text.LastIndexOf(Marker, StringComparison.Ordinal);
        if (marker < 0)
        {
            throw table.Error(row, $"the answer lacks '{Marker}', which GSM8K ends with");
        }

        var answer = WithoutThousands(text[(marker + Marker.Length)..].Trim());
        var solution = text[..marker].TrimEnd();
        return new Problem(table.Id(row, "gsm8k"), question, answer, Solve(question, solution, answer, table.Options))
        {
            Row = row.Number,
            Group = table.Group(row),
        };
    }

    /// <summary>
    /// An answer without the commas between its thousands, as in the paper's files of GSM8K: Python's float(), its reader, takes
    /// none. Any other comma stays: <c>1,5</c> is not 15.
    /// </summary>
    private static string WithoutThousands(string answer) =>
        Thousands().Replace(answer, match => match.Value.Replace(",", "", StringComparison.Ordinal));

    [GeneratedRegex(@"(?<![\d.,])\d{1,3}(,\d{3})+(?![\d,])")]
    private static partial Regex Thousands();

    private static string? Solve(string question, string solution, string answer, ProblemFileOptions options) =>
        options.Gsm8kSolution switch
        {
            Gsm8kSolution.Annotated => solution,
            Gsm8kSolution.Program => CalculatorAnnotations.ToProgram(question, solution, answer),
            _ => CalculatorAnnotations.Strip(solution),
        };
}
