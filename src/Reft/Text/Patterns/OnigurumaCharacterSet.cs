using System.Text;

namespace Reft.Text.Patterns;

/// <summary>Translates one bracketed set of characters, <c>[…]</c>.</summary>
internal sealed class OnigurumaCharacterSet(string source, bool ignoresCase)
{
    private readonly StringBuilder _members = new();

    /// <summary>Reads on from behind the opening bracket and past the closing one.</summary>
    public string Translate(ref int position)
    {
        var isNegated = position < source.Length && source[position] == '^';
        if (isNegated)
        {
            position++;
        }

        Members(ref position);
        return $"{(isNegated ? "[^" : "[")}{_members}]";
    }

    private void Members(ref int position)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            if (position >= source.Length)
            {
                throw new FormatException("an unclosed '['");
            }

            var unit = source[position];
            if (unit == ']' && !isFirst)
            {
                position++;
                return;
            }

            Member(unit, ref position);
        }
    }

    private void Member(char unit, ref int position)
    {
        if (unit == '[')
        {
            Nested(ref position);
            return;
        }

        if (unit == '&' && position + 1 < source.Length && source[position + 1] == '&')
        {
            throw new FormatException("the set operator '&&'");
        }

        position++;
        if (unit == '\\')
        {
            if (OnigurumaClasses.TakeClass(source, ref position, insideSet: true) is { } body)
            {
                _members.Append(body.IsNegated ? body.NegatedMembers() : body.Members);
                return;
            }

            unit = OnigurumaClasses.TakeEscaped(source, ref position, insideSet: true);
        }

        var isRange = position + 1 < source.Length && source[position] == '-' && source[position + 1] != ']';
        if (!isRange)
        {
            Append(unit, unit);
            return;
        }

        position++;
        var last = source[position++];
        if (last == '\\')
        {
            last = OnigurumaClasses.TakeEscaped(source, ref position, insideSet: true);
        }

        if (last == '[' || last < unit)
        {
            throw new FormatException($"the range '{unit}-{last}'");
        }

        Append(unit, last);
    }

    private void Nested(ref int position)
    {
        if (position + 1 < source.Length && source[position + 1] is ':' or '^')
        {
            throw new FormatException($"'[{source[position + 1]}' inside a set");
        }

        position++;
        Members(ref position);
    }

    private void Append(char first, char last)
    {
        _members.Append(OnigurumaClasses.Escaped(first));
        if (last != first)
        {
            _members.Append('-').Append(OnigurumaClasses.Escaped(last));
        }

        if (!ignoresCase)
        {
            return;
        }

        for (int unit = first; unit <= last; unit++)
        {
            foreach (var variant in OnigurumaClasses.Folded((char)unit))
            {
                _members.Append(OnigurumaClasses.Escaped(variant));
            }
        }
    }
}
