using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Reft.Checkpoints;
using Reft.Generation;

namespace Reft.Hosting.Verbs;

/// <summary><c>reft score</c>: the log-probability of every token of a text.</summary>
internal static class ScoreVerb
{
    public static Verb Verb { get; } = new(
        "score",
        [
            "reft score ./model --text \"Tom has 3 apples.\"",
            "reft score ./model --ids 1,2,3 --json",
            "reft score ./model --file question.txt --no-special",
        ],
        Create);

    private static Command Create(Terminal terminal)
    {
        var model = new Argument<string>("model") { Description = "A model's folder, or hf://org/name." };
        var text = new Option<string?>("--text") { Description = "The text to score." };
        var file = new Option<string?>("--file") { Description = "The UTF-8 file to score; - is standard input." };
        var ids = new Option<string?>("--ids") { Description = "Token ids to score, separated by commas." };
        var plain = new Option<bool>("--no-special")
        {
            Description = "Do not put the tokenizer's special tokens around the text.",
        };
        var json = new Option<bool>("--json")
        {
            Description = "Print {\"ids\":[…],\"log_probs\":[…]} and nothing else; the first log-prob is null.",
        };
        var options = new ModelOptions();
        var command = new Command("score", "Print the log-probability of every token of a text.")
        {
            model, text, file, ids, plain, json,
        };
        options.AddTo(command);
        command.SetAction((parsed, cancellation) =>
        {
            var folder = ModelFolder.Find(parsed.GetRequiredValue(model), terminal, cancellation);
            var tokens = parsed.GetValue(ids) is { } list
                ? InputText.OnlyOne(parsed.GetValue(text) ?? parsed.GetValue(file), ParseIds(list))
                : ModelFolder.RequireTokenizer(folder).Encode(
                    InputText.Read(parsed.GetValue(text), parsed.GetValue(file), terminal, "--text", ", or --ids"),
                    addSpecialTokens: !parsed.GetValue(plain));
            var (dtype, device) = options.Read(parsed);
            using var loaded = PretrainedModel.Load(folder, dtype, device);
            cancellation.ThrowIfCancellationRequested();
            var scores = Scorer.LogProbs(loaded.Decoder, tokens, cancellation);
            if (parsed.GetValue(json))
            {
                terminal.Out.WriteLine(JsonSerializer.Serialize(new { ids = tokens, log_probs = scores }));
            }
            else
            {
                Write(terminal, folder, tokens, scores);
            }

            return Task.FromResult(App.Done);
        });
        return command;
    }

    private static int[] ParseIds(string list)
    {
        var parts = list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return [.. parts.Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new InputException($"--ids holds '{part}': give whole numbers separated by commas, such as 1,2,3"))];
    }

    private static void Write(Terminal terminal, string folder, int[] ids, float?[] scores)
    {
        var tokenizer = ModelFolder.TokenizerOf(folder);
        for (var t = 0; t < ids.Length; t++)
        {
            var score = scores[t] is { } value ? value.ToString("F4", CultureInfo.InvariantCulture) : "-";
            var token = tokenizer?.IdToToken(ids[t]) is { } piece ? InputText.Visible(piece) : "";
            terminal.Out.WriteLine($"{ids[t],8}  {score,10}  {token}");
        }

        var known = scores.OfType<float>().ToArray();
        if (known.Length > 0)
        {
            var mean = known.Average();
            terminal.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{ids.Length} tokens, mean log-prob {mean:F4}, perplexity {Math.Exp(-mean):F3}"));
        }
    }
}
