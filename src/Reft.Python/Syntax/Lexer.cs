using System.Collections.Frozen;
using System.Globalization;
using System.Numerics;
using Reft.Python.Library;
using Reft.Python.Runtime;

namespace Reft.Python.Syntax;

/// <summary>Cuts source text into tokens, by the rules of CPython 3.11's tokenizer.</summary>
internal sealed class Lexer(string source, Vm vm, int firstLine = 1)
{
    private static readonly FrozenDictionary<string, TokenKind> Keywords =
        Enumerable.Range((int)TokenKind.And, TokenKind.Yield - TokenKind.And + 1)
            .ToFrozenDictionary(
                kind => (TokenKind)kind is TokenKind.True or TokenKind.False or TokenKind.None
                    ? ((TokenKind)kind).ToString()
                    : ((TokenKind)kind).ToString().ToLowerInvariant(),
                kind => (TokenKind)kind,
                StringComparer.Ordinal);

    private readonly FrozenDictionary<string, TokenKind>.AlternateLookup<ReadOnlySpan<char>> _keywords =
        Keywords.GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly List<Token> _tokens = new(Math.Min(source.Length / 4, 4096) + 8);
    private readonly List<int> _brackets = [];
    private readonly List<(int Column, int Narrow)> _indents = [(0, 0)];
    private int _at;
    private int _line = firstLine;

    /// <summary>The tokens of a whole file, with its indentation.</summary>
    public List<Token> File()
    {
        if (source.StartsWith('\ufeff'))
        {
            _at = 1;
        }

        while (_at < source.Length)
        {
            Line();
        }

        if (_brackets.Count > 0)
        {
            throw Error("a bracket was never closed");
        }

        if (_tokens.Count > 0 && _tokens[^1].Kind != TokenKind.Newline)
        {
            Add(TokenKind.Newline, _at);
        }

        for (var i = 1; i < _indents.Count; i++)
        {
            Add(TokenKind.Dedent, _at);
        }

        Add(TokenKind.End, _at);
        return _tokens;
    }

    /// <summary>The tokens of one expression that may span lines: what stands in braces in a formatted string.</summary>
    public List<Token> Expression()
    {
        _brackets.Add(-1);
        while (SkipBlank())
        {
            Scan();
        }

        Add(TokenKind.End, _at);
        return _tokens;
    }

    private SyntaxException Error(string message, string kind = "SyntaxError") => new(message, _line, kind);

    private char Peek(int ahead = 0) => _at + ahead < source.Length ? source[_at + ahead] : '\0';

    private void Add(TokenKind kind, int start, object? value = null) =>
        _tokens.Add(new Token { Kind = kind, Start = start, Length = _at - start, Line = _line, Value = value });

    private void Line()
    {
        var column = 0;
        var narrow = 0;
        for (; ; _at++)
        {
            var c = Peek();
            if (c == ' ')
            {
                column++;
                narrow++;
            }
            else if (c == '\t')
            {
                column = (column / 8 * 8) + 8;
                narrow++;
            }
            else if (c == '\f')
            {
                column = narrow = 0;
            }
            else
            {
                break;
            }
        }

        var next = Peek();
        if (next is '#' or '\n' or '\r' || _at >= source.Length)
        {
            SkipComment();
            NewLine();
            return;
        }

        if (next == '\\' && IsContinuation())
        {
            throw new UnsupportedException("a line that is only a continuation");
        }

        Indentation(column, narrow);
        vm.Tick();
        while (SkipBlank())
        {
            if (_brackets.Count == 0 && Peek() is '\n' or '\r')
            {
                Add(TokenKind.Newline, _at);
                NewLine();
                return;
            }

            Scan();
        }
    }

