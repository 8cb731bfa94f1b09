namespace Reft.Problems.Files;

/// <summary>What a file says of its questions that no prompt holds, or an answer that is not what it seems.</summary>
/// <param name="Column">The column.</param>
/// <param name="Row">The first row that shows it, from 1.</param>
/// <param name="Detail">What was found, and what to do about it.</param>
internal sealed record ColumnNote(string Column, int Row, string Detail);

/// <summary>What a problem file holds.</summary>
/// <param name="Format">How it is written: as asked for, or as detected.</param>
/// <param name="Problems">The problems, in file order.</param>
/// <param name="Notes">What a person should look at before anything is trained on them; empty when nothing is.</param>
internal sealed record ProblemFileContents(IProblemFormat Format, IReadOnlyList<Problem> Problems, IReadOnlyList<ColumnNote> Notes);
