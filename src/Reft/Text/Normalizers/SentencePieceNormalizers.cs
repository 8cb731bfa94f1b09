using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Reft.Text.Normalizers;

/// <summary>
/// SentencePiece's map of characters, as its model files have it: a double array of UTF-8 keys, and the texts that they become. What a reader
/// sees as one character is looked for whole where it is short, and else character by character.
/// </summary>
internal sealed class CharsmapNormalizer : INormalizer
{
    /// <summary>Bytes of UTF-8 from which on a cluster is not looked for whole.</summary>
    private const int LongCluster = 6;

    private readonly uint[] _units;
    private readonly byte[] _texts;

    private CharsmapNormalizer(uint[] units, byte[] texts)
    {
        _units = units;
        _texts = texts;
    }

    /// <summary>Reads a map in Base64.</summary>
    /// <exception cref="InputException">It is damaged.</exception>
    public static INormalizer Read(JsonPart part)
    {
        byte[] bytes;
        try
        {
            bytes = Convert.FromBase64String(part.AsText());
        }
        catch (FormatException)
        {
            throw part.Unexpected("a map in Base64");
        }

        const int Head = sizeof(uint);
        if (bytes.Length < Head || BinaryPrimitives.ReadUInt32LittleEndian(bytes) is var size && (size > bytes.Length - Head || size % sizeof(uint) != 0 || size == 0))
        {
            throw part.Unexpected("a map whose first number is the size of its double array");
        }

        var units = new uint[BinaryPrimitives.ReadUInt32LittleEndian(bytes) / sizeof(uint)];
        for (var i = 0; i < units.Length; i++)
        {
            units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(Head + (i * sizeof(uint))));
        }

        return new CharsmapNormalizer(units, bytes[(Head + (units.Length * sizeof(uint)))..]);
    }

    /// <inheritdoc/>
    public string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var cluster = text.AsSpan(i, StringInfo.GetNextTextElementLength(text, i));
            i += cluster.Length;
            if (Encoding.UTF8.GetByteCount(cluster) < LongCluster && Find(cluster) is { } whole)
            {
                result.Append(whole);
                continue;
            }

            for (var j = 0; j < cluster.Length;)
            {
                Rune.DecodeFromUtf16(cluster[j..], out _, out var length);
                var character = cluster.Slice(j, length);
                result.Append(Find(character) ?? character.ToString());
                j += length;
            }
        }

        return result.ToString();
    }

    /// <summary>What the shortest key becomes that a text begins with; null where none does.</summary>
    private string? Find(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        bytes = bytes[..Encoding.UTF8.GetBytes(text, bytes)];
        var place = Offset(_units[0]);
        foreach (var value in bytes)
        {
            place ^= value;
            if (value == 0 || place >= (uint)_units.Length || (_units[place] & 0x8000_00FF) != value)
            {
                return null;
            }

            var unit = _units[place];
            place ^= Offset(unit);
            if ((unit >> 8 & 1) == 1 && place < (uint)_units.Length)
            {
                return Text((int)(_units[place] & 0x7FFF_FFFF));
            }
        }

        return null;
    }

    private static uint Offset(uint unit) => unit >> 10 << (int)((unit & 1 << 9) >> 6);

    private string Text(int start)
    {
        var rest = start < _texts.Length ? _texts.AsSpan(start) : [];
        var end = rest.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }
}

/// <summary>SentencePiece's rules for machine translation: control characters are dropped, what spaces is a space.</summary>
internal sealed class TranslationNormalizer : INormalizer
{
    /// <inheritdoc/>
    public string Normalize(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (var unit in text)
        {
            switch (unit)
            {
                case (>= '\u0001' and <= '\u0008') or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F' or '\u008F' or '\u009F':
                    break;
                case '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD':
                    result.Append(' ');
                    break;
                default:
                    result.Append(unit);
                    break;
            }
        }

        return result.ToString();
    }
}
