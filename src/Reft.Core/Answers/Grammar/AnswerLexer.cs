using System.Buffers;
using System.Globalization;
using System.Numerics;

namespace Reft.Answers.Grammar;

/// <summary>
/// Parts an answer into tokens: one pass, one spelling for each sign whatever its script, LaTeX or markdown. What it does
/// not know stops it.
/// </summary>
/// <param name="text">The answer.</param>
/// <param name="tokens">Where the tokens go; one more than the text has characters is enough.</param>
internal ref struct AnswerLexer(ReadOnlySpan<char> text, Span<AnswerToken> tokens)
{
    /// <summary>The most digits of a number.</summary>
    public const int MaxDigits = 400;

    private const int MaxDepth = 30;

    private static readonly SearchValues<char> _runLetters = SearchValues.Create("abcxyz");

    private readonly ReadOnlySpan<char> _text = text;
    private readonly Span<AnswerToken> _tokens = tokens;
    private readonly bool _dollarsPair = DollarsPair(text);
    private int _at;
    private int _count;
    private int _emphasis;
    private int _underscores;

    // Open braces, the innermost in the lowest bits: 1 for an argument's or a text's, 0 for one that groups or makes a set.
    private ulong _braces;
    private int _depth;
    private int _brackets;
    private ulong _hidden;
    private ulong _upright;

    /// <summary>What stopped the lexer; null where the whole text was understood.</summary>
    public string? Stop { get; private set; }

    /// <summary>Fills the tokens and returns how many there are, the end not counted.</summary>
    public int Run()
    {
        var spaced = true;
        while (_at < _text.Length && Stop is null)
        {
            var (start, before) = (_at, _count);
            Token();
            if (_count > before)
            {
                _tokens[before] = _tokens[before] with { IsGlued = !spaced, IsUpright = _upright != 0 };
                spaced = false;
            }
            else
            {
                spaced |= _text[start] is ' ' or '\\' || char.IsWhiteSpace(_text[start]);
            }
        }

        if (Stop is null && (_depth > 0 || (_emphasis & 1) != 0 || (_underscores & 1) != 0))
        {
            Stop = _depth > 0 ? "a brace that is not closed" : "emphasis that is not closed";
        }

        _tokens[_count] = new AnswerToken(TokenKind.End, _text.Length, _text.Length);
        return _count;
    }

    private void Token()
    {
        var c = _text[_at];
        if (char.IsDigit(c) || (c == '.' && char.IsDigit(At(_at + 1)) && !char.IsLetterOrDigit(At(_at - 1))))
        {
            Number();
        }
        else if (char.IsLetter(c))
        {
            Word();
        }
        else if (c == '\\')
        {
            Command();
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

    private void Ascii(char c)
    {
        switch (c)
        {
            case ' ' or '\t' or '\n' or '\r' or '\v' or '\f' or (>= '\u001c' and <= '\u001f') or '`' or '"':
                _at++;
                break;
            case '$':
                if (_dollarsPair)
                {
                    _at++;
                }
                else
                {
                    Put('$');
                }

                break;
            case '{' or '}':
                Brace(c);
                break;
            case '(' or '[':
                _brackets++;
                Put(c);
                break;
            case ')' or ']':
                _brackets = Math.Max(_brackets - 1, 0);
                Put(c);
                break;
            case '*':
                Stars();
                break;
            case '_':
                Underscore();
                break;
            case '^':
                if (SkipCircle())
                {
                    Put('°', 0);
                }
                else
                {
                    Put('^');
                }

                break;
            case '+' when Follows("+/-"):
                Put('±', 3);
                break;
            case '+' when Follows("+-"):
                Put('±', 2);
                break;
            case '<' when Follows("<=") && !Follows("<=>"):
            case '=' when Follows("=<"):
                Put('≤', 2);
                break;
            case '>' when Follows(">="):
                Put('≥', 2);
                break;
            case '!' when Follows("!="):
                Put('≠', 2);
                break;
            case '=' when Follows("==") && At(_at + 2) != '=':
                Put('=', 2);
                break;
            case '=' when At(_at + 1) is '>' or '=':
                Stop = "an arrow";
                break;
            case '-' when At(_at + 1) == '>':
                Stop = "an arrow";
                break;
            case '-' when IsHyphen():
                _at++;
                break;
            case '?':
                Stop = "a question, not an answer";
                break;
            case '+' or '-' or '/' or '|' or ',' or ';' or ':' or '.' or '!' or '%' or '=' or '<' or '>' or '#' or '~':
                Put(c);
                break;
            default:
                Unknown(c);
                break;
        }
    }

    private void Unicode(char c)
    {
        switch (c)
        {
            case '−' or '‐' or '‑' or '‒' or '–' or '﹣' or '－':
                if (IsHyphen())
                {
                    _at++;
                }
                else
                {
                    Put('-');
                }

                break;
            case '＋':
                Put('+');
                break;
            case '×' or '⋅' or '·' or '∙' or '∗':
                Put('*');
                break;
            case '÷' or '∕' or '／' or '⁄':
                Put('/');
                break;
            case '≈' or '≃' or '≅':
                Put('≈');
                break;
            case '＝':
                Put('=');
                break;
            case '≤' or '⩽' or '≦':
                Put('≤');
                break;
            case '≥' or '⩾' or '≧':
                Put('≥');
                break;
            case '＜':
                Put('<');
                break;
            case '＞':
                Put('>');
                break;
            case '≠' or '±' or '°' or '√' or '∞' or '∪' or '∈':
                Put(c);
                break;
            case '％':
                Put('%');
                break;
            case '，' or '、':
                Put(',');
                break;
            case '；':
                Put(';');
                break;
            case '：':
                Put(':');
                break;
            case '．' or '。':
                Put('.');
                break;
            case '（':
                _brackets++;
                Put('(');
                break;
            case '）':
                _brackets = Math.Max(_brackets - 1, 0);
                Put(')');
                break;
            case '“' or '”' or '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF':
                _at++;
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
            Put(new AnswerToken(TokenKind.Vulgar, _at, _at + 1) { Value = new Rational(numerator, denominator) }, 1);
        }
        else if (Raised(c) is not null)
        {
            Superscript();
        }
        else if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.CurrencySymbol)
        {
            Put('$');
        }
        else if (char.IsWhiteSpace(c))
        {
            _at++;
        }
        else
        {
            Unknown(c);
        }
    }

    private void Unknown(char c) =>
        Stop = string.Create(CultureInfo.InvariantCulture, $"the sign '{c}' (U+{(int)c:X4}) is not understood");

    private void Superscript()
    {
        var start = _at;
        var negative = Raised(_text[_at]) == '-';
        _at += negative ? 1 : 0;
        long exponent = 0;
        var first = _at;
        for (; Raised(At(_at)) is { } digit && digit != '-'; _at++)
        {
            exponent = Math.Min((exponent * 10) + digit - '0', 100_000);
        }

        if (_at == first || Raised(At(_at)) is not null)
        {
            Unknown(_text[start]);
            return;
        }

        Put(new AnswerToken(TokenKind.Superscript, start, _at) { Value = (BigInteger)(negative ? -exponent : exponent) }, 0);
    }

    private static char? Raised(char c) => c switch
    {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        >= '⁴' and <= '⁹' => (char)('4' + (c - '⁴')),
        '⁻' => '-',
        _ => null,
    };

    private void Word()
    {
        var start = _at;
        if (Lexicon.EastAsianScale(_text[_at]).Sign > 0)
        {
            _at++;
        }
        else
        {
            while (IsLetter(_at) && (_at == start || Lexicon.EastAsianScale(_text[_at]).Sign == 0))
            {
                _at++;
                if (At(_at) is '\'' or '’' && char.IsLetter(At(_at + 1)))
                {
                    _at++;
                }
            }
        }

        Put(new AnswerToken(TokenKind.Word, start, _at), 0);
    }

    private readonly bool IsLetter(int i) => char.IsLetter(At(i)) || (i > 0 && i < _text.Length
        && CharUnicodeInfo.GetUnicodeCategory(_text[i]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);

    /// <summary>A hyphen joins two words; between unknowns, functions and commands it is a minus.</summary>
    private readonly bool IsHyphen()
    {
        var (start, end) = (_at, _at + 1);
        while (char.IsLetter(At(start - 1)))
        {
            start--;
        }

        while (char.IsLetter(At(end)))
        {
            end++;
        }

        return IsPlainWord(_text[start.._at]) && IsPlainWord(_text[Math.Min(_at + 1, end)..end]) && At(start - 1) != '\\';
    }

    private static bool IsPlainWord(ReadOnlySpan<char> word) => word.Length > 1
        && word.IndexOfAnyExcept(_runLetters) >= 0 && !Lexicon.Of(word).Is(WordRole.Function);

    /// <summary>
    /// A run of stars between operands is a product or a power where spaces stand on both sides or on neither; elsewhere it
    /// is emphasis.
    /// </summary>
    private void Stars()
    {
        var start = _at;
        while (At(_at) == '*')
        {
            _at++;
        }

        var run = _at - start;
        var before = _count > 0 && EndsOperand(_tokens[_count - 1]);
        var next = _at;
        while (At(next) == ' ')
        {
            next++;
        }

        var after = char.IsLetterOrDigit(At(next)) || At(next) is '(' or '\\' or '-' or '$'
            || (At(next) == '.' && char.IsDigit(At(next + 1)));
        var spacedBefore = At(start - 1) is ' ' or '\0';
        if (before && after && spacedBefore == (next > _at) && run <= 2)
        {
            Put(new AnswerToken(TokenKind.Sign, start, _at) { Sign = run == 1 ? '*' : '^' }, 0);
        }
        else
        {
            _emphasis++;
        }
    }

    private void Underscore()
    {
        var start = _at;
        while (At(_at) == '_')
        {
            _at++;
        }

        var before = _count > 0 && _tokens[_count - 1].End == start && EndsOperand(_tokens[_count - 1]);
        if (before && (char.IsLetterOrDigit(At(_at)) || At(_at) is '{' or '\\'))
        {
            if (_at - start > 1)
            {
                Stop = "two underscores inside a number";
                return;
            }

            Put(new AnswerToken(TokenKind.Sign, start, _at) { Sign = '_' }, 0);
        }
        else
        {
            _underscores++;
        }
    }

    private static bool EndsOperand(AnswerToken token) => token.Kind is TokenKind.Number or TokenKind.Word or TokenKind.Vulgar
        or TokenKind.Superscript || token is { Kind: TokenKind.Sign, Sign: ')' or ']' or '|' or '!' or '}' }
        || token.Kind == TokenKind.Command;

    private void Brace(char c)
    {
        if (c == '{')
        {
            Open(isHidden: false, isArgument: _count > 0 && _tokens[_count - 1] is { Kind: TokenKind.Command }
                or { Kind: TokenKind.Sign, Sign: '^' or '_' or '}' } or { Kind: TokenKind.Sign, Sign: ']' });
            return;
        }

        if (_depth == 0)
        {
            Stop = "a brace that was not opened";
            return;
        }

        _depth--;
        var isHidden = (_hidden & 1) != 0;
        _brackets -= (_braces & 1) == 0 && _brackets > 0 ? 1 : 0;
        _braces >>= 1;
        _hidden >>= 1;
        _upright >>= 1;
        if (isHidden)
        {
            _at++;
        }
        else
        {
            Put('}');
        }
    }

    private void Open(bool isHidden, bool isArgument, bool isUpright = false)
    {
        if (_depth == MaxDepth)
        {
            Stop = "braces too deep";
            return;
        }

        _depth++;
        _braces = (_braces << 1) | (isHidden || isArgument ? 1u : 0u);
        _hidden = (_hidden << 1) | (isHidden ? 1u : 0u);
        _upright = (_upright << 1) | (isUpright ? 1u : 0u);
        _brackets += isHidden || isArgument ? 0 : 1;
        if (isHidden)
        {
            _at++;
        }
        else
        {
            Put('{');
        }
    }

    private void Command()
    {
        var start = _at + 1;
        var end = start;
        while (char.IsAsciiLetter(At(end)))
        {
            end++;
        }

        if (end == start)
        {
            Escape();
            return;
        }

        var name = _text[start..end];
        switch (name)
        {
            case "left" or "right" or "displaystyle" or "bigl" or "bigr" or "big" or "Big" or "Bigl" or "Bigr" or "limits" or "quad"
                or "qquad" or "bf" or "rm" or "it":
                _at = end;
                break;
            case "text" or "textbf" or "textit" or "textrm" or "textnormal" or "mathrm" or "mathbf" or "mathit" or "mathsf"
                or "operatorname" or "boxed" or "fbox" or "framebox" or "mbox" or "hbox":
                _at = end;
                while (At(_at) == ' ')
                {
                    _at++;
                }

                if (At(_at) == '{')
                {
                    Open(isHidden: true, isArgument: true, isUpright: name is not ("boxed" or "fbox" or "framebox"));
                }
                else
                {
                    Stop = $"\\{name} without braces";
                }

                break;
            case "times" or "cdot" or "ast":
                Sign('*', end);
                break;
            case "div":
                Sign('/', end);
                break;
            case "pm":
                Sign('±', end);
                break;
            case "le" or "leq" or "leqslant":
                Sign('≤', end);
                break;
            case "ge" or "geq" or "geqslant":
                Sign('≥', end);
                break;
            case "ne" or "neq":
                Sign('≠', end);
                break;
            case "lt":
                Sign('<', end);
                break;
            case "gt":
                Sign('>', end);
                break;
            case "approx" or "simeq" or "cong":
                Sign('≈', end);
                break;
            case "cup":
                Sign('∪', end);
                break;
            case "in":
                Sign('∈', end);
                break;
            case "infty":
                Sign('∞', end);
                break;
            case "circ" or "degree":
                Sign('°', end);
                break;
            case "lvert" or "rvert" or "vert" or "mid":
                Sign('|', end);
                break;
            case "pi" or "ln" or "log" or "sin" or "cos" or "tan" or "cot" or "sec" or "csc" or "arcsin" or "arccos" or "arctan"
                or "alpha" or "beta" or "gamma" or "delta" or "theta" or "lambda" or "mu" or "omega" or "phi" or "rho" or "sigma":
                Put(new AnswerToken(TokenKind.Word, start, end), end - _at);
                break;
            case "frac" or "dfrac" or "tfrac" or "cfrac" or "sqrt":
                Put(new AnswerToken(TokenKind.Command, start, end), end - _at);
                break;
            default:
                Stop = $"the command \\{Excerpt.Of(name)} is not understood";
                break;
        }
    }

    private void Sign(char sign, int end) => Put(sign, end - _at);

    private void Escape()
    {
        var c = At(_at + 1);
        switch (c)
        {
            case '%':
                Put('%', 2);
                break;
            case '$':
                Put('$', 2);
                break;
            case '{':
                _brackets++;
                Put('{', 2);
                break;
            case '}':
                _brackets = Math.Max(_brackets - 1, 0);
                Put('}', 2);
                break;
            case '|':
                Put('|', 2);
                break;
            case ',' or '!' or ';' or ':' or ' ' or '(' or ')' or '[' or ']' or '>':
                _at += 2;
                break;
            default:
                Stop = $"the command \\{c} is not understood";
                break;
        }
    }

    /// <summary>Reads digits: thousands, decimals, an exponent.</summary>
    private void Number()
    {
        var start = _at;
        Span<char> digits = stackalloc char[MaxDigits + 1];
        var count = 0;
        var isDigits = Whole(digits, ref count);
        var places = -1;
        if (Stop is null && At(_at) == '.' && (char.IsDigit(At(_at + 1)) || _at == start || IsRecurring(_at + 1)))
        {
            isDigits = false;
            places = 0;
            _at++;
            for (; char.IsDigit(At(_at)); _at++)
            {
                places++;
                Keep(digits, ref count);
            }

            if (At(_at) is '.' or ',' or '\'' && char.IsDigit(At(_at + 1)))
            {
                Stop ??= "a number that goes on after its decimals";
            }
        }

        if (places >= 0 && Stop is null && IsRecurring(_at) && (places == 0 || At(_at) == '\\'))
        {
            Recurring(start, digits[..count], places);
            return;
        }

        var exponent = -Math.Max(places, 0);
        if (At(_at) is 'e' or 'E' && char.IsAsciiDigit(At(_at + (At(_at + 1) is '+' or '-' ? 2 : 1))))
        {
            isDigits = false;
            _at++;
            exponent += Exponent();
        }

        if (Stop is not null)
        {
            return;
        }

        var mantissa = BigInteger.Parse(digits[..count], NumberStyles.None, CultureInfo.InvariantCulture);
        var value = exponent >= 0
            ? mantissa * BigInteger.Pow(10, exponent)
            : new Rational(mantissa, BigInteger.Pow(10, -exponent));
        Put(new AnswerToken(TokenKind.Number, start, _at) { Value = value, IsDigits = isDigits, Places = places }, 0);
    }

    /// <summary>Whether <c>\overline{3}</c> or <c>(3)</c> follows, the decimals that recur.</summary>
    private readonly bool IsRecurring(int at)
    {
        var rest = at < _text.Length ? _text[at..] : [];
        var open = rest.StartsWith("\\overline{", StringComparison.Ordinal) ? 10 : rest.StartsWith("(", StringComparison.Ordinal) ? 1 : 0;
        var close = open > 0 ? rest.IndexOfAny('}', ')') : -1;
        return close > open && rest[close] == (open == 1 ? ')' : '}') && rest[open..close].IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private void Recurring(int start, scoped ReadOnlySpan<char> digits, int places)
    {
        var open = _at + (_text[_at] == '(' ? 1 : 10);
        var size = _text[open..].IndexOfAny('}', ')');
        if (digits.Length + size > MaxDigits)
        {
            Stop = $"a number of more than {MaxDigits} digits";
            return;
        }

        var whole = digits.Length == 0 ? 0 : BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        var period = BigInteger.Parse(_text.Slice(open, size), NumberStyles.None, CultureInfo.InvariantCulture);
        var nines = BigInteger.Pow(10, size) - 1;
        _at = open + size + 1;
        Put(
            new AnswerToken(TokenKind.Number, start, _at)
            {
                Value = new Rational((whole * nines) + period, nines * BigInteger.Pow(10, places)),
                Places = 0,
            },
            0);
    }

    /// <summary>Digits, with thousands parted; whether they are digits alone.</summary>
    private bool Whole(scoped Span<char> digits, ref int count)
    {
        var start = _at;
        for (; char.IsDigit(At(_at)); _at++)
        {
            Keep(digits, ref count);
        }

        var size = _at - start;
        var kind = Separator(_at, out var length);
        if (kind == '\0' || size == 0)
        {
            return true;
        }

        // A thin space that parts no thousands is a space; an underscore may write a base.
        if (!IsGroup(_at + length) && kind != ',')
        {
            return true;
        }

        if (kind != '_' && (size > 3 || At(start) == '0'))
        {
            Stop = "thousands not in groups of three";
            return false;
        }

        while (Separator(_at, out length) is var next && next != '\0')
        {
            if (next != kind || !IsGroup(_at + length))
            {
                Stop = "thousands not in groups of three";
                return false;
            }

            _at += length;
            for (var end = _at + 3; _at < end; _at++)
            {
                Keep(digits, ref count);
            }
        }

        return false;
    }

    /// <summary>What parts thousands here, followed by a digit: a comma outside brackets, a thin space, an underscore.</summary>
    private readonly char Separator(int at, out int length)
    {
        var rest = at < _text.Length ? _text[at..] : [];
        (var kind, length) = rest switch
        {
            [',', '\\', '!', ..] => (',', 3),
            [',', ..] when _brackets == 0 => (',', 1),
            ['{', ',', '}', ..] => ('{', 3),
            ['\\', ',', ..] => (' ', 2),
            ['_', ..] => ('_', 1),
            ['\u00A0' or '\u2006' or '\u2007' or '\u2009' or '\u200A' or '\u202F', ..] => (' ', 1),
            _ => ('\0', 0),
        };
        while (kind == ',' && length >= 3 && At(at + length) == ' ')
        {
            length++;
        }

        return char.IsDigit(At(at + length)) ? kind : '\0';
    }

    private readonly bool IsGroup(int at) => char.IsDigit(At(at)) && char.IsDigit(At(at + 1)) && char.IsDigit(At(at + 2))
        && !char.IsDigit(At(at + 3)) && At(at + 3) is not ('/' or '⁄');

    private void Keep(scoped Span<char> digits, ref int count)
    {
        if (count == MaxDigits)
        {
            Stop = $"a number of more than {MaxDigits} digits";
            return;
        }

        var c = _text[_at];
        digits[count++] = char.IsAsciiDigit(c) ? c : (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c));
    }

    private int Exponent()
    {
        var negative = At(_at) == '-';
        _at += At(_at) is '+' or '-' ? 1 : 0;
        var exponent = 0;
        for (; char.IsAsciiDigit(At(_at)); _at++)
        {
            exponent = Math.Min((exponent * 10) + (_text[_at] - '0'), 10 * MaxDigits);
        }

        if (exponent > MaxDigits)
        {
            Stop = $"an exponent beyond {MaxDigits}";
            return 0;
        }

        return negative ? -exponent : exponent;
    }

    /// <summary>Skips <c>^\circ</c> and <c>^{\circ}</c>.</summary>
    private bool SkipCircle()
    {
        foreach (var circle in (ReadOnlySpan<string>)["^\\circ", "^{\\circ}", "^°"])
        {
            if (_text[_at..].StartsWith(circle, StringComparison.Ordinal))
            {
                _at += circle.Length;
                return true;
            }
        }

        return false;
    }

    private readonly bool Follows(string sign) => _text[_at..].StartsWith(sign, StringComparison.Ordinal);

    /// <summary>Whether dollar signs stand in pairs, as round LaTeX; else they are money.</summary>
    private static bool DollarsPair(ReadOnlySpan<char> text)
    {
        var count = 0;
        for (var i = text.IndexOf('$'); i >= 0 && i < text.Length; i++)
        {
            count += text[i] == '$' && (i == 0 || text[i - 1] != '\\') ? 1 : 0;
        }

        return (count & 1) == 0;
    }

    private readonly char At(int i) => (uint)i < (uint)_text.Length ? _text[i] : '\0';

    private void Put(char sign, int length = 1) =>
        Put(new AnswerToken(TokenKind.Sign, _at, _at + length) { Sign = sign }, length);

    private void Put(AnswerToken token, int length)
    {
        _tokens[_count++] = token;
        _at += length;
    }
}
