using System.Text.RegularExpressions;

namespace Reft.Problems.Files;

/// <summary>GSM8K's rows: a solution in words with calculator annotations, then <c>#### answer</c>.</summary>
internal static partial class Gsm8kRows
{
    private const string Marker = "####";
    private static readonly string[] _answers = ["answer"];

    public static IReadOnlyList<Problem> Build(string path, IReadOnlyList<ProblemRow> rows, ProblemTable table, ProblemFileOptions options)
    {
        var problems = new List<Problem>();
        foreach (var row in rows)
        {
            var question = table.Question(row);
            var text = table.Required(row, options.Columns.Answer, _answers, "answer");
            var marker = text.LastIndexOf(Marker, StringComparison.Ordinal);
            if (marker < 0)
            {
                throw new InputException($"{path}, {row.Where}: the answer lacks '{Marker}', which GSM8K ends with");
            }

            var answer = WithoutThousands(text[(marker + Marker.Length)..].Trim());
            var solution = text[..marker].TrimEnd();
            problems.Add(new Problem(
                table.Id(row) ?? ProblemTable.MadeId("gsm8k", problems.Count), question, answer,
                    Solve(question, solution, answer, options))
            {
                Row = row.Number,
                Group = table.Group(row),
            });
        }

        return table.Checked(problems);
    }

    /// <summary>
    /// An answer without the commas between its thousands, as in the paper's files of GSM8K: Python's float(), its reader, takes
    /// none. Any other comma stays: <c>1,5</c> is not 15.
    /// </summary>
    public static string WithoutThousands(string answer) =>
        Thousands().Replace(answer, match => match.Value.Replace(",", "", StringComparison.Ordinal));

    /// <summary>Whether rows are GSM8K's: their answer has a line that begins with the marker.</summary>
    public static bool Recognises(IEnumerable<ProblemRow> rows, ProblemColumns columns) => rows.Any(row =>
        row.Cells.TryGetValue(columns.Answer ?? _answers[0], out var cell) && cell.Text is { } text
        && (columns.Answer is not null || !row.Cells.ContainsKey(ProblemTable.AnswerValue))
        && text.Split('\n').Any(line => line.AsSpan().TrimStart().StartsWith(Marker, StringComparison.Ordinal)));

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
