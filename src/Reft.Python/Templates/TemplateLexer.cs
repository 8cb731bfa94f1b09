using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Reft.Python.Runtime;
using Reft.Python.Syntax;

namespace Reft.Python.Templates;

/// <summary>
/// Splits a template into tokens. Blanks before a statement or a comment that begins its line, and the line break after one, are no
/// text (<c>lstrip_blocks</c>, <c>trim_blocks</c>): so Transformers sets its environment.
/// </summary>
internal sealed partial class TemplateLexer(TemplateSource source)
{
    private static readonly string[] LongOperators = ["//", "**", "==", "!=", ">=", "<="];
    private const string Operators = "+-/*%~[](){}=.:|,;<>";

    private readonly string _text = source.Text;
    private readonly List<TemplateToken> _tokens = [];
    private readonly Stack<char> _open = [];
    private int _at;

    /// <summary>Whether what was read last ended a line, so that a tag may begin the next.</summary>
    private bool _startsLine = true;

    /// <summary>The tokens, with one of kind <see cref="TemplateTokenKind.End"/> at the end.</summary>
    public List<TemplateToken> Run()
    {
        while (_at < _text.Length)
        {
            Data();
        }

        _tokens.Add(new(TemplateTokenKind.End, "", _text.Length));
        return _tokens;
    }

    /// <summary>Text up to the next tag, and the tag.</summary>
    private void Data()
    {
        var start = _at;
        var open = NextTag(start);
        if (open < 0)
        {
            Add(TemplateTokenKind.Data, _text[start..], start);
            _at = _text.Length;
            return;
        }

        if (Raw().Match(_text, open) is { Success: true } raw)
        {
            Text(start, open, raw.Groups["sign"].Value, true);
            _at = open + raw.Length;
            Verbatim(open);
            return;
        }

        var sign = open + 2 < _text.Length && _text[open + 2] is '-' or '+' ? _text[(open + 2)..(open + 3)] : "";
        var kind = _text[open + 1];
        Text(start, open, sign, kind != '{');
        _at = open + 2 + sign.Length;
        _startsLine = false;
        if (kind == '#')
        {
            Comment(open);
        }
        else
        {
            var isVariable = kind == '{';
            Add(isVariable ? TemplateTokenKind.VariableBegin : TemplateTokenKind.BlockBegin, "", open);
            Inside(isVariable);
        }
    }

