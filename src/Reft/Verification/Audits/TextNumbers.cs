using Reft.Answers;

namespace Reft.Verification.Audits;

/// <summary>
/// Every number that a text writes in digits, in order, without signs. Thousands may have commas; where spaces may part
/// thousands (<c>12 200</c>), the parts and the whole are numbers.
/// </summary>
internal static class TextNumbers
{
    public static IEnumerable<Rational> In(string text)
    {
        var joined = "";
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsAsciiDigit(text[i]))
            {
                joined = text[i] == ' ' ? joined : "";
                continue;
            }

            var start = i > 0 && text[i - 1] == '.' ? i - 1 : i;
            i = End(text, i);
            var digits = text[start..i].Replace(",", "", StringComparison.Ordinal);
            if (NumberReader.TryParse(digits, out var value))
            {
                yield return value;
            }

            joined = joined.Length > 0 && digits.Length == 3 ? joined + digits : digits.Length <= 3 ? digits : "";
            if (joined.Length > 3 && NumberReader.TryParse(joined, out var whole))
            {
                yield return whole;
            }

            i--;
        }
    }

    private static int End(string text, int i)
    {
        while (i < text.Length)
        {
            var group = text[i] == ',' && IsGroup(text, i + 1);
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
