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

    /// <summary>Whether the data has a chain of thought for it.</summary>
    public bool HasSolution => Solution is not null;
}
