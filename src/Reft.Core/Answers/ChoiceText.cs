using System.Buffers;

namespace Reft.Answers;

/// <summary>Reads the one option letter that an answer's line names, under the exact policy.</summary>
internal static class ChoiceText
{
    private const int MaxLine = 400;
    private const string Parting = ")]}>:;, ";
    private static readonly SearchValues<char> _before = SearchValues.Create(" ([{<:.,#\\");

    /// <summary>
    /// Reads <c>c</c>, <c>(C)</c>, <c>c.</c>, <c>c ) 870</c>, <c>option c</c>, <c>**C**</c> and the like. Two letters,
    /// a
    /// word, or a letter that is no option is no answer.
    /// </summary>
    /// <param name="line">The answer's line.</param>
    /// <param name="options">The letters there are, in lower case.</param>
    public static Reading Read(ReadOnlySpan<char> line, string options)
    {
        if (line.Length > MaxLine)
        {
            return Reading.None($"the answer's line is longer than {MaxLine} characters");
        }

        Span<char> target = stackalloc char[line.Length];
        ReadOnlySpan<char> clean = target[..Clean(line, target)];
        var at = 0;
        var from = 0;
        var word = Word(clean, ref at);
        var article = false;
        while (word is "option" or "choice" or "answer" or "letter" or "is" or "the" or "correct" or "final" or "so"
            or "boxed" or "text" or "textbf" or "textrm" or "mathrm" or "mathbf" or "therefore")
        {
            article = word is "the";
            from = at;
            word = Word(clean, ref at);
        }

        if (word.Length != 1 || !char.IsAsciiLetter(word[0]))
        {
            return Reading.None(word.IsEmpty
                ? "no answer: the text is empty" : "the answer is no single option letter");
        }

        var letter = word[0];
        var rest = clean[at..].TrimStart(' ');
        if (article || (rest.Length > 0 && char.IsLetterOrDigit(rest[0])))
        {
            return Reading.None("the letter is part of a phrase");
        }

        if (clean[from..(at - 1)].ContainsAnyExcept(_before) || IsFormula(rest))
        {
            return Reading.None("the letter is a part of a formula");
        }

        while (at < clean.Length)
        {
            var other = Word(clean, ref at);
            if (other.Length == 1 && options.Contains(other[0]) && other[0] != letter
                && !IsArticle(clean, at, other[0]))
            {
                return Reading.None("more than one option letter in the answer");
            }
        }

        return options.Contains(letter)
            ? new Reading(letter.ToString(), "")
            : Reading.None($"'{letter}' is none of the options {options}");
    }

    /// <summary>
    /// Whether what follows a letter makes it an unknown, as in <c>d = 5</c>, <c>d/2</c> and <c>c(3)</c>: after an option there is
    /// nothing, or a mark that parts it from its text, and then no sign of a formula.
    /// </summary>
    private static bool IsFormula(ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty)
        {
            return false;
        }

        if (rest[0] == '-')
        {
            return rest.Length < 3 || rest[1] != ' ' || !char.IsLetter(rest[2]);
        }

        if (rest[0] is '\u2014' or '\u2013')
        {
            return rest[1..].TrimStart(' ') is not [var first, ..] || !char.IsLetter(first);
        }

        if (rest[0] == '\\')
        {
            return !(rest.StartsWith("\\)", StringComparison.Ordinal) || rest.StartsWith("\\]", StringComparison.Ordinal)
                || rest.StartsWith("\\text", StringComparison.Ordinal) || rest.StartsWith("\\quad", StringComparison.Ordinal));
        }

        if (rest[0] is not (')' or ']' or '}' or '>' or '.' or ':' or ',' or ';'))
        {
            return true;
        }

        var after = rest.TrimStart(Parting);
        return after.Length > 0 && (after[0] is '=' or '+' or '/' or '^' or '_' or '|' or '<' or '>' or '!' or '(' || char.IsSymbol(after[0]))
            && rest[0] != '.';
    }

    private static bool IsArticle(ReadOnlySpan<char> text, int at, char letter)
    {
        var rest = text[at..];
        return letter == 'a' && rest.Length > 1 && rest[0] == ' ' && char.IsLetter(rest[1]);
    }

    private static int Clean(ReadOnlySpan<char> line, Span<char> target)
    {
        var length = 0;
        foreach (var c in line)
        {
            if (c is not ('*' or '`' or '"' or '\'' or '$' or '\u201C' or '\u201D' or '\u2019'))
            {
                target[length++] = char.ToLowerInvariant(c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - 0xFEE0) : c);
            }
        }

        return length;
    }

    private static ReadOnlySpan<char> Word(ReadOnlySpan<char> text, ref int at)
    {
        while (at < text.Length && !char.IsLetterOrDigit(text[at]))
        {
            at++;
        }

        var start = at;
        while (at < text.Length && char.IsLetterOrDigit(text[at]))
        {
            at++;
        }

        return text[start..at];
    }
}
