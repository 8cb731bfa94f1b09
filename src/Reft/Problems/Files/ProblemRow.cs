namespace Reft.Problems.Files;

/// <summary>One value of a row: its text, or null and the name of the type found instead of text or a number.</summary>
internal readonly record struct Cell(string? Text, string? OtherType = null)
{
    /// <summary>The elements of a list of texts and numbers; null where the value is none.</summary>
    public IReadOnlyList<string>? Items { get; init; }
}

/// <summary>One record of a file before it is a problem.</summary>
/// <param name="Number">The line in line formats, else the record, from 1.</param>
/// <param name="Where">How a message names it: <c>line 12</c> or <c>row 12</c>.</param>
/// <param name="Cells">The values by column.</param>
internal sealed record ProblemRow(int Number, string Where, IReadOnlyDictionary<string, Cell> Cells);
