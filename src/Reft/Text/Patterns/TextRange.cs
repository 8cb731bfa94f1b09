namespace Reft.Text.Patterns;

/// <summary>A stretch of UTF-16 units.</summary>
internal readonly record struct TextRange(int Start, int Length)
{
    public int End => Start + Length;
}
