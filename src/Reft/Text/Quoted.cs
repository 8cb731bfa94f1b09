using System.Text;

namespace Reft.Text;

/// <summary>Writes a token into a message of one line.</summary>
internal static class Quoted
{
    /// <summary>The token in quotes, its control characters and line ends spelled out.</summary>
    public static string Token(string token) => $"'{Visible(token)}'";

    /// <summary>The token with its control characters and line ends spelled out.</summary>
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
