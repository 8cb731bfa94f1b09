using Reft.Answers.Grammar;

namespace Reft.Answers;

/// <summary>
/// What stands round a box. A minus sign before it belongs to the answer; whatever else would make the box a part of something
/// larger is in the way.
/// </summary>
internal readonly ref struct BoxContext
{
    private const int MaxWord = 40;

    private readonly ReadOnlySpan<char> _text;

    /// <summary>Looks at a box.</summary>
    /// <param name="text">The completion.</param>
    /// <param name="start">Where the box begins.</param>
    /// <param name="end">Where it ends.</param>
    public BoxContext(ReadOnlySpan<char> text, int start, int end)
    {
        _text = text;
        Problem = Before(start - 1, out var isNegative, out var equals) ?? After(end);
        IsNegative = isNegative;
        Equals = equals;
    }

    /// <summary>What is in the way; null where nothing is.</summary>
    public string? Problem { get; }

    /// <summary>Whether a minus sign or "minus" stands before the box.</summary>
    public bool IsNegative { get; }

    /// <summary>Where the equals sign before the box stands; −1 where there is none.</summary>
    public new int Equals { get; }

    private string? Before(int i, out bool isNegative, out int equals)
    {
        isNegative = false;
        equals = -1;
        i = SkipBack(i, out _);
        var c = At(i);
        if (c is '\0' or '\n' or '\r' or '.' or ',' or ';' or ':' or '：' or '，' or '。' or '!' or '?' or '"' or '“' or '”' or '`' or '€' or '£' or '¥')
        {
            return null;
        }

        switch (c)
        {
            case '-' or '−' or '–' or '‑' or '‐' or '—':
                return Minus(i, ref isNegative);
            case '=' when At(i - 1) is not ('<' or '>' or '!'):
                equals = i;
                return null;
            case '≈':
                return null;
            case '>' when At(i - 1) is '=' or '-':
                return null;
            case '(' when At(i - 1) is ' ' or '\n' or '\0' or '$':
                return null;
            case ')' when char.IsLetter(At(i - 1)):
                return null;
            case '}':
                return BeforeBraces(i, ref isNegative);
            default:
                break;
        }

        return char.IsLetter(c) ? BeforeWord(i, ref isNegative) : $"a box after '{c}' is a part of something larger";
    }

    /// <summary>A minus sign before the box; a dash in a sentence, or a subtraction, is in the way.</summary>
    private string? Minus(int i, ref bool isNegative)
    {
        var isGlued = At(i + 1) is '\\' or '$' or '*';
        var j = SkipBack(i - 1, out var isMath);
        var before = At(j);
        if (At(i) == '—' || char.IsDigit(before) || before is ')' or '}' or ']' || (char.IsLetter(before) && j == i - 1)
            || (char.IsLetter(before) && !isMath && !isGlued) || (char.IsLetter(before) && j > 0 && !char.IsLetter(At(j - 1)) && At(j) is not ('I' or 'a')))
        {
            return "a minus sign before the box that may be a dash or a subtraction";
        }

        isNegative = true;
        return char.IsLetter(before) || before is '\0' or '\n' or '.' or ',' or ':' or ';' or '=' or '(' or '"' or '≈' or '?' or '!'
            ? null : $"a box after '{before}' is a part of something larger";
    }

    private string? BeforeBraces(int i, ref bool isNegative)
    {
        var open = _text[..i].LastIndexOf('{');
        var close = _text[..i].LastIndexOf('}');
        if (open <= close || !IsTextCommand(open))
        {
            return "a box after a brace is a part of something larger";
        }

        var j = SkipBack(i - 1, out _);
        return char.IsLetter(At(j)) ? BeforeWord(j, ref isNegative)
            : At(j) is ':' or '=' or ',' or '.' || j == open ? null : $"a box after '{At(j)}' is a part of something larger";
    }

    private string? BeforeWord(int i, ref bool isNegative)
    {
        var start = i;
        while (start > 0 && i - start < MaxWord && char.IsLetter(_text[start - 1]))
        {
            start--;
        }

        var word = _text[start..(i + 1)];
        if (start > 0 && _text[start - 1] == '\\')
        {
            return word is "approx" or "implies" or "Rightarrow" or "rightarrow" or "to" or "therefore" or "quad" or "qquad" or "simeq"
                ? null : $"a box after \\{Excerpt.Of(word)} is a part of something larger";
        }

        var entry = Lexicon.Of(word);
        if (entry.Is(WordRole.Minus))
        {
            isNegative = true;
            return null;
        }

        if (word.Equals("to", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        if (word is "of" or "the" && start > 1 && _text[start - 1] == ' ' && char.IsLetter(_text[start - 2]))
        {
            // "half of", "the square of".
            return BeforeWord(start - 2, ref isNegative);
        }

        return entry.Is(WordRole.Stop | WordRole.Small | WordRole.Tens | WordRole.Scale | WordRole.Part | WordRole.Function)
            || (word.Length == 1 && word is not ("a" or "I"))
            ? $"a box after '{Excerpt.Of(word)}' is a part of something larger" : null;
    }

    private string? After(int i)
    {
        i = SkipAhead(i);
        var c = At(i);
        switch (c)
        {
            case '\0' or '\n' or '\r' or ';' or '"' or '”' or ':' or '`' or '。' or '%' or '°' or '?':
                return null;
            case '.' or ',' or ')' or ']':
                return char.IsDigit(At(i + 1)) || (c == ',' && char.IsDigit(At(SkipAhead(i + 1))))
                    ? "a box before more digits is a part of something larger" : null;
            case '^' when Follows(i, "^\\circ") || Follows(i, "^{\\circ}"):
                return null;
            case '(' when i > 0 && At(i - 1) == ' ':
                return null;
            case '\\':
                return AfterCommand(i);
            case '-' when At(i - 1) == ' ' && At(i + 1) == ' ' && char.IsLetter(At(i + 2)) && char.IsLetter(At(i + 3)):
            case '—' or '–' when char.IsLetter(At(SkipAhead(i + 1))):
                return null;
            default:
                break;
        }

        return char.IsLetter(c) ? AfterWord(i)
            : char.IsDigit(c) || c is '+' or '-' or '−' or '–' or '—' or '*' or '/' or '^' or '!' or '<' or '>' or '=' or '|' or '_' or '×' or '÷' or '±'
                or '≤' or '≥' or '{' or '(' or '[' or '²' or '³' or '√' or '½' or '¼' or '¾' or '&' or '·' or '⋅' or '~' or '\''
            ? $"a box before '{c}' is a part of something larger" : null;
    }

    private string? AfterCommand(int i)
    {
        var end = i + 1;
        while (char.IsAsciiLetter(At(end)))
        {
            end++;
        }

        var name = _text[(i + 1)..end];
        if (name is "text" or "mathrm" or "textrm" or "textbf" or "mbox")
        {
            var inner = SkipAhead(end + (At(end) == '{' ? 1 : 0));
            return char.IsLetter(At(inner)) ? AfterWord(inner) : null;
        }

        return name is "quad" or "qquad" or "blacksquare" or "square" or "checkmark" or "circ" or "degree" or "end" or "newline"
            || (name.IsEmpty && At(i + 1) is '%' or '\\' or '$')
            ? null : $"a box before \\{Excerpt.Of(name)} is a part of something larger";
    }

    private string? AfterWord(int i)
    {
        var end = i;
        while (char.IsLetter(At(end)) && end - i < MaxWord)
        {
            end++;
        }

        var word = _text[i..end];
        var entry = Lexicon.Of(word);
        if (word.Equals("and", StringComparison.OrdinalIgnoreCase))
        {
            var next = At(SkipAhead(end));
            return char.IsDigit(next) || next is '\\' or '-' or '$' or '\0' || Lexicon.Of(WordAt(SkipAhead(end))).Is(WordRole.Small | WordRole.Tens | WordRole.Part)
                || (WordAt(SkipAhead(end)).Length == 1 && WordAt(SkipAhead(end)) is not ("I" or "a")) || WordAt(SkipAhead(end)) is "a" or "A"
                ? "a box before 'and' may be one of several answers" : null;
        }

        return entry.Is(WordRole.Stop | WordRole.Small | WordRole.Tens | WordRole.Scale | WordRole.Part | WordRole.Function | WordRole.Minus)
            || Lexicon.EastAsianScale(word[0]).Sign > 0
            || (word.Length == 1 && !Lexicon.IsUnitLetter(word[0]) && word is not ("a" or "I" or "C" or "F"))
            || (word.Length == 1 && At(i - 1) is not (' ' or '{'))
            ? $"a box before '{Excerpt.Of(word)}' is a part of something larger" : null;
    }

    private ReadOnlySpan<char> WordAt(int i)
    {
        var end = i;
        while (char.IsLetter(At(end)))
        {
            end++;
        }

        return i < _text.Length ? _text[i..end] : [];
    }

    private bool IsTextCommand(int brace)
    {
        var start = brace;
        while (start > 0 && char.IsAsciiLetter(_text[start - 1]))
        {
            start--;
        }

        return start > 0 && _text[start - 1] == '\\' && _text[start..brace] is "text" or "mathrm" or "textrm" or "textbf" or "mathbf" or "mbox";
    }

    /// <summary>Back over spaces, LaTeX spaces, emphasis and what opens a formula.</summary>
    private int SkipBack(int i, out bool isMath)
    {
        isMath = false;
        while (i >= 0)
        {
            if (_text[i] is ' ' or '\t' or '*')
            {
                i--;
            }
            else if (_text[i] == '$')
            {
                isMath = true;
                i--;
            }
            else if (i > 0 && _text[i - 1] == '\\' && _text[i] is ',' or ';' or '!' or ':' or '(' or '[')
            {
                isMath |= _text[i] is '(' or '[';
                i -= 2;
            }
            else if (_text[i] == '{' && (i == 0 || IsTextCommand(i) || !char.IsAsciiLetter(_text[i - 1])) && At(i - 1) is not ('^' or '_' or '}'))
            {
                i--;
                while (i >= 0 && char.IsAsciiLetter(_text[i]))
                {
                    i--;
                }

                i -= i >= 0 && _text[i] == '\\' ? 1 : 0;
            }
            else
            {
                break;
            }
        }

        return i;
    }

    private int SkipAhead(int i)
    {
        while (i < _text.Length)
        {
            if (_text[i] is ' ' or '\t' or '*' or '$' or '}')
            {
                i++;
            }
            else if (_text[i] == '\\' && At(i + 1) is ',' or ';' or '!' or ':' or ' ' or ')' or ']')
            {
                i += 2;
            }
            else
            {
                break;
            }
        }

        return i;
    }

    private bool Follows(int i, string text) => _text[i..].StartsWith(text, StringComparison.Ordinal);

    private char At(int i) => (uint)i < (uint)_text.Length ? _text[i] : '\0';
}
