using System.Globalization;

namespace Reft.Problems.Files;

/// <summary>Turns rows into problems: finds the columns, and refuses what is missing, mistyped or repeated.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="columns">The columns' names.</param>
internal sealed class ProblemTable(string path, ProblemColumns columns)
{
    /// <summary>The usual name of answers without a solution round them, as the paper's files have it.</summary>
    public const string AnswerValue = "answer_value";

    private static readonly string[] _ids = ["id", "item_id"];
    private static readonly string[] _questions = ["question", "problem"];
    private static readonly string[] _answers = [AnswerValue, "answer"];
    private static readonly string[] _solutions = ["answer_cot", "solution"];
    private static readonly string[] _groups = ["group"];

    private readonly QuestionTemplate? _template = columns.QuestionTemplate is not { } text ? null
        : columns.Question is null ? new QuestionTemplate(text)
        : throw new InputException("both a question column and a question template are named; a template names its columns itself");

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>The columns that problems were made of.</summary>
    public IReadOnlySet<string> Used => _used;

    public IReadOnlyList<Problem> Build(IEnumerable<ProblemRow> rows)
    {
        var problems = new List<Problem>();
        foreach (var row in rows)
        {
            var question = Question(row);
            var answer = Required(row, columns.Answer, _answers, "answer");
            var id = Id(row) ?? MadeId(Path.GetFileNameWithoutExtension(path), problems.Count);
            var solution = Optional(row, columns.Solution, _solutions);
            problems.Add(new Problem(id, question, answer, solution) { Row = row.Number, Group = Group(row) });
        }

        return Checked(problems);
    }

    /// <summary>A row's question: one column's, or what the template joins.</summary>
    public string Question(ProblemRow row)
    {
        var question = _template is null
            ? Required(row, columns.Question, _questions, "question")
            : _template.Fill(column => Part(row, column));
        return string.IsNullOrWhiteSpace(question)
            ? throw new InputException($"{path}, {row.Where}: the question is empty")
            : question;
    }

    /// <summary>A row's own id; null where the file has none.</summary>
    public string? Id(ProblemRow row) => Optional(row, columns.Id, _ids);

    /// <summary>What a row's problem shares with others; null where the file says nothing of it.</summary>
    public string? Group(ProblemRow row) => Optional(row, columns.Group, _groups);

    /// <summary>The problems, once they are known to be some and to have ids of their own.</summary>
    public IReadOnlyList<Problem> Checked(IReadOnlyList<Problem> problems)
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

    public static string MadeId(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}_{index}");

    public string Required(ProblemRow row, string? named, string[] usual, string what)
    {
        var column = named ?? usual.FirstOrDefault(row.Cells.ContainsKey);
        if (column is not null && row.Cells.TryGetValue(column, out var cell))
        {
            return Text(row, column, cell)
                ?? throw new InputException($"{path}, {row.Where}: '{column}' is null; it must be text or a number");
        }

        var wanted = named is null ? $"the {what} ({string.Join(" or ", usual)})" : $"'{named}'";
        throw new InputException($"{path}, {row.Where}: lacks {wanted}; {There(row)}. Name the {what} column");
    }

    private string? Optional(ProblemRow row, string? named, string[] usual)
    {
        var column = named ?? usual.FirstOrDefault(row.Cells.ContainsKey);
        if (column is null || !row.Cells.TryGetValue(column, out var cell))
        {
            return named is null
                ? null
                : throw new InputException($"{path}, {row.Where}: lacks the column '{named}'");
        }

        return Text(row, column, cell);
    }

    /// <summary>A column's part of a question: its text, its options, or nothing where it is null.</summary>
    private string Part(ProblemRow row, string column)
    {
        if (!row.Cells.TryGetValue(column, out var cell))
        {
            throw new InputException($"{path}, {row.Where}: lacks '{column}', which the question template names; {There(row)}");
        }

        _used.Add(column);
        return cell.Items is { } options ? OptionLists.Write(options) : Text(row, column, cell) ?? "";
    }

    private string? Text(ProblemRow row, string column, Cell cell)
    {
        _used.Add(column);
        return cell.OtherType is null
            ? cell.Text
            : throw new InputException($"{path}, {row.Where}: '{column}' is {cell.OtherType}; it must be text or a number");
    }

    private static string There(ProblemRow row) => $"it has {string.Join(", ", row.Cells.Keys.Select(key => $"'{key}'"))}";
}
