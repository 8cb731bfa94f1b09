using System.Globalization;
using System.Text;
using Reft.Answers;

namespace Reft.Tests.Answers;

/// <summary>
/// The table of hard completions; eng/golden/tricky_answers.py says where its expected values come from.
/// </summary>
public sealed class TrickyAnswerTests
{
    [Fact]
    public void Table_Rows_AreAtLeast300() => Assert.InRange(Rows().Count, 300, 1000);

    [Theory]
    [InlineData(AnswerPolicy.Exact)]
    [InlineData(AnswerPolicy.Paper)]
    public void Read_EveryRow_SaysWhatTheTableSays(AnswerPolicy policy)
    {
        var wrong = new List<string>();

        foreach (var (style, completion, exact, paper) in Rows())
        {
            var expected = policy == AnswerPolicy.Exact ? exact : paper;
            var reading = new AnswerExtractor(policy, style).Read(completion);
            if (reading.Text != expected)
            {
                wrong.Add($"{style} '{completion}': '{reading.Text ?? "<none>"}' ({reading.Reason}), not '{expected}'");
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private static List<(AnswerStyle Style, string Completion, string? Exact, string? Paper)> Rows()
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Answers", "tricky-answers.tsv");
        return
        [
            .. File.ReadLines(path).Skip(1).Select(line => line.Split('\t')).Select(cells => (
                Enum.Parse<AnswerStyle>(cells[0], ignoreCase: true),
                Unescape(cells[1])!, // The completion column has no <none>.
                Unescape(cells[2]),
                Unescape(cells[3]))),
        ];
    }

    private static string? Unescape(string cell)
    {
        var text = new StringBuilder();
        for (var i = 0; i < cell.Length; i++)
        {
            if (cell[i] != '\\')
            {
                text.Append(cell[i]);
                continue;
            }

            i++;
            text.Append(cell[i] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'u' => (char)int.Parse(cell.AsSpan(i + 1, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                var same => same,
            });
            i += cell[i] == 'u' ? 4 : 0;
        }

        return cell == "<none>" ? null : text.ToString();
    }
}
