using System.Globalization;

namespace Reft.Answers;

/// <summary>
/// Rewrites an answer's line from LaTeX, markdown and Unicode into a few plain signs, so that the number reader knows
/// one
/// spelling of each: digits and <c>-</c> of any script, <c>⁄</c> in fractions, <c>$</c> for any currency, <c>=</c> for
/// any equality, a thin space inside numbers, and <see cref="Unreadable"/> for what no plain number contains.
/// </summary>
internal ref struct AnswerCleaner(ReadOnlySpan<char> source, Span<char> target)
{
    /// <summary>Stands for a sign or a command that no plain number contains.</summary>
    public const char Unreadable = '\uFFFF';

    /// <summary>Parts groups of thousands.</summary>
    public const char Thin = '\u2009';

    /// <summary>Parts a fraction written as one.</summary>
    public const char Slash = '\u2044';

    /// <summary>How much longer than the source the target must be able to get.</summary>
    public const int Growth = 4;

    private readonly ReadOnlySpan<char> _source = source;
    private readonly Span<char> _target = target;
    private int _at;
    private int _length;

    /// <summary>Writes the plain line to the target and returns its length.</summary>
    public static int Clean(ReadOnlySpan<char> source, Span<char> target)
    {
        var cleaner = new AnswerCleaner(source, target);
        return cleaner.Run();
    }

    private int Run()
    {
        while (_at < _source.Length)
        {
            var c = _source[_at++];
            if (char.IsAsciiLetterOrDigit(c) || c is ' ' or '.' or ',' or '-' or '+' or '=' or '%' or '/' or '$' or ':')
            {
                Put(c);
            }
            else if (c < 128)
            {
                Ascii(c);
            }
            else
            {
                Unicode(c);
            }
        }

        return _length;
    }

    private void Ascii(char c)
    {
        switch (c)
        {
            case '\\':
                Command();
                break;
            case '{':
                if (_source[_at..].StartsWith(",}", StringComparison.Ordinal))
                {
                    Put(',');
                    _at += 2;
                }

                break;
            case '}':
                break;
            case '*':
                Stars();
                break;
            case '_':
                Underscores();
                break;
            case '^' when char.IsLetter(Last):
                UnitPower();
                break;
            case '<':
                Put(Peek is '-' or '$' or '+' or '.' || char.IsAsciiLetterOrDigit(Peek) ? ' ' : Unreadable);
                break;
            case '>':
                Put(Last is '\0' or ' ' or Unreadable or '=' or '-' ? Unreadable : ' ');
                break;
            case '^' or '!' or '?' or ';' or '~' or '&':
                Put(c);
                break;
            default:
                Put(' ');
                break;
        }
    }

    private void Unicode(char c)
    {
        switch (c)
        {
            case '\u2212' or '\u2013' or '\uFE63' or '\uFF0D':
                Put('-');
                break;
            case '\u00A0' or '\u2006' or '\u2007' or '\u2009' or '\u200A' or '\u202F':
                Put(Thin);
                break;
            case '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF':
                break;
            case '\u2044':
                Put(Slash);
                break;
            case '\u2215' or '\uFF0F':
                Put('/');
                break;
            case '\u00D7' or '\u22C5' or '\u00B7':
                Put('×');
                break;
            case '\u2248' or '\u2243' or '\u2245' or '\uFF1D':
                Put('=');
                break;
            case '\uFF05':
                Put('%');
                break;
            case '\uFF0C':
                Put(',');
                break;
            case '\uFF0E' or '\u3002':
                Put('.');
                break;
            case '\u00B2' or '\u00B3':
                if (!char.IsLetter(Last))
                {
                    Put('^');
                }

                break;
            case '\u00B0':
                Put(' ');
                break;
            default:
                ByCategory(c);
                break;
        }
    }

    private void ByCategory(char c)
    {
        if (VulgarFractions.Of(c) is var (numerator, denominator) && denominator > 0)
        {
            Put(char.IsAsciiDigit(Last) ? " " : "");
            Put((char)('0' + numerator));
            Put(Slash);
            Put(denominator == 10 ? "10" : ((char)('0' + denominator)).ToString());
            return;
        }

        switch (CharUnicodeInfo.GetUnicodeCategory(c))
        {
            case UnicodeCategory.CurrencySymbol:
                Put('$');
                break;
            case UnicodeCategory.DecimalDigitNumber:
                Put((char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)));
                break;
            case UnicodeCategory.MathSymbol or UnicodeCategory.OtherNumber or UnicodeCategory.LetterNumber:
                Put(Unreadable);
                break;
            case UnicodeCategory.LowercaseLetter when c == 'π':
                Put(Unreadable);
                break;
            case UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter
                or UnicodeCategory.NonSpacingMark or UnicodeCategory.ModifierLetter or UnicodeCategory.TitlecaseLetter:
                Put(c);
                break;
            default:
                Put(c == '‰' ? Unreadable : ' ');
                break;
        }
    }

    /// <summary>One underscore may part digits; round a word it is markdown.</summary>
    private void Underscores()
    {
        var run = 1;
        for (; Peek == '_'; _at++)
        {
            run++;
        }

        if (char.IsAsciiDigit(Last) && char.IsAsciiDigit(Peek))
        {
            Put(run == 1 ? '_' : Unreadable);
        }
    }

    /// <summary>Skips the power of a unit, as in cm^2.</summary>
    private void UnitPower()
    {
        while (Peek is '{' or '-' || char.IsAsciiDigit(Peek))
        {
            _at++;
        }
    }

    private void Stars()
    {
        var run = 1;
        while (Peek == '*')
        {
            run++;
            _at++;
        }

        var before = _target[.._length].TrimEnd(' ');
        var after = _source[_at..].TrimStart(' ');
        var between = before.Length > 0 && char.IsAsciiDigit(before[^1]) && after.Length > 0
            && char.IsAsciiDigit(after[0]);
        if (between)
        {
            Put(run == 1 ? '×' : '^');
        }
    }

    private void Command()
    {
        var start = _at;
        while (char.IsAsciiLetter(Peek))
        {
            _at++;
        }

        if (_at == start)
        {
            Escape(_at < _source.Length ? _source[_at++] : ' ');
            return;
        }

        switch (_source[start.._at])
        {
            case "frac" or "dfrac" or "tfrac" or "cfrac":
                Fraction();
                break;
            case "boxed" or "fbox" or "text" or "textbf" or "textit" or "textrm" or "mathrm" or "mathbf" or "mathit"
                or "operatorname" or "left" or "right" or "displaystyle" or "bigl" or "bigr" or "big":
                break;
            case "times" or "cdot":
                Put('×');
                break;
            case "circ" or "degree":
                _length -= Last == '^' ? 1 : 0;
                Put(' ');
                break;
            case "quad" or "qquad" or "ldots" or "dots":
                Put(' ');
                break;
            case "approx" or "equiv":
                Put('=');
                break;
            default:
                Put(Unreadable);
                break;
        }
    }

    private void Escape(char c)
    {
        switch (c)
        {
            case '$' or '%':
                Put(c);
                break;
            case ',':
                Put(Thin);
                break;
            case '!':
                break;
            case ';' or ':' or ' ' or '(' or ')' or '[' or ']' or '#' or '&' or '_' or '\\':
                Put(' ');
                break;
            default:
                Put(Unreadable);
                break;
        }
    }

    private void Fraction()
    {
        var numerator = Argument();
        var denominator = Argument();
        if (numerator.IsEmpty || denominator.IsEmpty || numerator.ContainsAny('\\', '{')
            || denominator.ContainsAny('\\', '{'))
        {
            Put(Unreadable);
            return;
        }

        Put(char.IsAsciiDigit(Last) ? " " : "");
        Put(numerator);
        Put(Slash);
        Put(denominator);
    }

    /// <summary>A LaTeX argument: what the next braces hold, or the next sign; empty where there is none.</summary>
    private ReadOnlySpan<char> Argument()
    {
        while (Peek == ' ')
        {
            _at++;
        }

        if (_at == _source.Length)
        {
            return [];
        }

        if (_source[_at] != '{')
        {
            return _source.Slice(_at++, 1);
        }

        var close = _source[_at..].IndexOf('}');
        if (close < 0)
        {
            return [];
        }

        var argument = _source.Slice(_at + 1, close - 1).Trim(' ');
        _at += close + 1;
        return argument;
    }

    private readonly char Peek => _at < _source.Length ? _source[_at] : '\0';

    private readonly char Last => _length > 0 ? _target[_length - 1] : '\0';

    private void Put(char c) => _target[_length++] = c;

    private void Put(ReadOnlySpan<char> text)
    {
        text.CopyTo(_target[_length..]);
        _length += text.Length;
    }
}
