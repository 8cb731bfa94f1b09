using System.Text.Json;
using Reft.Python;

namespace Reft.Tests.Python;

public sealed class SvampProgramTests
{
    [Fact]
    public void Run_EverySvampProgram_EqualsItsAnswer()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(SharedData.Require("data/svamp/svamp_python_sdp.json")));
        var wrong = new List<string>();
        var count = 0;
        foreach (var row in document.RootElement.EnumerateArray())
        {
            count++;
            var answer = row.GetProperty("answer_value");
            var expected = answer.ValueKind == JsonValueKind.Number
                ? answer.GetDouble()
                : double.Parse(answer.GetString() ?? "", System.Globalization.CultureInfo.InvariantCulture);
            foreach (var source in (string[])[Source(row), PaperProgramText.Prepare(Source(row))])
            {
                var result = Run.Source(source);
                // The file's answers are rounded; the paper takes what lies within 0.01.
                if (result.Value?.ToFloat() is not { } value || Math.Abs(value - expected) > 0.01)
                {
                    wrong.Add($"{expected}: {result.Value?.Repr} {result.Detail}");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.Equal(3043, count);
    }

    private static string Source(JsonElement row) => row.GetProperty("answer_cot").GetString() ?? "";
}
