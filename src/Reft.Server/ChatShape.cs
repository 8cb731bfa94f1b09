using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Generation;
using Reft.Serving;
using Reft.Text;

namespace Reft.Server;

/// <summary>How requests and answers of one kind of completion look.</summary>
internal interface IAnswerShape
{
    /// <summary>What ids begin with.</summary>
    string Prefix { get; }

    /// <summary>The field that ids stand in.</summary>
    string IdField => "id";

    /// <summary>The name of the object that a whole answer is, and of that which a piece is.</summary>
    (string Whole, string Piece) Objects { get; }

    /// <summary>Reads a request.</summary>
    ApiAsk Read(ApiReader reader, ServedModel model, ServerOptions options);

    /// <summary>A choice of a whole answer, without its index and finish reason.</summary>
    JsonObject Choice(string text, JsonNode? logProbs);

    /// <summary>A choice of a piece, without its index and finish reason.</summary>
    /// <param name="text">The text; null for none.</param>
    /// <param name="logProbs">The log-probabilities; null for none.</param>
    /// <param name="isFirst">Whether the choice has no earlier piece.</param>
    JsonObject Piece(string? text, JsonNode? logProbs, bool isFirst);

    /// <summary>Log-probabilities of tokens that follow each other.</summary>
    JsonObject LogProbs(IReadOnlyList<ServedToken> tokens, TokenTexts texts);
}

/// <summary><c>/v1/chat/completions</c>.</summary>
internal sealed class ChatShape : IAnswerShape
{
    /// <inheritdoc/>
    public string Prefix => "chatcmpl-";

    /// <inheritdoc/>
    public (string Whole, string Piece) Objects => ("chat.completion", "chat.completion.chunk");

    /// <inheritdoc/>
    public ApiAsk Read(ApiReader reader, ServedModel model, ServerOptions options)
    {
        var messages = reader.List("messages");
        if (messages.Count == 0)
        {
            throw new ApiException(400, "there are no messages", "messages", "missing_required_parameter");
        }

        var prompt = model.ChatTokens([.. messages.Select(Message)], Variables(reader));
        reader.Unsupported("tools", value => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);
        reader.Unsupported("functions", value => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);
        reader.Unsupported("tool_choice", value => IsText(value, "none") || IsText(value, "auto"));
        reader.Unsupported("response_format", value => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("type", out var type) && IsText(type, "text"));
        reader.Unsupported("modalities", value => value.GetRawText().Replace(" ", "", StringComparison.Ordinal) == "[\"text\"]");
        var top = ApiAsk.Alternatives(reader, "top_logprobs");
        var hasLogProbs = reader.Flag("logprobs");
        if (top > 0 && !hasLogProbs)
        {
            throw new ApiException(400, "'top_logprobs' is given, and 'logprobs' is not true", "top_logprobs", "invalid_value");
        }

        var (newer, older) = (reader.Find("max_completion_tokens"), reader.Find("max_tokens"));
        var name = newer is not null ? "max_completion_tokens" : "max_tokens";
        return newer is not null && older is not null
            ? throw new ApiException(400, "both 'max_tokens' and 'max_completion_tokens' are given: give one", "max_tokens", "invalid_value")
            : ApiAsk.Read(reader, model, options, [prompt], model.TurnStops, (name, null), hasLogProbs ? top : null);
    }

    /// <inheritdoc/>
    public JsonObject Choice(string text, JsonNode? logProbs) => new()
    {
        ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text },
        ["logprobs"] = logProbs,
    };

    /// <inheritdoc/>
    public JsonObject Piece(string? text, JsonNode? logProbs, bool isFirst)
    {
        var delta = new JsonObject();
        if (isFirst)
        {
            delta["role"] = "assistant";
        }

        if (text is not null)
        {
            delta["content"] = text;
        }

        return new JsonObject { ["delta"] = delta, ["logprobs"] = logProbs };
    }

    /// <inheritdoc/>
    public JsonObject LogProbs(IReadOnlyList<ServedToken> tokens, TokenTexts texts)
    {
        var content = new JsonArray();
        foreach (var token in tokens)
        {
            var one = Chance(token.Chosen, texts);
            one["top_logprobs"] = new JsonArray([.. token.Likeliest.Select(chance => Chance(chance, texts))]);
            content.Add(one);
            texts.Add(token.Chosen.Token);
        }

        return new JsonObject { ["content"] = content, ["refusal"] = null };
    }

    private static JsonObject Chance(TokenChance chance, TokenTexts texts)
    {
        var text = texts.Of(chance.Token);
        return new JsonObject
        {
            ["token"] = text,
            ["logprob"] = chance.LogProb,
            ["bytes"] = TokenTexts.Bytes(text) is { } bytes ? new JsonArray([.. bytes.Select(one => JsonValue.Create(one))]) : null,
        };
    }

    private static ChatMessage Message(JsonElement message, int index)
    {
        var name = $"messages[{index}]";
        if (message.ValueKind != JsonValueKind.Object)
        {
            throw ApiReader.Wrong(name, message, "an object");
        }

        var reader = new ApiReader(message);
        var role = reader.Text("role") ?? throw new ApiException(400, $"'{name}' has no role", $"{name}.role", "missing_required_parameter");
        reader.Unsupported("tool_calls", value => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0);
        reader.Ignore("name", "refusal", "annotations", "tool_call_id");
        var content = reader.Find("content") ?? throw new ApiException(400, $"'{name}' has no content", $"{name}.content", "missing_required_parameter");
        reader.Finish();
        // OpenAI's newer word for the same turn.
        return new ChatMessage(role == "developer" ? "system" : role, Content(content, $"{name}.content"));
    }

    private static string Content(JsonElement content, string name) => content.ValueKind != JsonValueKind.Array
        ? ApiReader.TextOf(content, name)
        : string.Concat(content.EnumerateArray().Select(part =>
            part.ValueKind == JsonValueKind.Object && part.TryGetProperty("type", out var type) && IsText(type, "text")
            && part.TryGetProperty("text", out var text)
                ? ApiReader.TextOf(text, name)
                : throw ApiReader.Wrong(name, part, "a text, or parts of type text: this model reads nothing else")));

    private static JsonObject? Variables(ApiReader reader) => reader.Find("chat_template_kwargs") is not { } given ? null
        : given.ValueKind == JsonValueKind.Object ? JsonObject.Create(given)
        : throw ApiReader.Wrong("chat_template_kwargs", given, "an object");

    private static bool IsText(JsonElement value, string text) => value.ValueKind == JsonValueKind.String && value.ValueEquals(text);
}
