using System.Globalization;
using System.Text;

namespace Reft.Text.Patterns;

/// <summary>
/// .NET's regular expressions see a character beyond U+FFFF as two surrogates that belong to no class. A pattern that
/// names no such character can tell one only by its general category (and circled letters by being alphabetic), so a
/// rare character of the same category inside the first 65,536 stands in for it while the pattern runs.
/// </summary>
internal static class AstralStandIns
{
    public static char For(Rune rune) => CharacterClasses.IsCircledLetter(rune)
        ? CircledLetter
        : ForCategory(Rune.GetUnicodeCategory(rune));

    private const char CircledLetter = '\u24B6';

    private static char ForCategory(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter => '\uA740',
        UnicodeCategory.LowercaseLetter => '\uA741',
        UnicodeCategory.TitlecaseLetter => '\u1F88',
        UnicodeCategory.ModifierLetter => '\uA788',
        UnicodeCategory.OtherLetter => '\uA840',
        UnicodeCategory.NonSpacingMark => '\uA8E0',
        UnicodeCategory.SpacingCombiningMark => '\uA880',
        UnicodeCategory.EnclosingMark => '\uA670',
        UnicodeCategory.DecimalDigitNumber => '\uA8D0',
        UnicodeCategory.LetterNumber => '\uA6E6',
        UnicodeCategory.OtherNumber => '\uA830',
        UnicodeCategory.ConnectorPunctuation => '\uFE4D',
        UnicodeCategory.DashPunctuation => '\u2E1A',
        UnicodeCategory.OpenPunctuation => '\u2E22',
        UnicodeCategory.ClosePunctuation => '\u2E23',
        UnicodeCategory.InitialQuotePunctuation => '\u2E0C',
        UnicodeCategory.FinalQuotePunctuation => '\u2E0D',
        UnicodeCategory.OtherPunctuation => '\uA874',
        UnicodeCategory.MathSymbol => '\u2A00',
        UnicodeCategory.CurrencySymbol => '\uA838',
        UnicodeCategory.ModifierSymbol => '\uA700',
        UnicodeCategory.OtherSymbol => '\uA490',
        UnicodeCategory.Format => '\u2064',
        UnicodeCategory.PrivateUse => '\uE000',
        _ => '\uFFFE',
    };
}
