using System.Text.Json;
using Reft.Generation;
using Reft.Serving;

namespace Reft.Server;

/// <summary>What the two kinds of completions have in common of a request.</summary>
internal sealed record ApiAsk
{
    private const int MostAlternatives = 20;
    private const int MostStops = 16;

    /// <summary>How tokens are drawn.</summary>
    public required SamplingOptions Sampling { get; init; }

    /// <summary>The prompts.</summary>
    public required IReadOnlyList<int[]> Prompts { get; init; }

    /// <summary>How many completions of each prompt.</summary>
    public required int Choices { get; init; }

    /// <summary>Texts that end a completion.</summary>
    public required IReadOnlyList<string> Stops { get; init; }

    /// <summary>Tokens of the request's own that end a completion.</summary>
    public required IReadOnlyList<int> StopIds { get; init; }

    /// <summary>Whether the answer comes piece by piece.</summary>
    public required bool IsStream { get; init; }

    /// <summary>Whether the last piece counts tokens.</summary>
    public required bool HasUsage { get; init; }

    /// <summary>Whether token ids are in the answer.</summary>
    public required bool HasIds { get; init; }

    /// <summary>How many alternatives each token's log-probability comes with; null for no log-probabilities.</summary>
    public required int? LogProbs { get; init; }

    /// <summary>The completions to begin, those of a prompt together.</summary>
    public IReadOnlyList<CompletionAsk> Completions =>
    [
        .. Prompts.SelectMany(prompt => Enumerable.Range(0, Choices).Select(sample => new CompletionAsk(prompt, Sampling)
        {
            Sample = sample,
            Likeliest = LogProbs ?? 0,
            Stops = Stops,
            SilentStops = StopIds,
        })),
    ];

    /// <summary>Reads the fields; the reader must have been asked for all others.</summary>
    /// <param name="reader">The request.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">The server's limits and defaults.</param>
    /// <param name="prompts">The prompts.</param>
    /// <param name="ends">The model's own stop tokens.</param>
    /// <param name="maxTokens">The name of the field that limits the tokens, and how many there are where it is absent; null for all there is room for.</param>
    /// <param name="logProbs">How many alternatives are asked for; null for no log-probabilities.</param>
    public static ApiAsk Read(
        ApiReader reader, ServedModel model, ServerOptions options, IReadOnlyList<int[]> prompts, IReadOnlyList<int> ends,
        (string Name, int? Otherwise) maxTokens, int? logProbs)
    {
        var (stops, own) = (ReadStops(reader), ReadStopIds(reader));
        var endless = reader.Flag("ignore_eos");
        var isStream = reader.Flag("stream");
        var sampling = new SamplingOptions
        {
            Temperature = reader.Number("temperature", options.Temperature),
            TopP = reader.Number("top_p", options.TopP),
            TopK = (int)Math.Max(0, reader.Whole("top_k", -1, int.MaxValue) ?? options.TopK), // -1 is vLLM's word for all
            MinP = reader.Number("min_p", options.MinP),
            MaxTokens = Tokens(reader, model, options, prompts, maxTokens),
            StopTokens = [.. endless ? [] : ends, .. own],
            Seed = reader.Whole("seed") is { } seed ? unchecked((ulong)seed) : ServedModel.NewSeed(),
        };
        var choices = (int)(reader.Whole("n", 1, options.MaxChoices) ?? 1);
        if ((long)choices * prompts.Count > options.MaxChoices)
        {
            throw new ApiException(
                400, $"{prompts.Count} prompts of {choices} completions each are more than the {options.MaxChoices} that this server makes at once", "n");
        }

        var ask = new ApiAsk
        {
            Prompts = prompts,
            Sampling = sampling,
            Choices = choices,
            Stops = stops,
            StopIds = own,
            IsStream = isStream,
            HasUsage = Usage(reader, isStream),
            HasIds = reader.Flag("return_token_ids"),
            LogProbs = logProbs,
        };
        Rest(reader);
        reader.Finish();
        return sampling.Validate("") is { Count: > 0 } errors
            ? throw new ApiException(400, string.Join("; ", errors), errors[0].Split(' ')[0].Replace('-', '_'), "invalid_value")
            : ask;
    }

    /// <summary>How many alternatives a count asks for.</summary>
    public static int Alternatives(ApiReader reader, string name) => (int)(reader.Whole(name, 0, MostAlternatives) ?? 0);

    private static int Tokens(
        ApiReader reader, ServedModel model, ServerOptions options, IReadOnlyList<int[]> prompts, (string Name, int? Otherwise) field)
    {
        var longest = prompts.Max(prompt => prompt.Length);
        var room = model.Context - longest;
        var most = options.MaxTokens ?? int.MaxValue;
        if (room < 1)
        {
            throw new ApiException(
                400, $"a prompt of {longest} tokens leaves no room in the context of {model.Context}", code: "context_length_exceeded");
        }

        if (reader.Whole(field.Name, 1, int.MaxValue) is not { } asked)
        {
            return Math.Min(Math.Min(room, most), field.Otherwise ?? int.MaxValue);
        }

        return asked > most ? throw new ApiException(400, $"'{field.Name}' is {asked}: this server gives at most {most}", field.Name, "invalid_value")
            : asked > room ? throw new ApiException(
                400, $"a prompt of {longest} tokens and a completion of {asked} are more than the context of {model.Context}", field.Name,
                "context_length_exceeded")
            : (int)asked;
    }

    private static bool Usage(ApiReader reader, bool isStream)
    {
        if (reader.Find("stream_options") is not { } given)
        {
            return false;
        }

        if (given.ValueKind != JsonValueKind.Object || !isStream)
        {
            throw ApiReader.Wrong("stream_options", given, isStream ? "an object" : "left out where stream is false");
        }

        var inner = new ApiReader(given);
        var usage = inner.Flag("include_usage");
        inner.Ignore("include_obfuscation", "continuous_usage_stats");
        inner.Finish();
        return usage;
    }

    private static string[] ReadStops(ApiReader reader)
    {
        if (reader.Find("stop") is not { } given)
        {
            return [];
        }

        string[] stops = given.ValueKind == JsonValueKind.Array
            ? [.. given.EnumerateArray().Select(stop => ApiReader.TextOf(stop, "stop"))]
            : [ApiReader.TextOf(given, "stop")];
        return stops.Length <= MostStops && stops.All(stop => stop.Length > 0) ? stops
            : throw ApiReader.Wrong("stop", given, $"a text, or at most {MostStops}, and none may be empty");
    }

    private static int[] ReadStopIds(ApiReader reader) =>
        [.. reader.List("stop_token_ids").Select(id => (int)ApiReader.WholeOf(id, "stop_token_ids", 0, int.MaxValue))];

    /// <summary>What would change an answer and is not there, and what cannot change one.</summary>
    private static void Rest(ApiReader reader)
    {
        foreach (var name in new[] { "presence_penalty", "frequency_penalty" })
        {
            reader.Unsupported(name, value => IsNumber(value, 0));
        }

        reader.Unsupported("repetition_penalty", value => IsNumber(value, 1));
        reader.Unsupported("logit_bias", value => value.ValueKind == JsonValueKind.Object && !value.EnumerateObject().Any());
        reader.Ignore("user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key", "parallel_tool_calls", "request_id", "priority");
    }

    private static bool IsNumber(JsonElement value, double number) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var given) && given == number;
}
