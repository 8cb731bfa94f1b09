using System.Text;

namespace Reft.Python;

/// <summary>
/// The preparation that ReFT's official program applies to a program before running it (<c>process_code</c>):
/// <c>sys.exit</c> becomes <c>print</c>, math and sympy are imported, and everything from the first blank line on is
/// dropped, whatever it is.
/// </summary>
internal static class PaperProgramText
{
    /// <summary>The text that the official program would execute.</summary>
    public static string Prepare(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var text = new StringBuilder("import math\nimport sympy\n");
        foreach (var line in source.Replace("sys.exit", "print", StringComparison.Ordinal).Split('\n'))
        {
            if (IsBlank(line))
            {
                break;
            }

            text.Append(line).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Whether Python's <c>str.strip()</c> leaves nothing of a line.</summary>
    private static bool IsBlank(string line) => line.All(c => char.IsWhiteSpace(c) || c is >= '\u001C' and <= '\u001F');
}
