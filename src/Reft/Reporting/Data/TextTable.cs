using System.Text;

namespace Reft.Reporting.Data;

/// <summary>A table to be read by people: its texts are what they see.</summary>
/// <param name="Name">What it is of, and what its files are called.</param>
/// <param name="Heads">The columns' heads; the first column is aligned left, the others right.</param>
/// <param name="Rows">The rows: a text for each column.</param>
internal sealed record TextTable(string Name, IReadOnlyList<string> Heads, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>As Markdown.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append($"| {string.Join(" | ", Heads.Select(Cell))} |\n|{string.Concat(Heads.Select((_, i) => i == 0 ? "---|" : "---:|"))}\n");
        foreach (var row in Rows)
        {
            text.Append($"| {string.Join(" | ", row.Select(Cell))} |\n");
        }

        return text.ToString();

        static string Cell(string cell) => OneLine.Of(cell).Replace("|", "\\|", StringComparison.Ordinal);
    }

    /// <summary>As LaTeX, with the rules of the package booktabs.</summary>
    public string Latex()
    {
        var text = new StringBuilder("% \\usepackage{booktabs}\n");
        text.Append($"\\begin{{tabular}}{{l{new string('r', Heads.Count - 1)}}}\n\\toprule\n");
        text.Append($"{string.Join(" & ", Heads.Select(Escape))} \\\\\n\\midrule\n");
        foreach (var row in Rows)
        {
            text.Append($"{string.Join(" & ", row.Select(Escape))} \\\\\n");
        }

        return text.Append("\\bottomrule\n\\end{tabular}\n").ToString();
    }

    /// <summary>A text in which LaTeX reads nothing but letters.</summary>
    private static string Escape(string text)
    {
        var escaped = new StringBuilder();
        foreach (var c in OneLine.Of(text))
        {
            escaped.Append(c switch
            {
                '\\' => "\\textbackslash{}",
                '~' => "\\textasciitilde{}",
                '^' => "\\textasciicircum{}",
                '&' or '%' or '$' or '#' or '_' or '{' or '}' => $"\\{c}",
                '±' => "$\\pm$",
                '–' => "--",
                '−' => "$-$",
                '≤' => "$\\le$",
                '<' => "\\textless{}",
                '>' => "\\textgreater{}",
                '"' => "''",
                _ => c.ToString(),
            });
        }

        return escaped.ToString();
    }
}
