using System.Text;
using Reft.Python.Runtime;

namespace Reft.Python.Library;

/// <summary>
/// Upper and lower case as CPython has them. Characters that change into several, or that Unicode gave a case after CPython 3.11, are
/// refused.
/// </summary>
internal static class CaseMapping
{
    public static string Upper(Vm vm, string text)
    {
        vm.AllocateText(text.Length);
        if (Ascii.IsValid(text))
        {
            return text.ToUpperInvariant();
        }

        Refuse(text, HasOwnUpper, "upper");
        return text.Replace("ß", "SS", StringComparison.Ordinal).ToUpperInvariant().Replace('ı', 'I').Replace('ſ', 'S');
    }

    public static string Lower(Vm vm, string text)
    {
        vm.AllocateText(text.Length);
        if (!Ascii.IsValid(text))
        {
            Refuse(text, HasOwnLower, "lower");
        }

        return text.ToLowerInvariant();
    }

    public static string Capitalized(Vm vm, string text)
    {
        if (text.Length == 0)
        {
            return text;
        }

        // Title case is not upper case for a few letters; of these blocks it is, where it is not refused.
        var first = text[0];
        if (first is 'ß' or >= 'Ǆ' and <= 'ǌ' or >= 'Ǳ' and <= 'ǳ' or (>= '\u0250' and not (>= 'Ѐ' and <= 'ԯ')))
        {
            throw new UnsupportedException("str.capitalize of this first character");
        }

        return Upper(vm, text[..1]) + Lower(vm, text[1..]);
    }

    private static void Refuse(string text, Func<int, bool> isRefused, string method)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (isRefused(rune.Value))
            {
                throw new UnsupportedException($"str.{method} of this character: {rune}");
            }
        }
    }

    private static bool HasOwnUpper(int c) => c is 0x149 or 0x19b or 0x1f0 or 0x264 or 0x390 or 0x3b0 or 0x587 or 0x1c8a
        or (>= 0x1e96 and <= 0x1e9a) or 0x1f50 or 0x1f52 or 0x1f54 or 0x1f56 or (>= 0x1f80 and <= 0x1fff) or 0xa7cd or 0xa7db
        or (>= 0xfb00 and <= 0xfb17) or (>= 0x10d70 and <= 0x10d85);

    private static bool HasOwnLower(int c) =>
        c is 0x130 or 0x3a3 or 0x1c89 or 0xa7cb or 0xa7cc or 0xa7da or 0xa7dc or (>= 0x10d50 and <= 0x10d65);
}
