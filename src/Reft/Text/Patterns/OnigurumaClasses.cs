using System.Globalization;

namespace Reft.Text.Patterns;

/// <summary>A class of characters as members of a .NET set.</summary>
internal readonly record struct SetMembers(string Members, bool IsNegated)
{
    /// <summary>The complement as members of a set; .NET has one for single categories only.</summary>
    public string NegatedMembers() => Members switch
    {
        @"\s" => @"\S",
        @"\d" => @"\D",
        _ when Members.StartsWith(@"\p{", StringComparison.Ordinal) && Members.IndexOf('}') == Members.Length - 1
            => @"\P" + Members[2..],
        _ => throw new FormatException("a negated class inside a set"),
    };
}

/// <summary>Oniguruma's classes, escapes and case folding in .NET's terms.</summary>
internal static class OnigurumaClasses
{
    /// <summary><c>\w</c> inside a set: alphabetic, marks, decimal digits and connectors.</summary>
    private const string WordInSet = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u24B6-\u24E9";

    /// <summary>
    /// <c>\w</c> by itself also takes the fractions and superscripts of Latin-1. (Both tried on every character with
    /// Oniguruma 6.9.8.)
    /// </summary>
    public const string Word = WordInSet + @"\u00B2\u00B3\u00B9\u00BC-\u00BE";

    private const string CategoryNames =
        "Letter=L Uppercase_Letter=Lu Lowercase_Letter=Ll Titlecase_Letter=Lt Modifier_Letter=Lm Other_Letter=Lo "
        + "Mark=M Nonspacing_Mark=Mn Spacing_Mark=Mc Enclosing_Mark=Me "
        + "Number=N Decimal_Number=Nd Letter_Number=Nl Other_Number=No Digit=Nd "
        + "Punctuation=P Connector_Punctuation=Pc Dash_Punctuation=Pd Open_Punctuation=Ps Close_Punctuation=Pe "
        + "Initial_Punctuation=Pi Final_Punctuation=Pf Other_Punctuation=Po "
        + "Symbol=S Math_Symbol=Sm Currency_Symbol=Sc Modifier_Symbol=Sk Other_Symbol=So "
        + "Separator=Z Space_Separator=Zs Line_Separator=Zl Paragraph_Separator=Zp "
        + "Other=C Control=Cc Format=Cf Unassigned=Cn Private_Use=Co";

    private static readonly Dictionary<string, string> Categories = CategoryNames.Split(' ')
        .Select(pair => pair.Split('='))
        .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads a class such as <c>\s</c> or <c>\p{L}</c> from behind its backslash; null when it is none.</summary>
    public static SetMembers? TakeClass(string source, ref int position, bool insideSet = false)
    {
        var unit = position < source.Length ? source[position] : '\0';
        if (unit is 'p' or 'P')
        {
            return TakeProperty(source, ref position);
        }

        var members = char.ToLowerInvariant(unit) switch
        {
            's' => @"\s",
            'd' => @"\d",
            'w' => insideSet ? WordInSet : Word,
            'h' => "0-9a-fA-F",
            _ => null,
        };
        if (members is null)
        {
            return null;
        }

        position++;
        return new SetMembers(members, char.IsAsciiLetterUpper(unit));
    }

    /// <summary>Reads an escaped single character from behind its backslash.</summary>
    public static char TakeEscaped(string source, ref int position, bool insideSet = false)
    {
        if (position >= source.Length)
        {
            throw new FormatException("a '\\' at the end");
        }

        var unit = source[position++];
        switch (unit)
        {
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'f': return '\f';
            case 'v': return '\v';
            case 'a': return '\a';
            case 'e': return '\u001B';
            case '0': return '\0';
            case 'b' when insideSet: return '\b';
            case 'u': return TakeHexadecimal(source, ref position, 4);
            case 'x' when position < source.Length && source[position] == '{':
                var close = source.IndexOf('}', position);
                position++;
                var value = TakeHexadecimal(source, ref position, close - position);
                position++;
                return value;
            case 'x': return TakeHexadecimal(source, ref position, 2);
            default:
                return char.IsAsciiLetterOrDigit(unit) ? throw new FormatException($"the escape '\\{unit}'") : unit;
        }
    }

    /// <summary>The character in a spelling that means itself inside and outside of sets.</summary>
    public static string Escaped(char unit)
        => char.IsAsciiLetterOrDigit(unit) ? unit.ToString() : $"\\u{(int)unit:X4}";

    /// <summary>The characters that equal it when case is ignored: Unicode's simple folding.</summary>
    public static char[] Folded(char unit)
    {
        var variants = new List<char> { unit };
        Add(char.ToUpperInvariant(unit));
        Add(char.ToLowerInvariant(unit));
        if (unit is 's' or 'S' or '\u017F')
        {
            Add('s');
            Add('S');
            Add('\u017F');
        }
        else if (unit is 'k' or 'K' or '\u212A')
        {
            Add('k');
            Add('K');
            Add('\u212A');
        }

        return [.. variants];

        void Add(char variant)
        {
            if (!variants.Contains(variant))
            {
                variants.Add(variant);
            }
        }
    }

    private static SetMembers TakeProperty(string source, ref int position)
    {
        var close = source.IndexOf('}', position);
        if (close < 0 || position + 1 >= source.Length || source[position + 1] != '{')
        {
            throw new FormatException("a '\\p' without '{…}'");
        }

        var name = source[(position + 2)..close];
        var isNegated = source[position] == 'P';
        position = close + 1;
        if (name.StartsWith('^'))
        {
            isNegated = !isNegated;
            name = name[1..];
        }

        var category = Categories.TryGetValue(name, out var shortName) ? shortName
            : Categories.Values.FirstOrDefault(value => value.Equals(name, StringComparison.OrdinalIgnoreCase));
        return category is null
            ? throw new FormatException($"the property '\\p{{{name}}}'")
            : new SetMembers($@"\p{{{category}}}", isNegated);
    }

    private static char TakeHexadecimal(string source, ref int position, int length)
    {
        if (length < 1 || position + length > source.Length
            || !int.TryParse(source.AsSpan(position, length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture,
                out var value)
            || value > char.MaxValue)
        {
            throw new FormatException("a character number that cannot be read, or beyond U+FFFF");
        }

        position += length;
        return (char)value;
    }
}
