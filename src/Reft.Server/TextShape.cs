using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Serving;

namespace Reft.Server;

/// <summary><c>/v1/completions</c>: texts or tokens, completed as they stand.</summary>
internal sealed class TextShape : IAnswerShape
{
    // OpenAI's.
    private const int UsualTokens = 16;

    /// <inheritdoc/>
    public string Prefix => "cmpl-";

    /// <inheritdoc/>
    public (string Whole, string Piece) Objects => ("text_completion", "text_completion");

    /// <inheritdoc/>
    public ApiAsk Read(ApiReader reader, ServedModel model, ServerOptions options)
    {
        var prompts = Prompts(reader, model, options);
        reader.Unsupported("echo", value => value.ValueKind == JsonValueKind.False);
        reader.Unsupported("best_of", value => value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var best) && best == 1);
        reader.Unsupported("suffix", value => value.ValueKind == JsonValueKind.String && value.ValueEquals(""));
        var hasLogProbs = reader.Find("logprobs") is not null;
        return ApiAsk.Read(
            reader, model, options, prompts, model.StopTokens, ("max_tokens", UsualTokens), hasLogProbs ? ApiAsk.Alternatives(reader, "logprobs") : null);
    }

    /// <inheritdoc/>
    public JsonObject Choice(string text, JsonNode? logProbs) => new() { ["text"] = text, ["logprobs"] = logProbs };

    /// <inheritdoc/>
    public JsonObject Piece(string? text, JsonNode? logProbs, bool isFirst) => Choice(text ?? "", logProbs);

    /// <inheritdoc/>
    public JsonObject LogProbs(IReadOnlyList<ServedToken> tokens, TokenTexts texts)
    {
        var (names, chances, tops, offsets) = (new JsonArray(), new JsonArray(), new JsonArray(), new JsonArray());
        foreach (var token in tokens)
        {
            offsets.Add(texts.Offset);
            names.Add(texts.Of(token.Chosen.Token));
            chances.Add(token.Chosen.LogProb);
            var top = new JsonObject();
            foreach (var chance in token.Likeliest)
            {
                top[texts.Of(chance.Token)] = chance.LogProb;
            }

            tops.Add(top);
            texts.Add(token.Chosen.Token);
        }

        return new JsonObject
        {
            ["tokens"] = names,
            ["token_logprobs"] = chances,
            ["top_logprobs"] = tops,
            ["text_offset"] = offsets,
        };
    }

    private static IReadOnlyList<int[]> Prompts(ApiReader reader, ServedModel model, ServerOptions options)
    {
        const string Name = "prompt";
        if (reader.Find(Name) is not { } given)
        {
            throw new ApiException(400, "there is no prompt", Name, "missing_required_parameter");
        }

        var isList = given.ValueKind == JsonValueKind.Array && given.GetArrayLength() > 0 && given[0].ValueKind != JsonValueKind.Number;
        JsonElement[] all = isList ? [.. given.EnumerateArray()] : [given];
        return all.Length <= options.MaxChoices
            ? [.. all.Select(prompt => prompt.ValueKind == JsonValueKind.Array ? Ids(prompt) : model.TextTokens(ApiReader.TextOf(prompt, Name)))]
            : throw new ApiException(400, $"{all.Length} prompts are more than the {options.MaxChoices} that this server completes at once", Name);

        int[] Ids(JsonElement ids) => ids.GetArrayLength() > 0
            ? [.. ids.EnumerateArray().Select(id => (int)ApiReader.WholeOf(id, Name, 0, int.MaxValue))]
            : throw ApiReader.Wrong(Name, ids, "a text, token ids, or an array of either, and none may be empty");
    }
}
