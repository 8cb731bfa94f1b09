using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Evaluation;
using Spectre.Console;
using Cell = Spectre.Console.Text;

namespace Reft.Hosting.Verbs;

/// <summary>An evaluation's figures: a table that needs 60 columns at most, or JSON.</summary>
internal static class EvaluationPrinter
{
    private const int Shown = 10;

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Print(
        Terminal terminal, EvaluateRequest request, EvaluationResult result, EvaluationComparison? comparison,
        int? look)
    {
        if (request.Json)
        {
            terminal.Out.WriteLine(Json(request, result, comparison, look));
            return;
        }

        var guessed = request.Completion.Problems.Style is null ? " (guessed; --style sets it)" : "";
        terminal.WriteWrapped(
            $"{result.Set}: {result.Greedy.Problems} problems{Groups(result.Greedy)}, style {Word(result.Style)}{guessed}, "
            + $"policy {Word(result.Policy)}{(result.Form is { } form ? $", form {form}" : "")}",
            2);
        terminal.WriteWrapped($"{request.Completion.Model}: model {result.Model}", 2);
        terminal.WriteWrapped(Settings(result), 2);
        terminal.Ansi.Write(Table(result));
        if (comparison is not null)
        {
            Compare(terminal, request.Compare!, comparison); // There is a comparison because of it.
        }

        if (look is { } number)
        {
            terminal.WriteWrapped(
                $"look {number} at this test set, recorded in {request.Ledger}"
                + (number > 1 ? "; a figure that was chosen by such looks is no test result" : ""),
                2);
        }
    }

    private static string Word<T>(T value) => $"{value}".ToLowerInvariant();

    private static string Settings(EvaluationResult result)
    {
        var most = string.Create(CultureInfo.InvariantCulture, $"at most {result.Greedy.Sampling.MaxTokens} tokens");
        return result.Sampled is { Sampling: var sampling } part
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{most}; {Samples(part)} samples of each at temperature {sampling.Temperature}, "
                + $"top-k {sampling.TopK}, top-p {sampling.TopP}, min-p {sampling.MinP}, seed {sampling.Seed}")
            : most;
    }

    private static int Samples(EvaluationPart part) => part.Items.Count / part.Problems;

    /// <summary>How many draws the problems are, where they are fewer.</summary>
    private static string Groups(EvaluationPart part) =>
        part.Accuracy.N < part.Problems ? string.Create(CultureInfo.InvariantCulture, $" of {part.Accuracy.N} kinds") : "";

    private static Table Table(EvaluationResult result)
    {
        EvaluationPart[] parts = result.Sampled is null ? [result.Greedy] : [result.Greedy, result.Sampled];
        var table = new Table().Border(TableBorder.Simple).AddColumn("", column => column.NoWrap()).AddColumn("greedy");
        if (result.Sampled is { } sampled)
        {
            table.AddColumn(string.Create(CultureInfo.InvariantCulture, $"{Samples(sampled)} samples"));
        }

        Row("accuracy", part => Shares.Percent(part.Accuracy.Value));
        Row("95% interval", part => $"{Hundreds(part.Accuracy.Low)} to {Hundreds(part.Accuracy.High)} %");
        Row("wrong answer", part => Shares.Percent(part.Shares.Incorrect));
        Row("no answer", part => Shares.Percent(part.Shares.NoAnswer));
        Row("error", part => Shares.Percent(part.Shares.Error));
        Row("timeout", part => Shares.Percent(part.Shares.Timeout));
        Row("truncated", part => Shares.Percent(part.Shares.Truncated));
        if (result.Greedy.Shares.PromptTooLong > 0)
        {
            Row("prompt too long", part => Shares.Percent(part.Shares.PromptTooLong));
        }

        Row("mean reward", part => part.Reward.ToString("F3", CultureInfo.InvariantCulture));
        Row("mean tokens", part => part.MeanTokens.ToString("F1", CultureInfo.InvariantCulture));
        return table;

        void Row(string name, Func<EvaluationPart, string> value) =>
            table.AddRow([new Cell(name), .. parts.Select(part => new Cell(value(part)))]);
    }

    private static void Compare(Terminal terminal, string baseline, EvaluationComparison comparison)
    {
        terminal.WriteWrapped($"against {baseline}:", 2);
        terminal.WriteWrapped(
            string.Create(
                CultureInfo.InvariantCulture,
                $"  greedy {Difference(comparison.Greedy)}, McNemar p = {comparison.PValue:G3}"),
            4);
        if (comparison.Sampled is { } sampled)
        {
            terminal.WriteWrapped($"  sampled {Difference(sampled)}", 4);
        }

        terminal.WriteWrapped($"  gained {Names(comparison.Gained)}", 4);
        terminal.WriteWrapped($"  lost {Names(comparison.Lost)}", 4);
        foreach (var note in comparison.Notes)
        {
            terminal.WriteWrapped($"  note: {note}", 4);
        }
    }

    private static string Names(IReadOnlyList<string> problems) => problems.Count == 0
        ? "0"
        : $"{problems.Count}: {OneLine.List([.. problems], Shown)}";

    private static string Hundreds(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture);

    private static string Difference(Estimate difference) =>
        $"{Points(difference.Value)} points (95% {Points(difference.Low)} to {Points(difference.High)})";

    private static string Points(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    /// <summary>The file's figures without its items, and what is known besides.</summary>
    private static string Json(
        EvaluateRequest request, EvaluationResult result, EvaluationComparison? comparison, int? look)
    {
        var json = JsonNode.Parse(EvaluationFile.ToJson(result))!.AsObject(); // It was written as an object just now.
        foreach (var (name, part) in new[] { ("greedy", result.Greedy), ("sampled", result.Sampled) })
        {
            if (part is not null && json[name] is JsonObject figures)
            {
                figures.Remove("items");
                figures["meanTokens"] = part.MeanTokens;
            }
        }

        json["comparison"] = comparison is null ? null : JsonSerializer.SerializeToNode(comparison, _json);
        json["testLook"] = look;
        json["output"] = request.Output;
        return json.ToJsonString(_json);
    }
}
