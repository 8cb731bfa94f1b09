using System.Text;

namespace Reft.Verification.Programs;

/// <summary>
/// The preparation that ReFT's official program applies to a program before running it (<c>process_code</c>):
/// <c>sys.exit</c> becomes <c>print</c>, math and sympy are imported, and everything after the first blank line is
/// dropped, save lines that start with <c>def solution</c>.
/// </summary>
public static class PaperProgramText
{
    /// <summary>The text that the official program would execute.</summary>
    public static string Prepare(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var text = new StringBuilder("import math\nimport sympy\n");
        var copying = true;
        foreach (var line in source.Replace("sys.exit", "print", StringComparison.Ordinal).Split('\n'))
        {
            copying &= line.AsSpan().Trim().Length > 0;
            if (copying || line.StartsWith("def solution", StringComparison.Ordinal))
            {
                text.Append(line).Append('\n');
            }
        }

        return text.ToString();
    }
}
