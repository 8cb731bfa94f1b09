namespace Reft.Answers;

/// <summary>What says that an answer follows.</summary>
internal enum MarkKind
{
    /// <summary>"the answer is", "Answer:", as in "Therefore, the answer is: ".</summary>
    Phrase,

    /// <summary>Four number signs at the start of a line.</summary>
    Hash,

    /// <summary>A LaTeX box.</summary>
    Box,

    /// <summary>An <c>&lt;answer&gt;</c> tag.</summary>
    Tag,
}

/// <summary>A place where an answer may stand.</summary>
/// <param name="Kind">What says so.</param>
/// <param name="Start">Where the mark begins.</param>
/// <param name="From">Where what it marks begins.</param>
internal readonly record struct AnswerMark(MarkKind Kind, int Start, int From);
