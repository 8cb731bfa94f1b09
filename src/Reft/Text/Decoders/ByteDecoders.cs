using System.Globalization;
using System.Text;
using Reft.Text.Bpe;

namespace Reft.Text.Decoders;

/// <summary>
/// Reads tokens written in the byte alphabet as UTF-8; a token with any other character counts as its own text.
/// Bytes that are no UTF-8 become U+FFFD.
/// </summary>
internal sealed class ByteLevelDecoder : IDecoder
{
    public List<string> Decode(List<string> tokens)
    {
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            var start = bytes.Count;
            foreach (var unit in token)
            {
                var value = ByteAlphabet.Byte(unit);
                if (value < 0)
                {
                    bytes.RemoveRange(start, bytes.Count - start);
                    bytes.AddRange(Encoding.UTF8.GetBytes(token));
                    break;
                }

                bytes.Add((byte)value);
            }
        }

        return [Encoding.UTF8.GetString([.. bytes])];
    }
}

/// <summary>
/// Joins runs of tokens <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c> into UTF-8 text. A run that is no UTF-8 becomes one
/// U+FFFD for each of its bytes, the valid ones too.
/// </summary>
internal sealed class ByteFallbackDecoder : IDecoder
{
    private const char Replacement = '\uFFFD';

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public List<string> Decode(List<string> tokens)
    {
        var result = new List<string>(tokens.Count);
        var run = new List<byte>();
        foreach (var token in tokens)
        {
            if (ByteOf(token) is { } value)
            {
                run.Add(value);
                continue;
            }

            AddRun(run, result);
            result.Add(token);
        }

        AddRun(run, result);
        return result;
    }

    /// <summary>The byte that the token stands for; null when it is no byte token.</summary>
    public static byte? ByteOf(string token)
        => token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>'
            && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private static void AddRun(List<byte> run, List<string> result)
    {
        if (run.Count == 0)
        {
            return;
        }

        try
        {
            result.Add(Strict.GetString([.. run]));
        }
        catch (DecoderFallbackException)
        {
            result.Add(new string(Replacement, run.Count));
        }

        run.Clear();
    }
}
