namespace Reft.Problems.Files;

/// <summary>GSM8K's rows: a solution in words with calculator annotations, then <c>#### answer</c>.</summary>
internal static class Gsm8kRows
{
    private const string Marker = "####";
    private static readonly string[] _questions = ["question"];
    private static readonly string[] _answers = ["answer"];

    public static IReadOnlyList<Problem> Build(string path, IEnumerable<ProblemRow> rows, ProblemFileOptions options)
    {
        var problems = new List<Problem>();
        foreach (var row in rows)
        {
            var question = ProblemTable.Required(path, row, options.Columns.Question, _questions, "question");
            var text = ProblemTable.Required(path, row, options.Columns.Answer, _answers, "answer");
            var marker = text.LastIndexOf(Marker, StringComparison.Ordinal);
            if (marker < 0)
            {
                throw new InputException($"{path}, {row.Where}: the answer lacks '{Marker}', which GSM8K ends with");
            }

            // As in the paper's files of GSM8K: Python's float(), its reader, takes no commas.
            var answer = text[(marker + Marker.Length)..].Trim().Replace(",", "", StringComparison.Ordinal);
            var solution = text[..marker].TrimEnd();
            problems.Add(new Problem(
                ProblemTable.MadeId("gsm8k", problems.Count), question, answer,
                    Solve(question, solution, answer, options))
            {
                Row = row.Number,
            });
        }

        return ProblemTable.Checked(path, problems);
    }

    private static string? Solve(string question, string solution, string answer, ProblemFileOptions options) =>
        options.Gsm8kSolution switch
        {
            Gsm8kSolution.Annotated => solution,
            Gsm8kSolution.Program => CalculatorAnnotations.ToProgram(question, solution, answer),
            _ => CalculatorAnnotations.Strip(solution),
        };
}
