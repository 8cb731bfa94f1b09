using System.Text;

namespace Reft.Text;

/// <summary>Makes text well-formed UTF-16: each lone surrogate becomes U+FFFD, as it would in UTF-8.</summary>
internal static class WellFormedText
{
    public static string From(string text) => IsWellFormed(text) ? text : Repair(text);

    private static bool IsWellFormed(string text)
    {
        var first = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF');
        if (first < 0)
        {
            return true;
        }

        for (var i = first; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return false;
            }

            i++;
        }

        return true;
    }

    private static string Repair(string text)
    {
        var builder = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            builder.Append(rune.ToString());
        }

        return builder.ToString();
    }
}
