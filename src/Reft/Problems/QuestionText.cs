using System.Text;

namespace Reft.Problems;

/// <summary>Questions compared by what they say: case, white space and punctuation do not count, numbers do.</summary>
internal static class QuestionText
{
    /// <summary>
    /// Lower case; words and numbers parted by one space; commas inside numbers dropped (<c>1,000</c> is
    /// <c>1000</c>), decimal points and the signs <c>+ - * / % = &lt; &gt;</c> kept where they change what is asked;
    /// every other mark dropped.
    /// </summary>
    public static string Normalize(string question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var text = new StringBuilder(question.Length);
        var gap = false;
        for (var i = 0; i < question.Length; i++)
        {
            var c = question[i];
            if (char.IsLetterOrDigit(c) || char.IsSurrogate(c))
            {
                Append(text, char.ToLowerInvariant(c), ref gap);
            }
            else if (IsBetweenDigits(question, i) && c is '.' or ',')
            {
                text.Append(c == '.' ? "." : "");
            }
            else if (c is '+' or '*' or '/' or '%' or '=' or '<' or '>' || IsMinus(question, i))
            {
                gap = true;
                Append(text, c, ref gap);
                gap = true;
            }
            else if (c is not ('\'' or '\u2019'))
            {
                gap = true;
            }
        }

        return text.ToString();
    }

    /// <summary>
    /// The normalised question with <c>#</c> for every number in digits: what questions have in common that differ in their numbers
    /// alone.
    /// </summary>
    public static string WithoutNumbers(string question) => string.Join(
        ' ', Normalize(question).Split(' ').Select(word => char.IsAsciiDigit(word.FirstOrDefault()) ? "#" : word));

    private static void Append(StringBuilder text, char c, ref bool gap)
    {
        if (gap && text.Length > 0)
        {
            text.Append(' ');
        }

        gap = false;
        text.Append(c);
    }

    private static bool IsBetweenDigits(string text, int i) =>
        i > 0 && i + 1 < text.Length && char.IsDigit(text[i - 1]) && char.IsDigit(text[i + 1]);

    private static bool IsMinus(string text, int i)
    {
        if (text[i] is not ('-' or '\u2212') || (i > 0 && char.IsLetterOrDigit(text[i - 1])))
        {
            return false;
        }

        while (++i < text.Length && text[i] == ' ')
        {
        }

        return i < text.Length && char.IsDigit(text[i]);
    }
}
