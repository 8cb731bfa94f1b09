using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Generation;
using Reft.Serving;

namespace Reft.Server;

/// <summary><c>/inference/v1/generate</c>, in vLLM's shape: token ids in, token ids and their log-probabilities out, and no text.</summary>
internal sealed class GenerateShape : IAnswerShape
{
    // vLLM's.
    private const int UsualTokens = 16;

    /// <inheritdoc/>
    public string Prefix => "generate-tokens-";

    /// <inheritdoc/>
    public string IdField => "request_id";

    /// <inheritdoc/>
    public (string Whole, string Piece) Objects => ("generate", "generate.chunk");

    /// <inheritdoc/>
    public ApiAsk Read(ApiReader reader, ServedModel model, ServerOptions options)
    {
        int[] prompt = [.. reader.List("token_ids").Select(id => (int)ApiReader.WholeOf(id, "token_ids", 0, int.MaxValue))];
        if (prompt.Length == 0)
        {
            throw new ApiException(400, "there are no token_ids", "token_ids", "missing_required_parameter");
        }

        var drawing = reader.Find("sampling_params") is not { } given ? default
            : given.ValueKind == JsonValueKind.Object ? given : throw ApiReader.Wrong("sampling_params", given, "an object");
        reader.Unsupported("stream", value => value.ValueKind == JsonValueKind.False);
        reader.Unsupported("output_mode", value => value.ValueKind == JsonValueKind.String && value.ValueEquals("tokens"));
        reader.Ignore("request_id", "cache_salt", "priority");
        reader.Finish();
        var inner = new ApiReader(drawing.ValueKind == JsonValueKind.Object ? drawing : JsonDocument.Parse("{}").RootElement);
        inner.Ignore("detokenize", "skip_special_tokens", "spaces_between_special_tokens", "include_stop_str_in_output", "output_kind");
        int? likeliest = inner.Find("logprobs") is null ? null : ApiAsk.Alternatives(inner, "logprobs");
        return ApiAsk.Read(inner, model, options, [prompt], model.StopTokens, ("max_tokens", UsualTokens), likeliest) with { HasIds = true };
    }

    /// <inheritdoc/>
    public JsonObject Choice(string text, JsonNode? logProbs) => new() { ["logprobs"] = logProbs };

    /// <inheritdoc/>
    public JsonObject Piece(string? text, JsonNode? logProbs, bool isFirst) => Choice("", logProbs);

    /// <inheritdoc/>
    public JsonObject LogProbs(IReadOnlyList<ServedToken> tokens, TokenTexts texts) => new()
    {
        ["content"] = new JsonArray([.. tokens.Select(token =>
        {
            var one = Chance(token.Chosen);
            one["top_logprobs"] = new JsonArray([.. token.Likeliest.Select(Chance)]);
            return one;
        })]),
    };

    private static JsonObject Chance(TokenChance chance) => new() { ["token_id"] = chance.Token, ["logprob"] = chance.LogProb };
}
