using Reft.Problems;

namespace Reft.Verification.Audits;

/// <summary>
/// Every number that a text writes in digits, in order, without signs; thousands may have commas or spaces.
/// </summary>
internal static class TextNumbers
{
    public static IEnumerable<Rational> In(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiDigit(text[i]))
            {
                continue;
            }

            var start = i > 0 && text[i - 1] == '.' ? i - 1 : i;
            i = End(text, i);
            var digits = text[start..i].Replace(",", "", StringComparison.Ordinal)
                .Replace(" ", "", StringComparison.Ordinal);
            if (NumberReader.TryParse(digits, out var value))
            {
                yield return value;
            }
        }
    }

    private static int End(string text, int i)
    {
        while (i < text.Length)
        {
            var group = text[i] is ',' or ' ' && IsGroup(text, i + 1);
            var point = text[i] == '.' && i + 1 < text.Length && char.IsAsciiDigit(text[i + 1]);
            if (!char.IsAsciiDigit(text[i]) && !group && !point)
            {
                break;
            }

            i++;
        }

        return i;
    }

    private static bool IsGroup(string text, int at) => at + 3 <= text.Length
        && text.AsSpan(at, 3).IndexOfAnyExceptInRange('0', '9') < 0
        && (at + 3 == text.Length || !char.IsAsciiDigit(text[at + 3]));
}
