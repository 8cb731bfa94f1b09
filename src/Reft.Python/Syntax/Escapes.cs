using System.Globalization;
using System.Text;
using Reft.Python.Runtime;

namespace Reft.Python.Syntax;

/// <summary>Backslash escapes of string literals.</summary>
internal static class Escapes
{
    public static string Decode(string body, int line)
    {
        if (!body.Contains('\\', StringComparison.Ordinal))
        {
            return body;
        }

        var text = new StringBuilder(body.Length);
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] != '\\' || i + 1 == body.Length)
            {
                text.Append(body[i]);
                continue;
            }

            var c = body[++i];
            switch (c)
            {
                case '\n':
                    break;
                case '\\' or '\'' or '"':
                    text.Append(c);
                    break;
                case 'n':
                    text.Append('\n');
                    break;
                case 't':
                    text.Append('\t');
                    break;
                case 'r':
                    text.Append('\r');
                    break;
                case 'a':
                    text.Append('\a');
                    break;
                case 'b':
                    text.Append('\b');
                    break;
                case 'f':
                    text.Append('\f');
                    break;
                case 'v':
                    text.Append('\v');
                    break;
                case >= '0' and <= '7':
                    var octal = c - '0';
                    for (var n = 1; n < 3 && i + 1 < body.Length && body[i + 1] is >= '0' and <= '7'; n++)
                    {
                        octal = (octal * 8) + body[++i] - '0';
                    }

                    text.Append((char)octal);
                    break;
                case 'x' or 'u' or 'U':
                    var count = c switch { 'x' => 2, 'u' => 4, _ => 8 };
                    if (i + count >= body.Length
                        || !int.TryParse(
                            body.AsSpan(i + 1, count), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
                        || code is < 0 or > 0x10ffff)
                    {
                        throw new SyntaxException("(unicode error) cannot decode an escape", line);
                    }

                    if (code is >= 0xd800 and <= 0xdfff)
                    {
                        throw new UnsupportedException("surrogate characters");
                    }

                    text.Append(new Rune(code).ToString());
                    i += count;
                    break;
                case 'N':
                    throw new UnsupportedException("\\N escapes");
                default:
                    text.Append('\\').Append(c);
                    break;
            }
        }

        return text.ToString();
    }
}
