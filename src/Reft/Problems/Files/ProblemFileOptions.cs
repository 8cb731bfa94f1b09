namespace Reft.Problems.Files;

/// <summary>What becomes of GSM8K's calculator annotations.</summary>
public enum Gsm8kSolution
{
    /// <summary>Words, with the annotations taken out.</summary>
    Stripped,

    /// <summary>Words, with the annotations left in.</summary>
    Annotated,

    /// <summary>A straight-line program where the annotations determine one; no solution elsewhere.</summary>
    Program,
}

/// <summary>
/// Which column holds what. Null takes the first usual name that is there: <c>id, item_id</c>; <c>question,
/// problem</c>;
/// <c>answer_value, answer</c>; <c>answer_cot, solution</c>. Id and solution may be absent altogether.
/// </summary>
public sealed record ProblemColumns
{
    /// <summary>The ids; where none is named or found, the file's name and the index from 0 make them.</summary>
    public string? Id { get; init; }

    /// <summary>The questions.</summary>
    public string? Question { get; init; }

    /// <summary>
    /// What joins a question's columns, such as <c>{body} {question}</c>; not with <see cref="Question"/>. A list, as of options, gives a
    /// line an element, lettered <c>a ) …</c> where the elements have no letters of their own.
    /// </summary>
    public string? QuestionTemplate { get; init; }

    /// <summary>The answers.</summary>
    public string? Answer { get; init; }

    /// <summary>The chains of thought.</summary>
    public string? Solution { get; init; }

    /// <summary>
    /// What problems share that are not independent of each other, such as the article that they are about; the usual name is <c>group</c>.
    /// Without it problems count as one draw whose questions differ in their numbers alone.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>Columns with text that prompts need not hold, with commas between, so that an audit does not ask about them.</summary>
    public string? Ignored { get; init; }
}

/// <summary>How a problem file is to be read.</summary>
public sealed record ProblemFileOptions
{
    /// <summary>The format; null for the one that recognises the file.</summary>
    public IProblemFormat? Format { get; init; }

    /// <summary>The formats that are asked whether the file is theirs, in this order.</summary>
    public IReadOnlyList<IProblemFormat> Formats { get; init; } = ProblemFormats.All;

    /// <summary>The columns' names.</summary>
    public ProblemColumns Columns { get; init; } = new();

    /// <summary>What solution a GSM8K row gets.</summary>
    public Gsm8kSolution Gsm8kSolution { get; init; }
}
