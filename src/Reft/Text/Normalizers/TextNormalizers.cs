using System.Text;
using Reft.Text.Bpe;
using Reft.Text.Patterns;

namespace Reft.Text.Normalizers;

/// <summary>Applies normalizers one after the other.</summary>
internal sealed class NormalizerSequence(INormalizer[] steps) : INormalizer
{
    public string Normalize(string text) => steps.Aggregate(text, (current, step) => step.Normalize(current));
}

/// <summary>Puts a prefix before any text that is not empty.</summary>
internal sealed class PrependNormalizer(string prefix) : INormalizer
{
    public string Normalize(string text) => text.Length == 0 ? text : prefix + text;
}

/// <summary>Replaces each match of a pattern with fixed text.</summary>
internal sealed class ReplaceNormalizer(IPattern pattern, string content) : INormalizer
{
    public string Normalize(string text) => PatternReplacement.Apply(pattern, text, content);
}

/// <summary>Removes white space at the ends.</summary>
internal sealed class StripNormalizer(bool left, bool right) : INormalizer
{
    public string Normalize(string text)
    {
        var trimmed = left ? text.TrimStart() : text;
        return right ? trimmed.TrimEnd() : trimmed;
    }
}

/// <summary>Lowers each character by itself: no rule looks at its neighbours, and U+0130 becomes two characters.</summary>
internal sealed class LowercaseNormalizer : INormalizer
{
    private const int CapitalIWithDot = 0x130;

    public string Normalize(string text)
    {
        var builder = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            builder.Append(rune.Value == CapitalIWithDot ? "i\u0307" : Rune.ToLowerInvariant(rune).ToString());
        }

        return builder.ToString();
    }
}

/// <summary>Removes every combining mark. Text is usually decomposed first.</summary>
internal sealed class StripAccentsNormalizer : INormalizer
{
    public string Normalize(string text)
    {
        var builder = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!UnicodeData.Default.IsMark(rune.Value))
            {
                builder.Append(rune.ToString());
            }
        }

        return builder.ToString();
    }
}

/// <summary>Writes each UTF-8 byte of the text as the character that stands for it in a byte-level vocabulary.</summary>
internal sealed class ByteLevelNormalizer : INormalizer
{
    public string Normalize(string text) => ByteAlphabet.Encode(text);
}
