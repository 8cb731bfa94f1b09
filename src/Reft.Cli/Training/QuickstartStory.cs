using System.Globalization;
using System.Text.Json;
using Reft.Configuration;
using Reft.Evaluation;
using Reft.Inputs;
using Reft.Quickstart;
using Reft.Reporting;
using Spectre.Console;

namespace Reft.Cli.Training;

/// <summary>Tells a newcomer what the quickstart does and what came of it.</summary>
internal sealed class QuickstartStory(Terminal terminal, bool json)
{
    private const int Examples = 3;

    public void Open(QuickstartConfigs configs)
    {
        var problems = configs.WarmUp.Problems;
        Say($"""
            A small language model will learn to solve word problems by writing Python programs, from nothing, on this machine.
            There are {problems.Train[0].Generated!.Count} problems to learn on. The answer of each is known, but only {problems.Train[0].Generated!.Solutions} come with a worked solution, as
            solutions are what is expensive. Checkpoints are chosen on {problems.Dev[0].Generated!.Count} other problems, and in the end each model is tested
            once on {problems.Test[0].Generated!.Count} that it has never seen, whose stories are built in other ways. Ctrl-C stops it; nothing is lost.
            """);
    }

    public static IEnumerable<(RunConfig Config, string Chapter)> Chapters(QuickstartConfigs configs) =>
    [
        (configs.WarmUp, $"1. Warm-up: imitate solutions for {configs.WarmUp.Training.Steps} gradient steps (supervised fine-tuning, SFT)."),
        (configs.Sft, $"2. More of the same, from the warm-up: {QuickstartConfigs.GradientSteps} more gradient steps of SFT."),
        (configs.Reft,
            $"3. ReFT, from the same warm-up, for as many gradient steps: the model writes programs of its own, they are run,\n"
            + "   and what computes the right answer is reinforced. It needs no solutions, so it can practise on all the problems."),
    ];

    public void Begin(string chapter) => Say("\n" + chapter);

    public void End(QuickstartConfigs configs, QuickstartResult result, TimeSpan time)
    {
        if (json)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(Facts(configs, result, time), RunJson.Indented));
            return;
        }

        Table(result);
        Verdict(result);
        foreach (var (example, i) in result.Examples(Examples).Select((example, i) => (example, i)))
        {
            Show(example, i + 1);
        }

        Say($"\nIt took {Pace.Span(time)}. Curves and completions, to be opened in a browser:");
        foreach (var config in new[] { configs.WarmUp, configs.Sft, configs.Reft })
        {
            Say($"  {Path.Combine(config.Run, ReportPage.FileName)}");
        }

        Say($"Try the model:  reft generate {Path.Combine(configs.Reft.Run, "checkpoints", $"step-{result.Reft.Step:D6}")} --temperature 0 --file question.txt");
    }

    private static object Facts(QuickstartConfigs configs, QuickstartResult result, TimeSpan time) => new
    {
        configs.Reft.Seed,
        WarmUp = result.WarmUp.Greedy.Accuracy,
        Sft = result.Sft.Greedy.Accuracy,
        Reft = result.Reft.Greedy.Accuracy,
        Difference = result.Difference.Greedy,
        result.Difference.PValue,
        result.IsAhead,
        QuickstartConfigs.GradientSteps,
        Seconds = time.TotalSeconds,
        Runs = new[] { configs.WarmUp.Run, configs.Sft.Run, configs.Reft.Run },
    };

    private void Table(QuickstartResult result)
    {
        var table = new Table().AddColumns("test, greedy", "right", "95% interval", "wrong", "crash or none");
        Row("warm-up", result.WarmUp);
        Row("more SFT", result.Sft);
        Row("ReFT", result.Reft);
        terminal.Out.WriteLine();
        terminal.Ansi.Write(table);

        void Row(string name, EvaluationResult evaluation)
        {
            var part = evaluation.Greedy;
            var none = part.Shares.NoAnswer + part.Shares.Error + part.Shares.Timeout;
            table.AddRow(
                name, Text($"{part.Accuracy.Value:P1}"), Text($"{part.Accuracy.Low:P1} to {part.Accuracy.High:P1}"),
                Text($"{part.Shares.Incorrect:P1}"), Text($"{none:P1}"));
        }
    }

    private void Verdict(QuickstartResult result)
    {
        var difference = result.Difference.Greedy;
        Say(Text($"ReFT less SFT: {100 * difference.Value:+0.0;-0.0} points (95% {100 * difference.Low:+0.0;-0.0} to {100 * difference.High:+0.0;-0.0}, paired over {difference.N} problems)."));
        Say(result.IsAhead
            ? "Both took as many gradient steps from the same warm-up. Imitating the few solutions again and again taught the model\n"
                + "little more; trying for itself, on all the problems whose answer is known, and being told what was right did."
            : "The intervals overlap: in this run ReFT did not clearly beat SFT. Other seeds may differ.");
    }

    private void Show(QuickstartExample example, int number)
    {
        var question = example.Before.Prompt.Split('\n')[1];
        Say($"\nExample {number}: {question}");
        Say($"  before (answer {example.Before.Answer ?? "none"}):");
        Code(example.Before.Completion);
        Say($"  after ReFT (answer {example.After.Answer}, right):");
        Code(example.After.Completion);
    }

    private void Code(string completion)
    {
        foreach (var line in completion.TrimEnd().Split('\n'))
        {
            terminal.WriteWrapped("  │ " + line, indent: 6);
        }
    }

    private void Say(string text)
    {
        if (json)
        {
            return;
        }

        foreach (var line in text.Split('\n'))
        {
            terminal.WriteWrapped(line, indent: 0);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