    private int NextTag(int from)
    {
        for (var i = _text.IndexOf('{', from); i >= 0 && i + 1 < _text.Length; i = _text.IndexOf('{', i + 1))
        {
            if (_text[i + 1] is '%' or '{' or '#')
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The text before a tag, without what the tag takes away.</summary>
    private void Text(int start, int end, string sign, bool takesIndent)
    {
        var text = _text[start..end];
        if (sign == "-")
        {
            text = Texts.Strip(text, left: false);
        }
        else if (sign != "+" && takesIndent)
        {
            var line = text.LastIndexOf('\n') + 1;
            if ((line > 0 || _startsLine) && text.AsSpan(line).IndexOfAnyExcept(Blanks.All) < 0)
            {
                text = text[..line];
            }
        }

        Add(TemplateTokenKind.Data, text, start);
    }

    /// <summary>What stands between <c>raw</c> and <c>endraw</c>.</summary>
    private void Verbatim(int open)
    {
        _startsLine = _text[_at - 1] == '\n';
        if (EndRaw().Match(_text, _at) is not { Success: true } end)
        {
            throw source.Syntax("Missing end of raw directive", open);
        }

        Text(_at, end.Index, end.Groups["sign"].Value, true);
        Leave(end.Index + end.Length);
    }

    private void Comment(int open)
    {
        var end = _text.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0)
        {
            throw source.Syntax("Missing end of comment tag", open);
        }

        var sign = end > _at ? _text[end - 1] : ' ';
        Leave(sign == '-' ? AfterSpace(end + 2) : sign == '+' ? end + 2 : AfterBreak(end + 2));
    }

    private void Leave(int at)
    {
        _at = at;
        _startsLine = _text[at - 1] == '\n';
    }

    private int AfterBreak(int at) => at < _text.Length && _text[at] == '\n' ? at + 1 : at;

    private int AfterSpace(int at)
    {
        while (at < _text.Length && Texts.IsSpace(_text[at]))
        {
            at++;
        }

        return at;
    }

    /// <summary>The inside of a tag, up to its end.</summary>
    private void Inside(bool isVariable)
    {
        while (true)
        {
            _at = AfterSpace(_at);
            if (_at >= _text.Length)
            {
                return; // The parser says what is missing.
            }

            if (_open.Count == 0 && End(isVariable))
            {
                return;
            }

            if (!Number() && !Name() && !Quoted() && !Operator())
            {
                throw source.Syntax($"unexpected char {Show.Quote(_text[_at..(_at + 1)])}", _at);
            }
        }
    }

    private bool End(bool isVariable)
    {
        var mark = isVariable ? "}}" : "%}";
        var sign = _text[_at] is '-' || (_text[_at] is '+' && !isVariable) ? _text[_at] : ' ';
        var at = sign == ' ' ? _at : _at + 1;
        if (string.CompareOrdinal(_text, at, mark, 0, 2) != 0)
        {
            return false;
        }

        Add(isVariable ? TemplateTokenKind.VariableEnd : TemplateTokenKind.BlockEnd, "", _at);
        Leave(sign == '-' ? AfterSpace(at + 2) : sign == '+' || isVariable ? at + 2 : AfterBreak(at + 2));
        return true;
    }

    private bool Number()
    {
        if (!char.IsAsciiDigit(_text[_at]))
        {
            return false;
        }

        // "a.1.2" are two places, not one number.
        if ((_at == 0 || _text[_at - 1] != '.') && Float().Match(_text, _at) is { Success: true } real)
        {
            Add(TemplateTokenKind.Number, real.Value, _at, double.Parse(Digits(real), CultureInfo.InvariantCulture));
            _at += real.Length;
            return true;
        }

        var whole = Integer().Match(_text, _at); // A digit begins one at least.
        Add(TemplateTokenKind.Number, whole.Value, _at, Ints.Box(Value(Digits(whole))));
        _at += whole.Length;
        return true;
    }

    private static string Digits(Match match) => match.Value.Replace("_", "", StringComparison.Ordinal);

    private static BigInteger Value(string digits)
    {
        var radix = digits.Length > 1 && digits[0] == '0' ? char.ToLowerInvariant(digits[1]) switch { 'b' => 2, 'o' => 8, 'x' => 16, _ => 10 } : 10;
        return radix == 10
            ? BigInteger.Parse(digits, CultureInfo.InvariantCulture)
            : digits[2..].Aggregate(BigInteger.Zero, (sum, digit) => (sum * radix) + Convert.ToInt32(digit.ToString(), 16));
    }

    private bool Name()
    {
        var end = _at;
        while (end < _text.Length && (_text[end] == '_' || char.IsLetterOrDigit(_text[end])
            || CharUnicodeInfo.GetUnicodeCategory(_text[end]) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark))
        {
            end++;
        }

        if (end == _at)
        {
            return false;
        }

        if (!char.IsLetter(_text[_at]) && _text[_at] != '_')
        {
            throw source.Syntax("Invalid character in identifier", _at);
        }

        Add(TemplateTokenKind.Name, _text[_at..end], _at);
        _at = end;
        return true;
    }

    private bool Quoted()
    {
        var quote = _text[_at];
        if (quote is not ('\'' or '"'))
        {
            return false;
        }

        var end = _at + 1;
        while (end < _text.Length && _text[end] != quote)
        {
            end += _text[end] == '\\' ? 2 : 1;
        }

        if (end >= _text.Length)
        {
            throw source.Syntax($"unexpected char {Show.Quote(quote.ToString())}", _at);
        }

        try
        {
            Add(TemplateTokenKind.Text, _text[_at..(end + 1)], _at, Escapes.Decode(_text[(_at + 1)..end], 1));
        }
        catch (SyntaxException error)
        {
            throw source.Syntax(error.Message, _at);
        }

        _at = end + 1;
        return true;
    }

    private bool Operator()
    {
        var length = Array.Exists(LongOperators, o => string.CompareOrdinal(_text, _at, o, 0, 2) == 0) ? 2
            : Operators.Contains(_text[_at], StringComparison.Ordinal) ? 1
            : 0;
        if (length == 0)
        {
            return false;
        }

        var sign = _text[_at..(_at + length)];
        switch (sign)
        {
            case "(":
                _open.Push(')');
                break;
            case "[":
                _open.Push(']');
                break;
            case "{":
                _open.Push('}');
                break;
            case ")" or "]" or "}":
                if (!_open.TryPop(out var wanted))
                {
                    throw source.Syntax($"unexpected '{sign}'", _at);
                }

                if (wanted != sign[0])
                {
                    throw source.Syntax($"unexpected '{sign}', expected '{wanted}'", _at);
                }

                break;
        }

        Add(TemplateTokenKind.Operator, sign, _at);
        _at += length;
        return true;
    }

    private void Add(TemplateTokenKind kind, string text, int at, object? value = null)
    {
        if (kind != TemplateTokenKind.Data || text.Length > 0)
        {
            _tokens.Add(new(kind, text, at, value));
        }
    }

    [GeneratedRegex(@"\G\{%(?<sign>[-+]?)\s*raw\s*(?:-%\}\s*|%\})")]
    private static partial Regex Raw();

    [GeneratedRegex(@"\{%(?<sign>[-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)")]
    private static partial Regex EndRaw();

    [GeneratedRegex(@"\G(?:0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|[1-9](?:_?[0-9])*|0(?:_?0)*)")]
    private static partial Regex Integer();

    [GeneratedRegex(@"\G(?:[0-9]+_)*[0-9]+(?:(?:\.(?:[0-9]+_)*[0-9]+)?[eE][+-]?(?:[0-9]+_)*[0-9]+|\.(?:[0-9]+_)*[0-9]+)")]
    private static partial Regex Float();
}

/// <summary>The characters that Python takes for white space.</summary>
internal static class Blanks
{
    public static readonly System.Buffers.SearchValues<char> All = System.Buffers.SearchValues.Create(
        [.. Enumerable.Range(0, 0x10000).Select(c => (char)c).Where(Texts.IsSpace)]);
}
