using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Reft.Answers;
using Reft.Checkpoints;
using Reft.Evaluation.Reranking;
using Reft.Inputs;
using Reft.Sampling;
using Reft.Text;
using Reft.Text.Prompts;
using Spectre.Console;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft rerank</c>: a reward model chooses among samples, whoever made them.</summary>
internal static class RerankVerb
{
    public static Verb Verb { get; } = new(
        "rerank",
        [
            "reft rerank runs/orm/checkpoints/step-000300 samples.jsonl",
            "reft rerank ./reward-model samples.jsonl --k 4,16,64 --output scored.jsonl --json",
            "reft rerank runs/dpo/checkpoints/step-000100 samples.jsonl --reference runs/sft/checkpoints/step-000300",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var folder = new Argument<string>("MODEL") { Description = "A reward model's folder: a checkpoint of method outcome-reward; or a trained model's, with --reference" };
        var file = new Argument<string>("FILE")
        {
            Description = "Samples as JSON objects, one a line or in an array, each problem's in the order in which they were "
                + "drawn: 'id' (the problem's), 'question', 'completion' or 'text', 'answer' or 'answer_value'",
        };
        var policy = AnswerOptions.Policy();
        var style = AnswerOptions.Style("guessed from the samples where not given");
        var form = AnswerOptions.Form(terminal.Catalog);
        var sizes = AnswerOptions.Of<string?>(
            "--k", "How many samples there are to choose from, as numbers with commas between; where not given, powers of 4 and all");
        var output = AnswerOptions.Of<string?>("--output", "Write every sample's score and verdict to this JSON lines file");
        var reference = AnswerOptions.Of<string?>(
            "--reference", "The folder of the model that MODEL was trained from by preferences: samples are then scored by its implicit reward");
        var beta = new Option<double>("--beta")
        {
            Description = "β of the implicit reward β·log(π/π_ref), above 0",
            DefaultValueFactory = _ => ImplicitReward.UsualBeta,
        };
        var json = AnswerOptions.Of<bool>("--json", "Print the figures as one JSON object and nothing else");
        var command = new Command(
            "rerank", "Let a reward model choose among samples of known problems: best-of-k, weighted votes, calibration.")
        {
            folder, file, policy, style, form, sizes, output, reference, beta, json,
        };
        var model = new ModelOptions();
        model.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var read = AnswerOptions.ToPolicy(parsed.GetRequiredValue(policy));
            var path = parsed.GetRequiredValue(file);
            var samples = await SampleGroups.ReadAsync(
                path, terminal.In, AnswerOptions.ToStyle(parsed.GetValue(style)), read,
                AnswerOptions.ToForm(terminal.Catalog, parsed.GetRequiredValue(form)), cancellation);
            var k = samples.Sizes(parsed.GetValue(sizes));
            var texts = samples.All.SelectMany(group => group.Lines).Select(line => (
                line.Question ?? throw new InputException(
                    $"{OneLine.Of(path)}, sample {line.Line}: lacks 'question', which the reward model reads"), line.Text)).ToArray();
            var (dtype, device) = model.Read(parsed);
            var (scores, tooLong) = parsed.GetValue(reference) is { } from
                ? Implied(terminal, ModelFolder.Find(parsed.GetRequiredValue(folder), terminal, cancellation), ModelFolder.Find(from, terminal, cancellation), Beta(parsed.GetValue(beta)), texts, samples.Style, dtype, device)
                : Score(terminal, ModelFolder.Find(parsed.GetRequiredValue(folder), terminal, cancellation), texts, samples.Style, dtype, device, cancellation);
            var ranked = Rank(samples, scores, read);
            var report = RerankReport.Of(ranked, samples.Groups, k);
            if (parsed.GetValue(output) is { } scored)
            {
                Write(scored, samples, ranked);
            }

            Print(terminal, report, samples.StyleNote, tooLong, parsed.GetValue(json));
            return App.Done;
        });
        return command;
    }

    private static (double[] Scores, int TooLong) Score(
        Terminal terminal, string folder, IReadOnlyList<(string, string)> texts, AnswerStyle style,
        TorchSharp.torch.ScalarType dtype, Numerics.ComputeDevice device, CancellationToken cancellation)
    {
        using var model = RewardModel.Load(folder, dtype, device);
        var own = FolderPrompt.Of(folder, terminal.Catalog.Prompts);
        var template = new PromptTemplate
        {
            Style = style,
            GiveProgramHeader = model.GivesProgramHeader,
            Form = own.IsOwn ? own.Form : new MarkedPrompt(),
        }.For(folder);
        if (template.Validate("").Any())
        {
            throw new InputException($"{OneLine.Of(folder)}: learned programs, but the style is {style}; add --style program");
        }

        using var line = new ProgressLine(terminal);
        return new RewardScorer(model, template, ModelFolder.RequireTokenizer(folder)).Score(
            texts, (done, all) => line.Show(_ => $"{done} of {all} different samples are read"), cancellation);
    }

    private static double Beta(double beta) =>
        beta > 0 && double.IsFinite(beta) ? beta : throw new InputException($"--beta is {beta}: it must be above 0");

    private static (double[] Scores, int TooLong) Implied(
        Terminal terminal, string folder, string reference, double beta, IReadOnlyList<(string, string)> texts, AnswerStyle style,
        TorchSharp.torch.ScalarType dtype, Numerics.ComputeDevice device)
    {
        var (loaded, own) = (new List<IDisposable>(), FolderPrompt.Of(folder, terminal.Catalog.Prompts));
        try
        {
            var template = new PromptTemplate { Style = style, Form = own.IsOwn ? own.Form : new MarkedPrompt() }.For(folder);
            return ImplicitReward.Load(folder, reference, Load, beta, template).Score(texts);
        }
        finally
        {
            loaded.ForEach(model => model.Dispose());
        }

        PretrainedModel Load(string path)
        {
            var model = PretrainedModel.Load(path, dtype, device);
            loaded.Add(model);
            return model;
        }
    }

    private static RankedSamples[] Rank(SampleGroups samples, double[] scores, AnswerPolicy policy)
    {
        var at = 0;
        return
        [
            .. samples.All.Select(group =>
            {
                var own = scores[at..(at + group.Lines.Count)];
                at += own.Length;
                return RankedSamples.Of(group.Verdicts, own, group.Answer, samples.Style, policy);
            }),
        ];
    }

    private static void Write(string path, SampleGroups samples, RankedSamples[] ranked)
    {
        var lines = samples.All.Zip(ranked).SelectMany(pair =>
            pair.First.Lines.Select((line, i) => (Line: line, Verdict: pair.First.Verdicts[i], Score: pair.Second.Scores[i])));
        AtomicFile.WriteJsonLines(path, lines, new JsonWriterOptions { Encoder = AuditPrinter.Json.Encoder }, (json, row) =>
        {
            json.WriteString("id", row.Line.Id);
            json.WriteString("question", row.Line.Question);
            json.WriteString("answer", row.Line.Answer);
            json.WriteString("completion", row.Line.Text);
            json.WriteString("outcome", JsonNamingPolicy.CamelCase.ConvertName($"{row.Verdict.Outcome}"));
            json.WriteString("value", row.Verdict.Answer);
            json.WriteNumber("score", row.Score);
        });
    }

    private static void Print(Terminal terminal, RerankReport report, string style, int tooLong, bool asJson)
    {
        if (tooLong > 0)
        {
            terminal.Error.WriteLine($"warning: {tooLong} samples are longer than the reward model reads, and score 0");
        }

        if (asJson)
        {
            terminal.Out.WriteLine(JsonSerializer.Serialize(report, AuditPrinter.Json));
            return;
        }

        var calibration = report.Calibration;
        terminal.WriteWrapped(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Problems} problems, {report.Samples} samples, {style}, {calibration.Right:P1} of them right; {report.Voteless} have no answer and are no candidates."), 2);
        var table = new Table().AddColumns("k", "best-of-k", "95 % interval", "first k", "weighted", "maj@k", "pass@k");
        foreach (var row in report.Rows)
        {
            table.AddRow(
                $"{row.K}", Shares.Percent(row.Best.Value), $"{Shares.Percent(row.Best.Low)} to {Shares.Percent(row.Best.High)}",
                Shares.Percent(row.FirstBest.Value), Shares.Percent(row.Weighted.Value), Shares.Percent(row.Majority.Value), Shares.Percent(row.Pass.Value));
        }

        terminal.Ansi.Write(table);
        terminal.WriteWrapped(string.Create(
            CultureInfo.InvariantCulture,
            $"Scores: {calibration.Accuracy:P1} of samples told rightly at 0.5, expected calibration error {calibration.ExpectedError:F3}, Brier {calibration.Brier:F3}."), 2);
        var bins = new Table().AddColumns("score", "samples", "mean score", "right");
        foreach (var bin in calibration.Bins.Where(bin => bin.Count > 0))
        {
            bins.AddRow(
                string.Create(CultureInfo.InvariantCulture, $"{bin.From:F1} to {bin.From + 0.1:F1}"),
                string.Create(CultureInfo.InvariantCulture, $"{bin.Count}"), Shares.Percent(bin.Score!.Value), Shares.Percent(bin.Right!.Value)); // Not empty.
        }

        terminal.Ansi.Write(bins);
    }
}
