using System.Globalization;
using Reft.Numerics;

namespace Reft.Problems;

/// <summary>One question with its known answer.</summary>
/// <param name="Id">Unique inside its file.</param>
/// <param name="Question">The question's text, with the options where it is multiple choice.</param>
/// <param name="Answer">The answer exactly as the file writes it; the verifier's style says how it is read.</param>
/// <param name="Solution">The annotated chain of thought, text or program, without an answer trigger; null where the
/// data has none.</param>
public sealed record Problem(string Id, string Question, string Answer, string? Solution = null)
{
    /// <summary>Where in its file the problem stands, counted from 1 (for line formats, the line); 0 if made.</summary>
    public int Row { get; init; }

    /// <summary>
    /// What the problem shares with others that are not independent of it, such as the structure of a generated one; null where nothing
    /// is said, and <see cref="GroupKey"/> goes by the question.
    /// </summary>
    public string? Group { get; init; }

    /// <summary>
    /// Names the group of problems that count as one draw: those of the same <see cref="Group"/>, or else those whose questions are the
    /// same but for their numbers (<see cref="QuestionText.WithoutNumbers"/>). It is a hash, so that files stay small.
    /// </summary>
    public string GroupKey => KeyOf(Group, Question);

    /// <summary>The key of a group, from what a file says of it and the question.</summary>
    internal static string KeyOf(string? group, string question) => CounterRandom
        .Hash(0, group is null ? $"question {QuestionText.WithoutNumbers(question)}" : $"group {group}").ToString("x16", CultureInfo.InvariantCulture);

    /// <summary>Whether the data has a chain of thought for it.</summary>
    public bool HasSolution => Solution is not null;
}
