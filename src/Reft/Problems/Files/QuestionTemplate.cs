using System.Text;

namespace Reft.Problems.Files;

/// <summary>
/// Joins a question's parts that stand in several columns: <c>{column}</c> is a column's value, everything else stands for itself;
/// <c>{{</c> and <c>}}</c> are braces.
/// </summary>
internal sealed class QuestionTemplate
{
    private readonly List<(string Text, bool IsColumn)> _parts = [];

    /// <summary>Reads a template.</summary>
    /// <exception cref="InputException">A brace is not closed, or no column is named.</exception>
    public QuestionTemplate(string text)
    {
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var twice = text[i] is '{' or '}' && i + 1 < text.Length && text[i + 1] == text[i];
            if (text[i] is not ('{' or '}') || twice)
            {
                literal.Append(text[i]);
                i += twice ? 1 : 0;
                continue;
            }

            var close = text[i] == '{' ? text.IndexOf('}', i) : -1;
            if (close <= i + 1)
            {
                throw new InputException(
                    $"the question template {OneLine.Quote(text)} has a brace that opens or closes no column; write {{column}}, or {{{{ for a brace");
            }

            _parts.Add((literal.ToString(), false));
            literal.Clear();
            _parts.Add((text[(i + 1)..close], true));
            i = close;
        }

        _parts.Add((literal.ToString(), false));
        if (Columns.Count == 0)
        {
            throw new InputException($"the question template {OneLine.Quote(text)} names no column; write {{column}} where its value belongs");
        }
    }

    /// <summary>The columns that it names, in order.</summary>
    public IReadOnlyList<string> Columns => [.. _parts.Where(part => part.IsColumn).Select(part => part.Text)];

    /// <summary>The question of a row, whose parts <paramref name="value"/> gives by column.</summary>
    public string Fill(Func<string, string> value) =>
        string.Concat(_parts.Select(part => part.IsColumn ? value(part.Text) : part.Text)).Trim();
}