    private void Indentation(int column, int narrow)
    {
        var (last, lastNarrow) = _indents[^1];
        if (column == last)
        {
            if (narrow != lastNarrow)
            {
                throw Error("inconsistent use of tabs and spaces in indentation", "TabError");
            }
        }
        else if (column > last)
        {
            if (narrow <= lastNarrow)
            {
                throw Error("inconsistent use of tabs and spaces in indentation", "TabError");
            }

            if (_indents.Count >= 100)
            {
                throw Error("too many levels of indentation", "IndentationError");
            }

            _indents.Add((column, narrow));
            Add(TokenKind.Indent, _at);
        }
        else
        {
            while (_indents[^1].Column > column)
            {
                _indents.RemoveAt(_indents.Count - 1);
                Add(TokenKind.Dedent, _at);
            }

            if (_indents[^1].Column != column)
            {
                throw Error("unindent does not match any outer indentation level", "IndentationError");
            }

            if (_indents[^1].Narrow != narrow)
            {
                throw Error("inconsistent use of tabs and spaces in indentation", "TabError");
            }
        }
    }

    private bool IsContinuation() => Peek(1) == '\n' || (Peek(1) == '\r' && Peek(2) == '\n');

    private void SkipComment()
    {
        if (Peek() == '#')
        {
            while (_at < source.Length && Peek() is not ('\n' or '\r'))
            {
                _at++;
            }
        }
    }

    private void NewLine()
    {
        if (Peek() == '\r')
        {
            _at++;
            if (Peek() == '\n')
            {
                _at++;
            }

            _line++;
        }
        else if (Peek() == '\n')
        {
            _at++;
            _line++;
        }
    }

