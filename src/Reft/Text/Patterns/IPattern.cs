namespace Reft.Text.Patterns;

/// <summary>Finds the leftmost matches in a text, one after the other, none overlapping.</summary>
internal interface IPattern
{
    /// <summary>Adds the matches to the list. Thread-safe.</summary>
    void Find(ReadOnlySpan<char> text, List<TextRange> matches);
}
