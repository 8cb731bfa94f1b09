using System.Text;

namespace Reft.Tests.Text;

/// <summary>Text in which the borders between kinds of characters are many.</summary>
internal static class RandomText
{
    private static readonly Rune[] Alphabet =
    [
        .. ("aabZsStTrReEvVlLmMdD''''      \t\n\n\r\v\f\u0085\u00a0\u2003\u2028\u3000\u200b\u200d01239\u00b2\u0663\u2167"
            + ".,!?-_=+()[]{}<>/\\\"#$%&*@^`|~\u00e9\u00c9\u01c5\u02b0\u0391\u0300\u0301\u0903\u017f\u212a\u65e5\u3042"
            + "\ud55c\u20ac\u24b6\U0001d400\U0001d7d8\U00020000\U0001f642\U0001f3fd\U000e0100\U000f0000").EnumerateRunes(),
    ];

    public static string Make(Random random, int length)
    {
        var builder = new StringBuilder();
        for (var i = 0; i < length; i++)
        {
            builder.Append(Alphabet[random.Next(Alphabet.Length)].ToString());
        }

        return builder.ToString();
    }
}
