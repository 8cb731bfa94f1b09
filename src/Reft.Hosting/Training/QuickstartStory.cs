using System.Globalization;
using System.Text.Json;
using Reft.Configuration;
using Reft.Evaluation;
using Reft.Inputs;
using Reft.Quickstart;
using Reft.Reporting;
using Spectre.Console;

namespace Reft.Hosting.Training;

/// <summary>Tells a newcomer what the quickstart does and what came of it.</summary>
internal sealed class QuickstartStory(Terminal terminal, bool json)
{
    private const int Examples = 3;

    public void Open(QuickstartConfigs configs)
    {
        var problems = configs.MoreAnswers.Problems;
        Say($"""
            A small language model will learn to solve word problems by writing Python programs, from nothing, on this machine.

            {QuickstartConfigs.Annotated} questions come with a worked solution. Whoever wrote them was in a hurry: of ten sums they did {10 * QuickstartConfigs.MentalRate:0} in the head, and wrote "c = 42" where "c = a * b" was meant. Python calculates better than a small model does, so this is a bad habit to imitate.

            Checkpoints are chosen on {problems.Dev[0].Generated!.Count} other problems. In the end each model is tested once on {problems.Test[0].Generated!.Count} that it has never seen. Ctrl-C stops it; nothing is lost.
            """);
    }

    public static IEnumerable<(RunConfig Config, string Chapter)> Chapters(QuickstartConfigs configs) =>
    [
        (configs.Sft,
            $"1. SFT (supervised fine-tuning): imitate the {QuickstartConfigs.Annotated} solutions, for {QuickstartConfigs.SftSteps} gradient steps. "
            + $"What it is after {QuickstartConfigs.WarmUpSteps} of them is the warm-up that ReFT begins from."),
        (configs.Reft,
            $"2. ReFT on the same {QuickstartConfigs.Annotated} questions, from the warm-up: the model writes programs of its own, they are run, and what "
            + $"computes the right answer is reinforced. {QuickstartConfigs.ReftGradientSteps} gradient steps on {QuickstartConfigs.ReftSteps * QuickstartConfigs.ReftSamples:N0} programs."),
        (configs.MoreAnswers,
            $"3. ReFT with more answers, from the same warm-up: as before, but on {QuickstartConfigs.Questions:N0} questions. Of the {QuickstartConfigs.Questions - QuickstartConfigs.Annotated:N0} "
            + "others only the answer is known, which is all that ReFT needs and SFT cannot use."),
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
        Verdicts(configs, result);
        foreach (var (example, i) in result.Examples(Examples).Select((example, i) => (example, i)))
        {
            Show(example, i + 1);
        }

        Say($"\nIt took {Pace.Span(time)}. Curves and completions, to be opened in a browser:");
        foreach (var config in new[] { configs.Sft, configs.Reft, configs.MoreAnswers })
        {
            Say($"  {Path.Combine(config.Run, ReportPage.FileName)}");
        }

        Say($"Try the model:  reft generate {Path.Combine(configs.Reft.Run, "checkpoints", $"step-{result.Reft.Step:D6}")} --temperature 0 --file question.txt");
    }

    /// <summary>What a difference says by its interval, and nothing more.</summary>
    /// <param name="difference">The difference.</param>
    /// <param name="better">What it means that it is above 0.</param>
    internal static string Verdict(Estimate difference, string better) =>
        difference.Low > 0 ? better
        : difference.High < 0 ? "In this run it did worse."
        : "These problems show no difference.";

    private static object Facts(QuickstartConfigs configs, QuickstartResult result, TimeSpan time) => new
    {
        configs.Sft.Seed,
        Sft = result.Sft.Greedy.Accuracy,
        Reft = result.Reft.Greedy.Accuracy,
        ReftMoreAnswers = result.MoreAnswers.Greedy.Accuracy,
        ReftLessSft = result.SameQuestions.Greedy,
        MoreAnswersLessReft = result.Answers.Greedy,
        LeavesSums = new
        {
            Sft = QuickstartResult.LeavesSums(result.Sft.Greedy.Items),
            Reft = QuickstartResult.LeavesSums(result.Reft.Greedy.Items),
            ReftMoreAnswers = QuickstartResult.LeavesSums(result.MoreAnswers.Greedy.Items),
        },
        Seconds = time.TotalSeconds,
        Runs = new[] { configs.Sft.Run, configs.Reft.Run, configs.MoreAnswers.Run },
    };

    private void Table(QuickstartResult result)
    {
        var table = new Table().AddColumns("test, greedy", "learned from", "right, %", "95% interval", "sums by Python, %");
        var (solved, answers) = ($"{QuickstartConfigs.Annotated} solved", $"+ {QuickstartConfigs.Questions - QuickstartConfigs.Annotated} answers");
        Row("SFT", solved, result.Sft);
        Row("ReFT, same questions", solved, result.Reft);
        Row("ReFT, more answers", answers, result.MoreAnswers);
        terminal.Out.WriteLine();
        terminal.Ansi.Write(table);

        void Row(string name, string saw, EvaluationResult evaluation)
        {
            var part = evaluation.Greedy;
            table.AddRow(
                name, saw, Text($"{100 * part.Accuracy.Value:F1}"), Text($"{100 * part.Accuracy.Low:F1} to {100 * part.Accuracy.High:F1}"),
                Text($"{100 * QuickstartResult.LeavesSums(part.Items):F0}"));
        }
    }

    private void Verdicts(QuickstartConfigs configs, QuickstartResult result)
    {
        Say($"ReFT less SFT, same questions: {Points(result.SameQuestions.Greedy)}. "
            + Verdict(result.SameQuestions.Greedy, "With nothing but the same questions it did better: whoever imitates has to take the habit over, while a reward asks only "
                + "whether the answer is right."));
        Say($"More answers less ReFT on the same questions: {Points(result.Answers.Greedy)}. "
            + Verdict(result.Answers.Greedy, "This is what questions are worth that nobody solved; SFT never saw them, so it is not to be compared with."));
        Say(Text($"The intervals are over problems (each counts {result.SameQuestions.Greedy.N}). This was one run, seed {configs.Sft.Seed}: another seed gives other figures."));

        static string Points(Estimate difference) => Text(
            $"{100 * difference.Value:+0.0;-0.0;0.0} points (95% {100 * difference.Low:+0.0;-0.0;0.0} to {100 * difference.High:+0.0;-0.0;0.0})");
    }

    private void Show(QuickstartExample example, int number)
    {
        var question = example.Sft.Prompt.Split('\n')[1];
        Say($"\nExample {number}: {question}");
        Say($"  SFT (answer {example.Sft.Answer ?? "none"}):");
        Code(example.Sft.Completion);
        Say($"  ReFT, same questions (answer {example.Reft.Answer}, right):");
        Code(example.Reft.Completion);
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
