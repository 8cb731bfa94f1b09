using System.Globalization;
using System.Text;

namespace Reft.Text.Patterns;

/// <summary>
/// Turns a regular expression in Oniguruma's (Ruby) syntax, which tokenizer.json files use, into one for .NET that
/// matches the same text. What the two do not share is spelled out (possessive quantifiers, <c>\w</c>, line anchors,
/// case folding) or refused by a <see cref="FormatException"/> that names it.
/// </summary>
internal sealed class OnigurumaTranslator
{
    private readonly string _source;
    private readonly StringBuilder _target = new();
    private int _position;

    private OnigurumaTranslator(string source) => _source = source;

    public static string Translate(string source)
    {
        if (source.Any(char.IsSurrogate))
        {
            throw new FormatException("a character beyond U+FFFF");
        }

        var translator = new OnigurumaTranslator(source);
        translator.Alternatives(ignoresCase: false);
        return translator._position == source.Length
            ? translator._target.ToString()
            : throw new FormatException("an unmatched ')'");
    }

    private void Alternatives(bool ignoresCase)
    {
        while (_position < _source.Length && _source[_position] != ')')
        {
            if (_source[_position] == '|')
            {
                _target.Append('|');
                _position++;
                continue;
            }

            var start = _target.Length;
            if (Take("(?i)"))
            {
                // The flag holds to the end of the group, over its later alternatives too.
                _target.Append("(?:");
                Alternatives(ignoresCase: true);
                _target.Append(')');
                return;
            }

            Atom(ignoresCase);
            Quantifiers(start);
        }
    }

    private void Atom(bool ignoresCase)
    {
        var unit = _source[_position++];
        switch (unit)
        {
            case '(':
                Group(ignoresCase);
                break;
            case '[':
                CharacterSet(ignoresCase);
                break;
            case '\\':
                Escape(ignoresCase);
                break;
            case '.':
                _target.Append("[^\\n]");
                break;
            case '^':
                _target.Append("(?m:^)");
                break;
            case '$':
                _target.Append("(?m:$)");
                break;
            case '*' or '+' or '?':
                throw new FormatException($"a '{unit}' with nothing before it");
            default:
                Literal(unit, ignoresCase);
                break;
        }
    }

    private void Group(bool ignoresCase)
    {
        var opening = "(";
        if (Peek() == '?')
        {
            opening = GroupOpenings.FirstOrDefault(Take) ?? throw new FormatException(
                $"the group '({_source.AsSpan(_position, Math.Min(4, _source.Length - _position))}'");
            ignoresCase = opening == "?i:" || (ignoresCase && opening != "?-i:");
            opening = "(" + (opening.EndsWith("i:", StringComparison.Ordinal) ? "?:" : opening);
        }

        _target.Append(opening);
        Alternatives(ignoresCase);
        if (Peek() != ')')
        {
            throw new FormatException("an unclosed '('");
        }

        _position++;
        _target.Append(')');
    }

    private static readonly string[] GroupOpenings = ["?:", "?=", "?!", "?<=", "?<!", "?>", "?i:", "?-i:"];

    private void Quantifiers(int atom)
    {
        while (Quantifier() is { } quantifier)
        {
            _target.Append(quantifier);
            var isInterval = quantifier[0] == '{';
            var isExact = isInterval && !quantifier.Contains(',', StringComparison.Ordinal);
            if (Peek() == '?' && !isExact)
            {
                _position++;
                _target.Append('?');
            }
            else if (Peek() == '+' && !isInterval)
            {
                _position++;
                _target.Insert(atom, "(?>").Append(')');
            }

            // A further quantifier applies to all of this: .NET would refuse it or read it as a flag.
            _target.Insert(atom, "(?:").Append(')');
        }
    }

    /// <summary>The quantifier at the position, in .NET's spelling; null when there is none.</summary>
    private string? Quantifier()
    {
        if (Peek() is '*' or '+' or '?')
        {
            return _source[_position++].ToString();
        }

        var close = Peek() == '{' ? _source.IndexOf('}', _position) : -1;
        if (close < 0)
        {
            return null;
        }

        var bounds = _source[(_position + 1)..close].Split(',');
        if (bounds.Length > 2 || bounds.Any(bound => !bound.All(char.IsAsciiDigit)) || bounds.All(b => b.Length == 0))
        {
            return null;
        }

        _position = close + 1;
        var least = bounds[0].Length == 0 ? "0" : bounds[0];
        return bounds.Length == 1 ? $"{{{least}}}" : $"{{{least},{bounds[1]}}}";
    }

    private void Escape(bool ignoresCase)
    {
        var unit = Peek() ?? throw new FormatException("a '\\' at the end");
        if (char.IsAsciiDigit(unit) && unit != '0')
        {
            _position++;
            _target.Append(CultureInfo.InvariantCulture, $"(?:\\{unit})");
        }
        else if (unit is 'b' or 'B')
        {
            _position++;
            const string Word = OnigurumaClasses.Word;
            _target.Append(unit == 'b'
                ? $"(?:(?<=[{Word}])(?![{Word}])|(?<![{Word}])(?=[{Word}]))"
                : $"(?:(?<=[{Word}])(?=[{Word}])|(?<![{Word}])(?![{Word}]))");
        }
        else if (unit is 'A' or 'z' or 'Z' or 'G')
        {
            _position++;
            _target.Append('\\').Append(unit);
        }
        else if (OnigurumaClasses.TakeClass(_source, ref _position) is { } body)
        {
            _target.Append(body.IsNegated ? "[^" : "[").Append(body.Members).Append(']');
        }
        else
        {
            Literal(OnigurumaClasses.TakeEscaped(_source, ref _position), ignoresCase);
        }
    }

    private void Literal(char unit, bool ignoresCase)
    {
        var variants = ignoresCase ? OnigurumaClasses.Folded(unit) : [unit];
        if (variants.Length > 1)
        {
            _target.Append('[');
        }

        foreach (var variant in variants)
        {
            _target.Append(OnigurumaClasses.Escaped(variant));
        }

        if (variants.Length > 1)
        {
            _target.Append(']');
        }
    }

    private void CharacterSet(bool ignoresCase)
        => _target.Append(new OnigurumaCharacterSet(_source, ignoresCase).Translate(ref _position));

    private char? Peek() => _position < _source.Length ? _source[_position] : null;

    private bool Take(string expected)
    {
        if (string.CompareOrdinal(_source, _position, expected, 0, expected.Length) != 0)
        {
            return false;
        }

        _position += expected.Length;
        return true;
    }
}
