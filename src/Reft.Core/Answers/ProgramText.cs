using System.Text;

namespace Reft.Answers;

/// <summary>
/// Writes the programs of P-CoT: <c>def solution():</c>, the question as its docstring, statements, a result.
/// </summary>
internal static class ProgramText
{
    /// <summary>The first line of every program.</summary>
    public const string Header = "def solution():\n";

    /// <summary>One level of indentation.</summary>
    public const string Indent = "    ";

    /// <summary>
    /// The header and the docstring, as the paper writes them. A question that would end or change the docstring is
    /// escaped so that Python reads back the same question: a backslash becomes <c>\\</c>; a quote mark becomes
    /// <c>\"</c> where it stands first, last or next to another one; a carriage return becomes <c>\r</c>; and where the
    /// question has a blank line, at which the official program would cut, its line breaks become <c>\n</c>.
    /// </summary>
    public static string HeaderFor(string question) => $"{Header}{Indent}\"\"\"{Escape(question)}\"\"\"\n";

    /// <summary>Whether a question needs escaping inside a docstring.</summary>
    public static bool NeedsEscape(string question) => Escape(question) != question;

    /// <summary>A whole program.</summary>
    /// <param name="question">The question, for the docstring; null for a program without one.</param>
    /// <param name="statements">The statements, without indentation; the last assigns <c>result</c>.</param>
    public static string Write(string? question, IEnumerable<string> statements)
    {
        ArgumentNullException.ThrowIfNull(statements);
        var text = new StringBuilder(question is null ? Header : HeaderFor(question));
        foreach (var statement in statements)
        {
            text.Append(Indent).Append(statement).Append('\n');
        }

        return text.Append(Indent).Append("return result").ToString();
    }

    private static string Escape(string question)
    {
        ArgumentNullException.ThrowIfNull(question);
        var text = new StringBuilder(question.Length);
        var hasBlankLine = question.Contains('\n', StringComparison.Ordinal)
            && question.Split('\n').Any(string.IsNullOrWhiteSpace);
        for (var i = 0; i < question.Length; i++)
        {
            var c = question[i];
            var needed = c switch
            {
                '\\' or '\r' => true,
                '\n' => hasBlankLine,
                '"' => i + 1 == question.Length || question[i + 1] == '"' || i == 0 || question[i - 1] == '"',
                _ => false,
            };
            text.Append(needed ? "\\" : "").Append(!needed ? c : c == '\r' ? 'r' : c == '\n' ? 'n' : c);
        }

        return text.ToString();
    }
}
