using System.Text;

namespace Reft.Hosting;

/// <summary>Texts that verbs take from an option, a file or standard input, and how tokens are shown.</summary>
internal static class InputText
{
    private const string StandardInput = "-";

    /// <summary>The text of exactly one of an option and a file.</summary>
    /// <param name="text">The option's value; null if it was not given.</param>
    /// <param name="file">The file; - is standard input; null if none was given.</param>
    /// <param name="terminal">Where standard input is.</param>
    /// <param name="option">The option's name, for messages.</param>
    /// <param name="others">What else could have been given, for messages.</param>
    public static string Read(string? text, string? file, Terminal terminal, string option, string others = "")
    {
        if ((text is null) == (file is null))
        {
            throw new InputException(
                $"{(text is null ? "neither" : "both")} {option} and --file given; give exactly one of them{others}");
        }

        if (text is not null)
        {
            return text;
        }

        if (file == StandardInput)
        {
            return terminal.In.ReadToEnd();
        }

        using var reader = new StreamReader(InputFile.OpenRead(file!)); // One of the two is there.
        return InputFile.Guarded(file!, reader.ReadToEnd);
    }

    /// <summary>Refuses a text beside ids.</summary>
    public static int[] OnlyOne(string? text, int[] ids) => text is null
        ? ids
        : throw new InputException("both a text and --ids given; give exactly one of them");

    /// <summary>A token with its control characters and line ends spelled out.</summary>
    public static string Visible(string token)
    {
        var builder = new StringBuilder(token.Length);
        foreach (var unit in token)
        {
            builder.Append(char.IsControl(unit) || unit is '\u2028' or '\u2029' ? $"\\u{(int)unit:x4}" : unit.ToString());
        }

        return builder.ToString();
    }
}
