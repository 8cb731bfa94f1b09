using System.Buffers;
using System.Text;

namespace Reft.Text.Bpe;

/// <summary>
/// The characters that stand for the 256 bytes in byte-level vocabularies: a byte that is a visible Latin-1 character
/// stands for itself, the others take U+0100, U+0101, … in order.
/// </summary>
internal static class ByteAlphabet
{
    private const int FirstSubstitute = 256;

    private static readonly char[] Characters = MakeCharacters();

    private static readonly short[] Bytes = MakeBytes();

    /// <summary>The character that stands for the byte.</summary>
    public static char Character(byte value) => Characters[value];

    /// <summary>The byte that the character stands for; -1 when it stands for none.</summary>
    public static int Byte(char unit) => unit < Bytes.Length ? Bytes[unit] : -1;

    /// <summary>The UTF-8 bytes of well-formed text, each written as its character.</summary>
    public static string Encode(ReadOnlySpan<char> text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        var written = Encoding.UTF8.GetBytes(text, bytes);
        var result = string.Create(written, bytes, static (target, source) =>
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] = Characters[source[i]];
            }
        });
        ArrayPool<byte>.Shared.Return(bytes);
        return result;
    }

    private static char[] MakeCharacters()
    {
        var characters = new char[256];
        var substitutes = 0;
        for (var value = 0; value < characters.Length; value++)
        {
            var standsForItself = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE;
            characters[value] = (char)(standsForItself ? value : FirstSubstitute + substitutes++);
        }

        return characters;
    }

    private static short[] MakeBytes()
    {
        var bytes = new short[Characters.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var value = 0; value < Characters.Length; value++)
        {
            bytes[Characters[value]] = (short)value;
        }

        return bytes;
    }
}
