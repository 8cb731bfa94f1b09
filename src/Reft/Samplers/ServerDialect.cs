using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reft.Samplers;

/// <summary>What a completion is asked by.</summary>
/// <param name="Model">What the server calls the model.</param>
/// <param name="Prompt">The prompt's tokens.</param>
/// <param name="MaxTokens">The most tokens of it.</param>
/// <param name="Temperature">Divides the logits; 0 is greedy.</param>
/// <param name="Seed">The seed of its draws.</param>
/// <param name="StopTokens">What ends it, and belongs to it.</param>
internal sealed record DrawingAsk(string Model, int[] Prompt, int MaxTokens, double Temperature, long Seed, IReadOnlyList<int> StopTokens);

/// <summary>
/// The shapes in which servers are asked. Every field that draws is sent, whatever the server's defaults are: what is not sent it may take from the
/// model's generation_config.json.
/// </summary>
internal static class ServerDialect
{
    /// <summary>The endpoint.</summary>
    public static string Path(SamplerDialect dialect) => dialect switch
    {
        SamplerDialect.VllmGenerate => "/inference/v1/generate",
        SamplerDialect.SglangGenerate => "/generate",
        _ => "/v1/completions",
    };

    /// <summary>The request.</summary>
    public static JsonObject Ask(SamplerDialect dialect, DrawingAsk ask) => dialect switch
    {
        SamplerDialect.VllmGenerate => new()
        {
            ["model"] = ask.Model,
            ["token_ids"] = Ids(ask.Prompt),
            ["sampling_params"] = Drawing(ask, new() { ["max_tokens"] = ask.MaxTokens, ["seed"] = ask.Seed, ["logprobs"] = 0 }),
        },
        SamplerDialect.SglangGenerate => new()
        {
            ["input_ids"] = Ids(ask.Prompt),
            ["sampling_params"] = Drawing(ask, new() { ["max_new_tokens"] = ask.MaxTokens, ["sampling_seed"] = ask.Seed, ["no_stop_trim"] = true }),
            ["return_logprob"] = true,
        },
        _ => Drawing(ask, new()
        {
            ["model"] = ask.Model,
            ["prompt"] = Ids(ask.Prompt),
            ["max_tokens"] = ask.MaxTokens,
            ["seed"] = ask.Seed,
            ["logprobs"] = 0,
            ["return_token_ids"] = true,
        }),
    };

    /// <summary>Reads an answer; what is missing or of another kind is null.</summary>
    /// <exception cref="InvalidOperationException">A field is of another kind than it must be.</exception>
    /// <exception cref="FormatException">A number is none, or out of range.</exception>
    public static DrawnAnswer Read(SamplerDialect dialect, JsonElement answer)
    {
        if (dialect == SamplerDialect.SglangGenerate)
        {
            return ReadSglang(answer);
        }

        var choices = Find(answer, "choices") is { ValueKind: JsonValueKind.Array } all ? all.EnumerateArray().ToArray() : [];
        if (choices.Length != 1)
        {
            throw new FormatException($"there are {choices.Length} choices, and one was asked for");
        }

        var choice = choices[0];
        var logProbs = Find(choice, "logprobs");
        // The chat shape has an entry a token, the completions' has columns.
        var entries = logProbs is { } given && Find(given, "content") is { ValueKind: JsonValueKind.Array } content ? content.EnumerateArray().ToArray() : null;
        return new DrawnAnswer
        {
            Tokens = Whole(Find(choice, "token_ids")),
            LogProbs = entries is not null ? [.. entries.Select(entry => Number(entry.GetProperty("logprob")))]
                : logProbs is { } columns && Find(columns, "token_logprobs") is { } column ? [.. column.EnumerateArray().Select(Number)] : null,
            Scored = entries is { Length: > 0 } && entries.All(entry => Find(entry, "token_id") is not null)
                ? [.. entries.Select(entry => entry.GetProperty("token_id").GetInt32())] : null,
            Prompt = Whole(Find(choice, "prompt_token_ids") ?? Find(answer, "prompt_token_ids")),
            Text = Find(choice, "text")?.GetString(),
            Finish = Find(choice, "finish_reason")?.GetString(),
            Model = Find(answer, "model")?.GetString(),
            Versions = Versions(answer, choice),
        };
    }

    private static DrawnAnswer ReadSglang(JsonElement answer)
    {
        var about = Find(answer, "meta_info") ?? throw new FormatException("there is no meta_info");
        var scored = Find(about, "output_token_logprobs")?.EnumerateArray().Select(entry => (LogProb: Number(entry[0]), Token: entry[1].GetInt32())).ToArray();
        return new DrawnAnswer
        {
            Tokens = Whole(Find(answer, "output_ids")) ?? scored?.Select(one => one.Token).ToArray(),
            LogProbs = scored?.Select(one => one.LogProb).ToArray(),
            Scored = scored?.Select(one => one.Token).ToArray(),
            Text = Find(answer, "text")?.GetString(),
            Finish = Find(about, "finish_reason") is { } finish && Find(finish, "type") is { } type ? type.GetString() : null,
            Versions = Find(about, "weight_version")?.GetString() is { } version ? [version] : [],
        };
    }

    private static JsonObject Drawing(DrawingAsk ask, JsonObject rest)
    {
        rest["temperature"] = ask.Temperature;
        rest["top_p"] = 1.0;
        rest["top_k"] = -1; // all
        rest["min_p"] = 0.0;
        rest["presence_penalty"] = 0.0;
        rest["frequency_penalty"] = 0.0;
        rest["repetition_penalty"] = 1.0;
        rest["n"] = 1;
        rest["stop_token_ids"] = Ids(ask.StopTokens);
        rest["ignore_eos"] = true; // The stop tokens say all: the server's own would end what the policy goes on from.
        return rest;
    }

    /// <summary>vLLM tells spans, <c>reft serve</c> a choice's, SGLang's OpenAI endpoint the answer's.</summary>
    private static string[] Versions(JsonElement answer, JsonElement choice) =>
        Find(choice, "weight_versions") is { ValueKind: JsonValueKind.Array } spans
            ? [.. spans.EnumerateArray().Select(span => span.GetProperty("version").GetString() ?? "").Distinct()]
            : (Find(choice, "weight_version") ?? (Find(answer, "metadata") is { } metadata ? Find(metadata, "weight_version") : null))?.GetString() is { } one
                ? [one] : [];

    private static JsonArray Ids(IEnumerable<int> ids) => new([.. ids.Select(id => JsonValue.Create(id))]);

    private static JsonElement? Find(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static int[]? Whole(JsonElement? ids) => ids?.EnumerateArray().Select(id => id.GetInt32()).ToArray();

    private static float Number(JsonElement value) => value.ValueKind == JsonValueKind.Null ? float.NaN : value.GetSingle();
}
