using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Reft.Tests.Cli;

/// <summary>What a terminal shows of a training, as tmux keeps it.</summary>
public sealed partial class TerminalViewTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(80)]
    [InlineData(40)]
    public async Task Train_InATerminal_LeavesNoRestsAndSaysWhatItDoes(int columns)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/tmux"), "needs tmux");
        File.WriteAllText(_folder["run.yaml"], $$"""
            method: sft
            run: {{_folder["r"]}}
            model: { fresh: { layers: 2, width: 64, heads: 2, feedForward: 128, context: 192, vocabulary: 400 } }
            problems:
              train: { generated: { profile: easy, split: train, count: 200, maxSteps: 2 } }
              dev: { generated: { profile: easy, split: dev, count: 40, maxSteps: 2 } }
            answers: { style: program }
            training: { epochs: 2, batchSize: 8, maxTokens: 192 }
            optimizer: { learningRate: 2e-3, schedule: constant }
            evaluation: { everyEpochs: 1, maxTokens: 120, slots: 8 }
            """);
        var socket = _folder["socket"];
        var command = $"dotnet {Path.Combine(AppContext.BaseDirectory, "Reft.Cli.dll")} train {_folder["run.yaml"]}; echo ended-$?; sleep 600";
        Tmux("-S", socket, "new-session", "-d", "-x", $"{columns}", "-y", "40", command);
        var seen = new List<string[]>();
        try
        {
            var clock = Stopwatch.StartNew();
            while (seen.Count == 0 || !seen[^1].Any(line => line.StartsWith("ended-", StringComparison.Ordinal)))
            {
                Assert.True(clock.Elapsed < TimeSpan.FromMinutes(3), string.Join('\n', seen.LastOrDefault() ?? []));
                await Task.Delay(80, TestContext.Current.CancellationToken);
                seen.Add([.. Tmux("-S", socket, "capture-pane", "-p", "-J").Split('\n').Where(line => line.Trim().Length > 0)]);
            }
        }
        finally
        {
            Tmux("-S", socket, "kill-server");
        }

        // What stays is what was printed, word for word: nothing of the lines that were drawn and erased.
        var words = string.Join(' ', seen[^1]).Replace("  ", " ", StringComparison.Ordinal);
        var dev = "step [0-9]+: dev accuracy [0-9.]+ % \\(95% [0-9.]+ % to [0-9.]+ %, 40 problems\\) ?";
        Assert.Matches($"^sft: [0-9]+ steps, [0-9.]+ M trained parameters, into {Regex.Escape(_folder["r"])} ?([0-9]+ of 200 solutions are longer than 192 tokens and are left out ?)?({dev}){{3}}Finished [0-9]+ steps in {Regex.Escape(_folder["r"])}\\. ?Best on dev: [0-9.]+ % after step [0-9]+\\. ?ended-0", words);
        // And what was seen meanwhile said what is done, before there is a run and in evaluations.
        Assert.Contains(seen, lines => lines.Any(line => Making().IsMatch(line)));
        Assert.Contains(seen, lines => lines.Any(line => Evaluating().IsMatch(line)));
        Assert.Contains(seen, lines => lines.Any(line => line.Contains('█', StringComparison.Ordinal)));
        Assert.All(seen, lines => Assert.DoesNotContain(lines, line => line.Length > columns && !line.StartsWith("sft:", StringComparison.Ordinal) && Evaluating().IsMatch(line)));
    }

    private static string Tmux(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/tmux", arguments) { RedirectStandardOutput = true })!; // It is a new process.
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }

    [GeneratedRegex("^(reading the problems|making a fresh model|making sft ready|starting)", RegexOptions.CultureInvariant)]
    private static partial Regex Making();

    [GeneratedRegex("^evaluation: dev, [0-9]+ of 40", RegexOptions.CultureInvariant)]
    private static partial Regex Evaluating();
}
