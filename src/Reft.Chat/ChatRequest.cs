using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Reft.Generation;
using Reft.Serving;

namespace Reft.Chat;

/// <summary>What a caller of the chat client asks for, as Reft's own options. What would change the answer and is not there is refused.</summary>
internal static class ChatRequest
{
    private const string MinP = "min_p";
    private const string TemplateValues = "chat_template_kwargs";

    /// <summary>Refuses what the model cannot do.</summary>
    /// <exception cref="InputException">Something is asked for that would change the answer and is not there.</exception>
    public static void Check(ChatOptions? options, string name)
    {
        if (options is null)
        {
            return;
        }

        Refuse(options.ModelId is not null && options.ModelId != name, $"ModelId is {OneLine.Quote(options.ModelId ?? "")}: this client has '{name}'");
        Refuse(options.FrequencyPenalty is not (null or 0), "FrequencyPenalty is not supported: leave it out");
        Refuse(options.PresencePenalty is not (null or 0), "PresencePenalty is not supported: leave it out");
        Refuse(options.Tools is { Count: > 0 } && options.ToolMode is not NoneChatToolMode, "Tools are not supported: leave them out");
        Refuse(options.ResponseFormat is not (null or ChatResponseFormatText), "ResponseFormat must be text: nothing constrains what is drawn");
        Refuse(options.ConversationId is not null, "ConversationId is not supported: send the whole conversation");
        var unknown = options.AdditionalProperties?.Keys.FirstOrDefault(key => key is not (MinP or TemplateValues));
        Refuse(unknown is not null, $"AdditionalProperties has {OneLine.Quote(unknown ?? "")}: there are {MinP} and {TemplateValues}");
    }

    /// <summary>The conversation in Reft's words.</summary>
    /// <exception cref="InputException">A message has something else than text.</exception>
    public static IReadOnlyList<Text.ChatMessage> Messages(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        Text.ChatMessage[] all = [.. messages.Select(message => new Text.ChatMessage(message.Role.Value, TextOf(message)))];
        Refuse(all.Length == 0, "there are no messages");
        return options?.Instructions is { Length: > 0 } first ? [new("system", first), .. all] : all;
    }

    /// <summary>What else the chat template is told; null for nothing.</summary>
    public static JsonObject? Variables(ChatOptions? options) =>
        options?.AdditionalProperties?.TryGetValue(TemplateValues, out var given) != true || given is null ? null
        : given as JsonObject ?? (given is IReadOnlyDictionary<string, object?> pairs
            ? new JsonObject(pairs.Select(pair => KeyValuePair.Create(pair.Key, JsonSerializer.SerializeToNode(pair.Value))))
            : throw new InputException($"AdditionalProperties.{TemplateValues} must be a JsonObject or a dictionary"));

    /// <summary>How the answer is drawn.</summary>
    public static CompletionAsk Ask(ServedModel model, int[] prompt, ChatOptions? options) => new(prompt, new SamplingOptions
    {
        Temperature = Exact(options?.Temperature) ?? 1,
        TopP = Exact(options?.TopP) ?? 1,
        TopK = options?.TopK ?? 0,
        MinP = options?.AdditionalProperties?.TryGetValue(MinP, out var least) == true
            ? Convert.ToDouble(least, CultureInfo.InvariantCulture)
            : 0,
        MaxTokens = options?.MaxOutputTokens ?? Math.Max(1, model.Context - prompt.Length),
        StopTokens = model.TurnStops,
        Seed = options?.Seed is { } seed ? unchecked((ulong)seed) : ServedModel.NewSeed(),
    })
    {
        Stops = [.. (options?.StopSequences ?? []).Where(stop => stop.Length > 0)],
    };

    /// <summary>A float as the number that was written: 0.7f is 0.7, as everywhere else.</summary>
    private static double? Exact(float? value) =>
        value is { } number ? double.Parse(number.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;

    private static string TextOf(ChatMessage message)
    {
        var other = message.Contents.FirstOrDefault(content => content is not TextContent);
        Refuse(other is not null, $"a message of role {message.Role.Value} has a {other?.GetType().Name}: only text is supported");
        return message.Text;
    }

    private static void Refuse(bool isWrong, string why)
    {
        if (isWrong)
        {
            throw new InputException(why);
        }
    }
}
