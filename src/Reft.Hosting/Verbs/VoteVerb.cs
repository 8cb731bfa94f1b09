using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Reft.Evaluation.Voting;
using Spectre.Console;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft vote</c>: majority votes over samples, whoever made them.</summary>
internal static class VoteVerb
{
    public static Verb Verb { get; } = new(
        "vote",
        [
            "reft vote samples.jsonl",
            "reft vote samples.jsonl --k 4,16,64 --policy paper --json",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE")
        {
            Description = "Samples as JSON objects, one a line or in an array, each problem's in the order in which they were "
                + "drawn: 'id' (the problem's), 'completion' or 'text', 'answer' or 'answer_value'",
        };
        var policy = AnswerOptions.Policy();
        var style = AnswerOptions.Style("guessed from the samples where not given");
        var form = AnswerOptions.Form(terminal.Catalog);
        var sizes = AnswerOptions.Of<string?>(
            "--k", "How many samples vote, as numbers with commas between; where not given, powers of 4 and all of them");
        var json = AnswerOptions.Of<bool>("--json", "Print the figures as one JSON object and nothing else");
        var command = new Command(
            "vote", "Majority votes (maj@k) and unbiased pass@k over samples of known problems.")
        {
            file, policy, style, form, sizes, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var read = AnswerOptions.ToPolicy(parsed.GetRequiredValue(policy));
            var samples = await SampleGroups.ReadAsync(
                parsed.GetRequiredValue(file), terminal.In, AnswerOptions.ToStyle(parsed.GetValue(style)), read,
                AnswerOptions.ToForm(terminal.Catalog, parsed.GetRequiredValue(form)), cancellation);
            var report = VoteReport.Of(
                [.. samples.All.Select(group => Ballot.Of(group.Verdicts, group.Answer, samples.Style, read))], samples.Groups, samples.Sizes(parsed.GetValue(sizes)));
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteLine(JsonSerializer.Serialize(report, AuditPrinter.Json));
            }
            else
            {
                Print(terminal, report, samples.StyleNote);
            }

            return App.Done;
        });
        return command;
    }

    private static void Print(Terminal terminal, VoteReport report, string style)
    {
        terminal.WriteWrapped(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Problems} problems, {report.Samples} samples, {style}; {report.Voteless} samples have no vote."), 2);
        var table = new Table().AddColumns("k", "maj@k, all subsets", "95 % interval", "maj@k, first k", "pass@k");
        foreach (var row in report.Rows)
        {
            table.AddRow(
                $"{row.K}", Shares.Percent(row.Majority.Value), $"{Shares.Percent(row.Majority.Low)} to {Shares.Percent(row.Majority.High)}",
                Shares.Percent(row.FirstMajority.Value), Shares.Percent(row.Pass.Value));
        }

        terminal.Ansi.Write(table);
        terminal.WriteWrapped("Of several answers with as many votes the one that was drawn first wins.", 2);
    }
}
