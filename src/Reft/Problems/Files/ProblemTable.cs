using System.Globalization;

namespace Reft.Problems.Files;

/// <summary>Takes rows apart: finds the columns, and refuses what is missing, mistyped or repeated.</summary>
public sealed class ProblemTable
{
    /// <summary>The usual name of answers without a solution round them, as the paper's files have it.</summary>
    internal const string AnswerValue = "answer_value";

    private static readonly string[] _ids = ["id", "item_id"];
    private static readonly string[] _questions = ["question", "problem"];
    private static readonly string[] _answers = [AnswerValue, "answer"];
    private static readonly string[] _solutions = ["answer_cot", "solution"];
    private static readonly string[] _groups = ["group"];

    private readonly string _path;
    private readonly QuestionTemplate? _template;
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    private int _made;

    internal ProblemTable(string path, ProblemFileOptions options)
    {
        _path = path;
        Options = options;
        _template = Columns.QuestionTemplate is not { } text ? null
            : Columns.Question is null ? new QuestionTemplate(text)
            : throw new InputException("both a question column and a question template are named; a template names its columns itself");
    }

    /// <summary>How the file is to be read.</summary>
    public ProblemFileOptions Options { get; }

    /// <summary>The columns that problems were made of.</summary>
    internal IReadOnlySet<string> Used => _used;

    private ProblemColumns Columns => Options.Columns;

    /// <summary>Every row's problem.</summary>
    internal IReadOnlyList<Problem> Build(IEnumerable<ProblemRow> rows, IProblemFormat format)
    {
        var problems = new List<Problem>();
        foreach (var row in rows)
        {
            _made = problems.Count;
            problems.Add(format.Read(row, this));
        }

        return Checked(problems);
    }

    /// <summary>Whether a row has a column with a usual name of answers.</summary>
    internal static bool HasAnswer(ProblemRow row) => _answers.Any(row.Cells.ContainsKey);

    /// <summary>A row's problem by the columns' usual names, or those that were given.</summary>
    /// <exception cref="InputException">A column is missing, or of another type; so for every method here.</exception>
    public Problem Read(ProblemRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var question = Question(row);
        var answer = Required(row, Columns.Answer, _answers, "answer");
        return new Problem(Id(row), question, answer, Solution(row)) { Row = row.Number, Group = Group(row) };
    }

    /// <summary>A row's question: one column's, or what the template joins.</summary>
    public string Question(ProblemRow row)
    {
        ArgumentNullException.ThrowIfNull(row);
        var question = _template is null
            ? Required(row, Columns.Question, _questions, "question")
            : _template.Fill(column => Part(row, column));
        return string.IsNullOrWhiteSpace(question)
            ? throw Error(row, "the question is empty")
            : question;
    }

    /// <summary>A row's id, or one made of a name and its place in the file, from 0.</summary>
    /// <param name="row">The row.</param>
    /// <param name="name">The name; null for the file's.</param>
    public string Id(ProblemRow row, string? name = null) => Optional(row, Columns.Id, _ids)
        ?? string.Create(CultureInfo.InvariantCulture, $"{name ?? Path.GetFileNameWithoutExtension(_path)}_{_made}");

    /// <summary>A row's chain of thought; null where the file has none.</summary>
    public string? Solution(ProblemRow row) => Optional(row, Columns.Solution, _solutions);

    /// <summary>What a row's problem shares with others; null where the file says nothing of it.</summary>
    public string? Group(ProblemRow row) => Optional(row, Columns.Group, _groups);

    /// <summary>The problems, once they are known to be some and to have ids of their own.</summary>
    private IReadOnlyList<Problem> Checked(IReadOnlyList<Problem> problems)
    {
        if (problems.Count == 0)
        {
            throw new InputException($"{_path} holds no problems");
        }

        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var problem in problems)
        {
            if (!seen.TryAdd(problem.Id, problem.Row))
            {
                throw new InputException(
                    $"{_path}: id '{problem.Id}' stands in row {seen[problem.Id]} and again in row {problem.Row}; "
                    + "ids must be unique");
            }
        }

        return problems;
    }

    /// <summary>The text of a column that must be there.</summary>
    /// <param name="row">The row.</param>
    /// <param name="named">The column; null for the first of the usual ones that is there.</param>
    /// <param name="usual">The usual names.</param>
    /// <param name="what">What it holds, for messages.</param>
    public string Required(ProblemRow row, string? named, IReadOnlyList<string> usual, string what)
    {
        ArgumentNullException.ThrowIfNull(row);
        var column = named ?? usual.FirstOrDefault(row.Cells.ContainsKey);
        if (column is not null && row.Cells.TryGetValue(column, out var cell))
        {
            return Text(row, column, cell)
                ?? throw Error(row, $"'{column}' is null; it must be text or a number");
        }

        var wanted = named is null ? $"the {what} ({string.Join(" or ", usual)})" : $"'{named}'";
        throw Error(row, $"lacks {wanted}; {There(row)}. Name the {what} column");
    }

    /// <summary>The error that a row has.</summary>
    /// <param name="row">The row.</param>
    /// <param name="what">What is wrong with it, and the way out.</param>
    public InputException Error(ProblemRow row, string what)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new InputException($"{_path}, {row.Where}: {what}");
    }

    private string? Optional(ProblemRow row, string? named, IReadOnlyList<string> usual)
    {
        var column = named ?? usual.FirstOrDefault(row.Cells.ContainsKey);
        if (column is null || !row.Cells.TryGetValue(column, out var cell))
        {
            return named is null
                ? null
                : throw Error(row, $"lacks the column '{named}'");
        }

        return Text(row, column, cell);
    }

    /// <summary>A column's part of a question: its text, its options, or nothing where it is null.</summary>
    private string Part(ProblemRow row, string column)
    {
        if (!row.Cells.TryGetValue(column, out var cell))
        {
            throw Error(row, $"lacks '{column}', which the question template names; {There(row)}");
        }

        _used.Add(column);
        return cell.Items is { } options ? OptionLists.Write(options) : Text(row, column, cell) ?? "";
    }

    private string? Text(ProblemRow row, string column, Cell cell)
    {
        _used.Add(column);
        return cell.OtherType is null
            ? cell.Text
            : throw Error(row, $"'{column}' is {cell.OtherType}; it must be text or a number");
    }

    private static string There(ProblemRow row) => $"it has {string.Join(", ", row.Cells.Keys.Select(key => $"'{key}'"))}";
}
