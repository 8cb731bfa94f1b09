namespace Reft.Problems.Files;

/// <summary>Turns rows into problems: finds the columns, and refuses what is missing, mistyped or repeated.</summary>
internal static class ProblemTable
{
    private static readonly string[] _ids = ["id", "item_id"];
    private static readonly string[] _questions = ["question", "problem"];
    private static readonly string[] _answers = ["answer_value", "answer"];
    private static readonly string[] _solutions = ["answer_cot", "solution"];

    public static IReadOnlyList<Problem> Build(string path, IEnumerable<ProblemRow> rows, ProblemColumns columns)
    {
        var problems = new List<Problem>();
        foreach (var row in rows)
        {
            var question = Required(path, row, columns.Question, _questions, "question");
            if (string.IsNullOrWhiteSpace(question))
            {
                throw new InputException($"{path}, {row.Where}: the question is empty");
            }

            var answer = Required(path, row, columns.Answer, _answers, "answer");
            var id = Optional(path, row, columns.Id, _ids) ?? MadeId(path, problems.Count);
            var solution = Optional(path, row, columns.Solution, _solutions);
            problems.Add(new Problem(id, question, answer, solution) { Row = row.Number });
        }

        return Checked(path, problems);
    }

    /// <summary>The problems, once they are known to be some and to have ids of their own.</summary>
    public static IReadOnlyList<Problem> Checked(string path, IReadOnlyList<Problem> problems)
    {
        if (problems.Count == 0)
        {
            throw new InputException($"{path} holds no problems");
        }

        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var problem in problems)
        {
            if (!seen.TryAdd(problem.Id, problem.Row))
            {
                throw new InputException(
                    $"{path}: id '{problem.Id}' stands in row {seen[problem.Id]} and again in row {problem.Row}; "
                    + "ids must be unique");
            }
        }

        return problems;
    }

    public static string MadeId(string path, int index) => $"{Path.GetFileNameWithoutExtension(path)}_{index}";

    public static string Required(string path, ProblemRow row, string? named, string[] usual, string what)
    {
        var column = named ?? usual.FirstOrDefault(row.Cells.ContainsKey);
        if (column is not null && row.Cells.TryGetValue(column, out var cell))
        {
            return Text(path, row, column, cell)
                ?? throw new InputException($"{path}, {row.Where}: '{column}' is null; it must be text or a number");
        }

        var wanted = named is null ? $"the {what} ({string.Join(" or ", usual)})" : $"'{named}'";
        var there = string.Join(", ", row.Cells.Keys.Select(key => $"'{key}'"));
        throw new InputException($"{path}, {row.Where}: lacks {wanted}; it has {there}. Name the {what} column");
    }

    private static string? Optional(string path, ProblemRow row, string? named, string[] usual)
    {
        var column = named ?? usual.FirstOrDefault(row.Cells.ContainsKey);
        if (column is null || !row.Cells.TryGetValue(column, out var cell))
        {
            return named is null
                ? null
                : throw new InputException($"{path}, {row.Where}: lacks the column '{named}'");
        }

        return Text(path, row, column, cell);
    }

    private static string? Text(string path, ProblemRow row, string column, Cell cell) => cell.OtherType is null
        ? cell.Text
        : throw new InputException(
            $"{path}, {row.Where}: '{column}' is {cell.OtherType}; it must be text or a number");
}
