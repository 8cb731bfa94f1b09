namespace Reft.Problems.Files;

/// <summary>One value of a row.</summary>
/// <param name="Text">Text, or a number as it is written; null where the value is absent or neither.</param>
/// <param name="OtherType">What was found instead of text or a number, for messages: <c>an array</c>; null where that is not so.</param>
public readonly record struct Cell(string? Text, string? OtherType = null)
{
    /// <summary>The elements of a list of texts and numbers; null where the value is none.</summary>
    public IReadOnlyList<string>? Items { get; init; }
}

/// <summary>One record of a file before it is a problem.</summary>
/// <param name="Number">The line in line formats, else the record, from 1.</param>
/// <param name="Where">How a message names it: <c>line 12</c> or <c>row 12</c>.</param>
/// <param name="Cells">The values by column.</param>
public sealed record ProblemRow(int Number, string Where, IReadOnlyDictionary<string, Cell> Cells);
