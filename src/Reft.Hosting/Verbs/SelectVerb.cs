using System.CommandLine;
using System.Globalization;
using Reft.Answers;
using Reft.Problems.Files;
using Reft.Sampling;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft select</c>: the training set of offline self-training from verified samples.</summary>
internal static class SelectVerb
{
    public static Verb Verb { get; } = new(
        "select",
        [
            "reft select samples.jsonl --style program --gold train.json --output self-training.jsonl",
            "reft select samples.jsonl --style number --keep 4 --pick random --seed 2 --output self-training.jsonl",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "Samples that 'reft sample' drew" };
        var style = new Option<string>("--style") { Description = "What answers are: number, choice or program", Required = true };
        style.AcceptOnlyFromAmong("number", "choice", "program");
        var policy = AnswerOptions.Policy();
        var gold = AnswerOptions.Of<string?>("--gold", "Problems whose solutions are kept beside the samples, each once");
        var keep = AnswerOptions.Of("--keep", "The most samples of a problem", 10);
        var pick = AnswerOptions.Of("--pick", "Which of more: the first that were drawn, or random ones", "first");
        pick.AcceptOnlyFromAmong("first", "random");
        var seed = AnswerOptions.Of<ulong>("--seed", "The seed of random ones", 1);
        var output = new Option<string>("--output") { Description = "The JSON lines file to train on", Required = true };
        var command = new Command(
            "select", "Keep the correct samples of every problem, each text once: what offline self-training learns from.")
        {
            file, style, policy, gold, keep, pick, seed, output,
        };
        command.SetAction((parsed, _) =>
        {
            var most = parsed.GetValue(keep);
            if (most < 1)
            {
                throw new InputException($"--keep is {most}; it must be at least 1");
            }

            var kind = Enum.Parse<AnswerStyle>(parsed.GetRequiredValue(style), ignoreCase: true);
            var solved = parsed.GetValue(gold) is { } path
                ? new ProblemFile(path, new ProblemFileOptions
                {
                    Formats = terminal.Catalog.Formats,
                    Gsm8kSolution = kind == AnswerStyle.Program ? Gsm8kSolution.Program : Gsm8kSolution.Stripped,
                }).Load()
                : [];
            var (problems, counts) = SelfTrainingSet.Make(
                parsed.GetRequiredValue(file), solved, kind, AnswerOptions.ToPolicy(parsed.GetRequiredValue(policy)), most,
                Enum.Parse<SamplePick>(parsed.GetRequiredValue(pick), ignoreCase: true), parsed.GetValue(seed));
            if (problems.Count == 0)
            {
                throw new InputException($"{parsed.GetRequiredValue(file)}: no sample is correct, and no gold solution is given; there is nothing to train on");
            }

            SelfTrainingSet.Write(parsed.GetRequiredValue(output), problems);
            terminal.WriteWrapped(string.Create(
                CultureInfo.InvariantCulture,
                $"{parsed.GetRequiredValue(output)}: {problems.Count} solutions of {counts.Problems} problems: {counts.Kept} samples and {counts.Gold} gold. "
                + $"Left out: {counts.Wrong} samples that are not correct, {counts.Repeated} repeated, {counts.Surplus} beyond {most} a problem."), 2);
            return Task.FromResult(App.Done);
        });
        return command;
    }
}
