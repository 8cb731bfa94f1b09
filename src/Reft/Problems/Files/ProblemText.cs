using System.Text;

namespace Reft.Problems.Files;

/// <summary>The text of a problem file. A byte that cannot be read is an error: a minus sign or a half could be lost with it.</summary>
internal static class ProblemText
{
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding _utf16 = new(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true);
    private static readonly UnicodeEncoding _utf16BigEndian = new(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true);

    /// <summary>Reads a file of UTF-8, with or without a byte order mark.</summary>
    /// <param name="path">The file.</param>
    /// <param name="allowsUtf16">Whether UTF-16 is read too where a byte order mark says so, as spreadsheets write it.</param>
    /// <exception cref="InputException">The file is empty, or in another encoding.</exception>
    public static string Read(string path, bool allowsUtf16)
    {
        var bytes = File.ReadAllBytes(path);
        try
        {
            var encoding = bytes switch
            {
                [0xFF, 0xFE, ..] when allowsUtf16 => _utf16,
                [0xFE, 0xFF, ..] when allowsUtf16 => _utf16BigEndian,
                _ => (Encoding)_utf8,
            };
            var text = encoding.GetString(bytes).TrimStart('\uFEFF');
            return string.IsNullOrWhiteSpace(text)
                ? throw new InputException($"{path} is empty; it should hold problems")
                : text.Contains('\0', StringComparison.Ordinal)
                    ? throw new InputException($"{path} is not UTF-8 text: it holds NUL characters; convert it first")
                    : text;
        }
        catch (DecoderFallbackException error)
        {
            var line = bytes.AsSpan(0, Math.Clamp(error.Index, 0, bytes.Length)).Count((byte)'\n') + 1;
            throw new InputException($"{path} is not UTF-8 text (line {line}); convert it first", error);
        }
    }
}
