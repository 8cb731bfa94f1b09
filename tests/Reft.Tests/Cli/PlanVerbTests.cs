using System.Globalization;
using System.Text.RegularExpressions;
using Reft.Hosting;

namespace Reft.Tests.Cli;

public sealed partial class PlanVerbTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Plan_Memory_IsTheSumOfItsParts()
    {
        var path = _folder["run.yaml"];
        await File.WriteAllTextAsync(
            path,
            $$"""
            method: sft
            run: {{_folder["run"]}}
            model:
              fresh: { layers: 2, width: 64, heads: 2, feedForward: 96, context: 200, vocabulary: 300 }
            problems:
              train: { generated: { split: train, count: 12, profile: easy, maxSteps: 1 } }
            answers: { style: program }
            training: { steps: 2, batchSize: 4, maxTokens: 200 }
            optimizer: { learningRate: 1e-3, schedule: constant }
            """,
            TestContext.Current.CancellationToken);
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });

        Assert.Equal(App.Done, await App.RunAsync(["plan", path], new Terminal(output, error, TextReader.Null)));

        var rows = Row().Matches(output.ToString()).ToDictionary(
            m => m.Groups[1].Value.Trim(), m => double.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture));
        Assert.True(rows.Remove("together, without logits", out var together), output.ToString());
        Assert.True(rows["activations"] > 0.05 * together, "the activations are too few to be missed");
        Assert.Equal(rows.Values.Sum(), together, 0.06 * rows.Count); // Every row is rounded to a tenth.
    }

    [GeneratedRegex(@"│ ([a-z][a-z, /]+?) +│ +([0-9.]+) +│\r?$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
