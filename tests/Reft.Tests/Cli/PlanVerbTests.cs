using System.Globalization;
using System.Text.Json.Nodes;
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
        var path = await ConfigAsync();
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });

        Assert.Equal(App.Done, await App.RunAsync(["plan", path], new Terminal(output, error, TextReader.Null)));

        var rows = Row().Matches(output.ToString()).ToDictionary(
            m => m.Groups[1].Value.Trim(), m => double.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture));
        Assert.True(rows.Remove("together, without logits", out var together), output.ToString());
        Assert.True(rows["activations"] > 0.05 * together, "the activations are too few to be missed");
        Assert.Equal(rows.Values.Sum(), together, 0.06 * rows.Count); // Every row is rounded to a tenth.
    }

    [Fact]
    public async Task Plan_ByRanks_SaysAndDrawsThem()
    {
        var path = await ConfigAsync();
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });

        Assert.Equal(App.Done, await App.RunAsync(
            ["plan", path, "--ranks", "6", "--network", "10Gb", "--plot", _folder["ranks.svg"]], new Terminal(output, error, TextReader.Null)));

        Assert.Equal(["1", "2", "4", "6"], Ranks().Matches(output.ToString()).Select(match => match.Groups[1].Value));
        Assert.Contains("An optimizer step has 1 micro-batches", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("<svg", await File.ReadAllTextAsync(_folder["ranks.svg"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_ByRanksFromAnotherMachinesStep_TakesItsFigures()
    {
        var path = await ConfigAsync();
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        await File.WriteAllTextAsync(_folder["step.json"], """
            { "step": { "updates": [[100, 100], [100, 300]], "tokenSeconds": 0.01, "optimizer": 2, "parameters": 1000, "elementBytes": 4, "cores": 64,
              "threads": 8, "copySeconds": 0, "checksumSeconds": 0 } }
            """, TestContext.Current.CancellationToken);

        Assert.Equal(App.Done, await App.RunAsync(["plan", path, "--ranks", "2", "--step", _folder["step.json"], "--json"], new Terminal(output, error, TextReader.Null)));

        var ranks = JsonNode.Parse(output.ToString())!["ranks"]!.AsArray();
        Assert.Equal(6 + 2, (double)ranks[0]!["seconds"]!, 1e-9);
        Assert.Equal(1 + 3 + 1, (double)ranks[1]!["seconds"]!, 1e-3); // Messages are all but nothing.
    }

    [Theory]
    [InlineData("--network says nothing without --ranks", "--network", "10Gb")]
    [InlineData("--ranks is 0: it must be at least 1", "--ranks", "0")]
    [InlineData("--step: ", "--ranks", "2", "--step", "nowhere.json")]
    public async Task Plan_ByRanksOfNonsense_IsRefused(string expected, params string[] options)
    {
        var path = await ConfigAsync();
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });

        Assert.NotEqual(App.Done, await App.RunAsync(["plan", path, .. options], new Terminal(output, error, TextReader.Null)));
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
    }

    private async Task<string> ConfigAsync()
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
        return path;
    }

    [GeneratedRegex(@"^ +(\d+) +│", RegexOptions.Multiline)]
    private static partial Regex Ranks();

    [GeneratedRegex(@"│ ([a-z][a-z, /]+?) +│ +([0-9.]+) +│\r?$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