    /// <summary>Skips blanks, comments and joined lines; false at the end of the text.</summary>
    private bool SkipBlank()
    {
        while (_at < source.Length)
        {
            var c = source[_at];
            if (c is ' ' or '\t' or '\f')
            {
                _at++;
            }
            else if (c == '#')
            {
                SkipComment();
            }
            else if (c is '\n' or '\r' && _brackets.Count > 0)
            {
                NewLine();
            }
            else if (c == '\\')
            {
                if (!IsContinuation())
                {
                    throw Error("unexpected character after line continuation character");
                }

                _at++;
                NewLine();
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private void Scan()
    {
        var start = _at;
        var c = source[_at];
        if (char.IsAsciiLetter(c) || c == '_' || c > 127)
        {
            Word();
        }
        else if (char.IsAsciiDigit(c) || (c == '.' && char.IsAsciiDigit(Peek(1))))
        {
            Number();
        }
        else if (c is '"' or '\'')
        {
            Text(start, "");
        }
        else
        {
            Operator();
        }
    }

    private void Word()
    {
        var start = _at;
        while (_at < source.Length && (char.IsAsciiLetterOrDigit(source[_at]) || source[_at] == '_' || source[_at] > 127))
        {
            if (source[_at] > 127 && !char.IsLetterOrDigit(source[_at]))
            {
                throw Error(FormattableString.Invariant($"invalid character (U+{(int)source[_at]:X4})"));
            }

            _at++;
        }

        var span = source.AsSpan(start, _at - start);
        if (span.Length <= 2 && Peek() is '"' or '\'' && IsPrefix(span))
        {
            Text(start, span.ToString().ToLowerInvariant());
            return;
        }

        if (_keywords.TryGetValue(span, out var keyword))
        {
            if (keyword == TokenKind.For && _brackets.Count > 0 && _brackets[^1] >= 0)
            {
                System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_tokens)[_brackets[^1]].HoldsFor = true;
            }

            Add(keyword, start);
            return;
        }

        if (!System.Text.Ascii.IsValid(span))
        {
            CheckName(span);
        }

        Add(TokenKind.Name, start, span.ToString());
    }

    /// <summary>
    /// Python folds names (NFKC). Letters that folding leaves alone pass; others would need its tables, and are refused.
    /// </summary>
    private void CheckName(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            var isPlain = char.IsAscii(c) || (char.IsLetter(c) && c switch
            {
                < '\u0250' => c is not ('\u00aa' or '\u00b5' or '\u00ba' or '\u0132' or '\u0133' or '\u013f' or '\u0140'
                    or '\u0149' or '\u017f' or (>= '\u01c4' and <= '\u01cc') or (>= '\u01f1' and <= '\u01f3')),
                < '\u0370' => false,
                < '\u0530' => c is not ((>= '\u0374' and <= '\u037e') or '\u0387' or (>= '\u03d0' and <= '\u03d6')
                    or (>= '\u03f0' and <= '\u03f2') or '\u03f4' or '\u03f5' or '\u03f9'),
                >= '\u1e00' and < '\u1eff' => c is not (>= '\u1e9a' and <= '\u1e9b'),
                (>= '\u3041' and <= '\u3096') or (>= '\u30a1' and <= '\u30fa') => true,
                (>= '\u3400' and <= '\u4dbf') or (>= '\u4e00' and <= '\u9fff') or (>= '\uac00' and <= '\ud7a3') => true,
                _ => false,
            });
            if (isPlain)
            {
                continue;
            }

            throw char.IsLetterOrDigit(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) is
                UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
                ? new UnsupportedException($"name '{name}' (letters that Python folds)")
                : Error(FormattableString.Invariant($"invalid character '{c}' (U+{(int)c:X4})"));
        }
    }

    private static bool IsPrefix(ReadOnlySpan<char> word)
    {
        foreach (var c in word)
        {
            if (char.ToLowerInvariant(c) is not ('r' or 'f' or 'b' or 'u'))
            {
                return false;
            }
        }

        return word.Length == 1 || (word.IndexOfAny('u', 'U') < 0 && word.IndexOfAny('r', 'R') >= 0
            && char.ToLowerInvariant(word[0]) != char.ToLowerInvariant(word[1]));
    }

    private void Number()
    {
        var start = _at;
        var radix = source[_at] == '0' ? char.ToLowerInvariant(Peek(1)) : '\0';
        if (radix is 'x' or 'o' or 'b')
        {
            _at += 2;
            Digits(char.IsAsciiLetterOrDigit);
            var digits = NumberText.WithoutUnderscores(source[start.._at].Replace("_", "", StringComparison.Ordinal));
            var raw = source[(start + 2).._at];
            if (raw.EndsWith('_') || raw.Contains("__", StringComparison.Ordinal))
            {
                throw Error("invalid number");
            }

            var value = digits!.Length > 2 // no underscores are left, so the text is not null
                ? NumberText.ToInt(vm, digits, 0)
                : null;
            Add(TokenKind.Number, start, Ints.Box(value ?? throw Error("invalid number")));
            return;
        }

        Digits(char.IsAsciiDigit);
        var real = false;
        if (Peek() == '.')
        {
            real = true;
            _at++;
            Digits(char.IsAsciiDigit);
        }

        if (Peek() is 'e' or 'E' && (char.IsAsciiDigit(Peek(1)) || (Peek(1) is '+' or '-' && char.IsAsciiDigit(Peek(2)))))
        {
            real = true;
            _at += 2;
            Digits(char.IsAsciiDigit);
        }

        var text = source[start.._at];
        var imaginary = Peek() is 'j' or 'J';
        if (imaginary)
        {
            _at++;
        }

        if (char.IsAsciiLetter(Peek()) || Peek() == '_')
        {
            Follows();
        }

        if (text.Contains('_', StringComparison.Ordinal))
        {
            text = NumberText.WithoutUnderscores(text) ?? throw Error("invalid decimal literal");
        }

        if (imaginary)
        {
            Add(TokenKind.Number, start, new PyComplex(0, NumberText.ToFloat(text) ?? throw Error("invalid imaginary literal")));
            return;
        }

        if (real)
        {
            Add(TokenKind.Number, start, NumberText.ToFloat(text) ?? throw Error("invalid decimal literal"));
            return;
        }

        if (text.Length > 1 && text[0] == '0' && text.AsSpan().IndexOfAnyExcept('0') >= 0)
        {
            throw Error(
                "leading zeros in decimal integer literals are not permitted; "
                + "use an 0o prefix for octal integers");
        }

        if (text.Length < 19)
        {
            Add(TokenKind.Number, start, Ints.Box(long.Parse(text, CultureInfo.InvariantCulture)));
            return;
        }

        if (text.Length > 4300)
        {
            throw Error("Exceeds the limit (4300 digits) for integer string conversion");
        }

        vm.CheckBits((text.Length * 3.3219) - 5);
        vm.Charge((long)text.Length * text.Length / 2000);
        Add(TokenKind.Number, start, Ints.Box(BigInteger.Parse(text, CultureInfo.InvariantCulture)));
    }

    /// <summary>A word may follow a number without a space only where it is one of a few keywords.</summary>
    private void Follows()
    {
        var rest = source.AsSpan(_at);
        foreach (var word in (ReadOnlySpan<string>)["and", "else", "for", "if", "in", "is", "not", "or"])
        {
            if (rest.StartsWith(word, StringComparison.Ordinal))
            {
                return;
            }
        }

        throw Error("invalid decimal literal");
    }

    private void Digits(Func<char, bool> isDigit)
    {
        while (_at < source.Length && (isDigit(source[_at]) || source[_at] == '_'))
        {
            _at++;
        }
    }

    private void Text(int start, string prefix)
    {
        if (prefix.Contains('b', StringComparison.Ordinal))
        {
            throw new UnsupportedException("bytes");
        }

        var quote = source[_at];
        var triple = Peek(1) == quote && Peek(2) == quote;
        var open = _at += triple ? 3 : 1;
        var firstOfText = _line;
        while (true)
        {
            var plain = source.AsSpan(_at).IndexOfAny([quote, '\\', '\n', '\r']);
            _at = plain < 0 ? source.Length : _at + plain;
            if (_at >= source.Length)
            {
                throw Error(triple ? "unterminated triple-quoted string literal" : "unterminated string literal");
            }

            var c = source[_at];
            if (c == quote && (!triple || (Peek(1) == quote && Peek(2) == quote)))
            {
                break;
            }

            if (c is '\n' or '\r')
            {
                if (!triple)
                {
                    throw Error("unterminated string literal");
                }

                NewLine();
                continue;
            }

            _at++;
            if (c == '\\' && _at < source.Length)
            {
                if (Peek() is '\n' or '\r')
                {
                    NewLine();
                }
                else
                {
                    _at++;
                }
            }
        }

        var body = source[open.._at];
        _at += triple ? 3 : 1;
        if (body.Contains('\r', StringComparison.Ordinal))
        {
            body = body.ReplaceLineEndings("\n");
        }

        var raw = prefix.Contains('r', StringComparison.Ordinal);
        if (prefix.Contains('f', StringComparison.Ordinal))
        {
            Add(TokenKind.Format, start, new FormatText(body, raw, firstOfText));
            return;
        }

        Add(TokenKind.Text, start, raw ? body : Escapes.Decode(body, _line));
    }

    private void Operator()
    {
        var start = _at;
        var (kind, length) = Operators.Match(source.AsSpan(_at));
        if (length == 0)
        {
            throw Error(source[_at] is '$' or '?' or '`' or '!' ? "invalid syntax" : "invalid character");
        }

        _at += length;
        switch (kind)
        {
            case TokenKind.OpenParen or TokenKind.OpenBracket or TokenKind.OpenBrace:
                if (_brackets.Count >= 200)
                {
                    throw Error("too many nested parentheses");
                }

                _brackets.Add(_tokens.Count);
                break;
            case TokenKind.CloseParen or TokenKind.CloseBracket or TokenKind.CloseBrace:
                if (_brackets.Count == 0 || _brackets[^1] < 0
                    || _tokens[_brackets[^1]].Kind != kind - 1)
                {
                    throw Error($"unmatched '{source[start]}'");
                }

                _brackets.RemoveAt(_brackets.Count - 1);
                break;
        }

        Add(kind, start);
    }
}

/// <summary>The undecoded body of a formatted string.</summary>
internal sealed record FormatText(string Body, bool Raw, int Line);
