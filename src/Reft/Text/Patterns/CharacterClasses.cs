using System.Globalization;
using System.Text;

namespace Reft.Text.Patterns;

/// <summary>What the scanners need to know of a character.</summary>
internal enum CharacterClass : byte
{
    /// <summary>None of the others: <c>[^\s\p{L}\p{N}]</c>.</summary>
    Other,

    /// <summary><c>\p{L}</c></summary>
    Letter,

    /// <summary><c>\p{N}</c></summary>
    Number,

    /// <summary><c>\s</c></summary>
    Space,
}

/// <summary>The Unicode classes by which tokenizers split text.</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] Units = MakeUnits();

    /// <summary>The class of the character that starts at the position, and its length in UTF-16 units.</summary>
    public static CharacterClass At(ReadOnlySpan<char> text, int position, out int length)
    {
        var unit = text[position];
        length = 1;
        if (!char.IsHighSurrogate(unit) || position + 1 >= text.Length)
        {
            return Units[unit];
        }

        length = 2;
        return Of(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(unit, text[position + 1])));
    }

    /// <summary>The end of the run of characters of one class that starts at the position.</summary>
    public static int RunEnd(ReadOnlySpan<char> text, int position, CharacterClass of)
    {
        while (position < text.Length && At(text, position, out var length) == of)
        {
            position += length;
        }

        return position;
    }

    public static bool IsNumeric(Rune rune) => Of(Rune.GetUnicodeCategory(rune)) == CharacterClass.Number;

    public static bool IsPunctuation(Rune rune)
        => rune.IsAscii ? char.IsPunctuation((char)rune.Value) || char.IsSymbol((char)rune.Value) : Rune.IsPunctuation(rune);

    /// <summary>The word characters of Rust's regular expressions: alphabetic, marks, digits, connectors, joiners.</summary>
    public static bool IsWord(Rune rune) => rune.Value is 0x200C or 0x200D || IsCircledLetter(rune)
        || Rune.GetUnicodeCategory(rune) is <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;

    /// <summary>The symbols that count as alphabetic: letters in circles and squares.</summary>
    public static bool IsCircledLetter(Rune rune) => rune.Value is (>= 0x24B6 and <= 0x24E9)
        or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);

    private static CharacterClass[] MakeUnits()
    {
        var units = new CharacterClass[char.MaxValue + 1];
        for (var unit = 0; unit < units.Length; unit++)
        {
            units[unit] = char.IsWhiteSpace((char)unit)
                ? CharacterClass.Space
                : Of(CharUnicodeInfo.GetUnicodeCategory((char)unit));
        }

        return units;
    }

    /// <summary>White space is told apart by the units: every white-space character is one unit long.</summary>
    private static CharacterClass Of(UnicodeCategory category) => category switch
    {
        <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
            => CharacterClass.Number,
        _ => CharacterClass.Other,
    };
}
