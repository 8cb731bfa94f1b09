namespace Reft.Text.Normalizers;

/// <summary>Hangul syllables decompose and compose by arithmetic (the Unicode standard, section 3.12).</summary>
internal static class Hangul
{
    private const int SyllableBase = 0xAC00;
    private const int LeadingBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailingBase = 0x11A7;
    private const int LeadingCount = 19;
    private const int VowelCount = 21;
    private const int TrailingCount = 28;
    private const int SyllableCount = LeadingCount * VowelCount * TrailingCount;

    public static bool IsSyllable(int codePoint)
        => (uint)(codePoint - SyllableBase) < SyllableCount;

    public static bool IsVowel(int codePoint) => (uint)(codePoint - VowelBase) < VowelCount;

    /// <summary>U+11A7 itself stands for no trailing consonant and is not one.</summary>
    public static bool IsTrailing(int codePoint) => codePoint is > TrailingBase and < TrailingBase + TrailingCount;

    public static void Decompose(int syllable, List<int> target)
    {
        var index = syllable - SyllableBase;
        target.Add(LeadingBase + (index / (VowelCount * TrailingCount)));
        target.Add(VowelBase + (index % (VowelCount * TrailingCount) / TrailingCount));
        if (index % TrailingCount != 0)
        {
            target.Add(TrailingBase + (index % TrailingCount));
        }
    }

    /// <summary>The composed syllable; -1 when the two do not compose.</summary>
    public static int Compose(int first, int second)
    {
        var leading = first - LeadingBase;
        if ((uint)leading < LeadingCount && IsVowel(second))
        {
            return SyllableBase + (((leading * VowelCount) + (second - VowelBase)) * TrailingCount);
        }

        return IsSyllable(first) && (first - SyllableBase) % TrailingCount == 0 && IsTrailing(second)
            ? first + (second - TrailingBase)
            : -1;
    }
}
