using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Text;
using Reft.Text.Patterns;

namespace Reft.Exports;

/// <summary>A tokenizer.json as llama.cpp wants it told: tokens by id, their kinds, merges, and the name of the split into words.</summary>
internal static class GgufTokenizer
{
    private const int Normal = 1;
    private const int Unknown = 2;
    private const int Control = 3;
    private const int UserDefined = 4;
    private const int Unused = 5;
    private const int Byte = 6;

    /// <summary>The score of a token that no merge makes.</summary>
    private const float NoScore = -1_000_000;

    private const string SmolLm = "smollm";

    /// <summary>The keys.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="vocabulary">Rows of the model's embedding; those beyond the tokenizer are filled up.</param>
    /// <param name="eos">What ends a text.</param>
    /// <exception cref="InputException">It is of a kind that llama.cpp does not know by a name that Reft knows.</exception>
    public static IEnumerable<(string Key, object Value)> Keys(string folder, Tokenizer tokenizer, int vocabulary, int? eos)
    {
        var path = Path.Combine(folder, "tokenizer.json");
        if (!File.Exists(path))
        {
            throw new InputException($"{OneLine.Of(folder)}: has no tokenizer.json, which a GGUF file is made of");
        }

        var root = JsonNode.Parse(File.ReadAllText(path))!; // The tokenizer was read from it.
        var model = root["model"]!;
        if (model["merges"] is null)
        {
            throw new InputException($"{OneLine.Of(path)}: its model is {(string?)model["type"] ?? "of no type"}, and Reft writes GGUF files of byte-pair tokenizers alone");
        }

        var isByteLevel = Mentions(root["pre_tokenizer"], "ByteLevel");
        var added = (root["added_tokens"]?.AsArray() ?? []).ToDictionary(token => (int)token!["id"]!, token => (bool?)token!["special"] ?? false);
        var tokens = new string[vocabulary];
        var kinds = new int[vocabulary];
        for (var id = 0; id < vocabulary; id++)
        {
            var token = tokenizer.IdToToken(id);
            tokens[id] = token is null ? $"[PAD{id}]" : !isByteLevel ? token.Replace(" ", "\u2581", StringComparison.Ordinal) : token;
            kinds[id] = token is null ? Unused
                : added.TryGetValue(id, out var special) ? special ? Control : UserDefined
                : id == tokenizer.UnkId && !isByteLevel ? Unknown
                : !isByteLevel && token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) ? Byte
                : Normal;
        }

        string[] merges = [.. model["merges"]!.AsArray().Select(merge => merge is JsonArray two ? $"{two[0]} {two[1]}" : (string)merge!)];
        yield return ("tokenizer.ggml.model", isByteLevel ? "gpt2" : "llama");
        yield return ("tokenizer.ggml.pre", isByteLevel ? Split(root["pre_tokenizer"]!, path) : "default");
        yield return ("tokenizer.ggml.tokens", tokens);
        if (!isByteLevel)
        {
            yield return ("tokenizer.ggml.scores", Scores(tokens, merges));
        }

        yield return ("tokenizer.ggml.token_type", kinds);
        if (isByteLevel)
        {
            yield return ("tokenizer.ggml.merges", merges);
        }

        foreach (var (key, id) in new[]
        {
            ("bos", tokenizer.BosId), ("eos", eos), ("unknown", tokenizer.UnkId), ("padding", tokenizer.PadId),
        })
        {
            if (id is { } known)
            {
                yield return ($"tokenizer.ggml.{key}_token_id", (uint)known);
            }
        }

        yield return ("tokenizer.ggml.add_bos_token", tokenizer.Opening.Count > 0);
        yield return ("tokenizer.ggml.add_eos_token", false);
        if (!isByteLevel)
        {
            yield return ("tokenizer.ggml.add_space_prefix", tokenizer.Encode("a", addSpecialTokens: false) is [var first, ..]
                && tokenizer.IdToToken(first)!.StartsWith('\u2581')); // Ids that it gives have tokens.
        }

        if (ChatTemplate.TextIn(folder) is { } chat)
        {
            yield return ("tokenizer.chat_template", chat);
        }
    }

    /// <summary>llama.cpp joins the neighbours whose joint token has the highest score: that of the earliest merge.</summary>
    private static float[] Scores(string[] tokens, string[] merges)
    {
        var ranks = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var rank = 0; rank < merges.Length; rank++)
        {
            ranks.TryAdd(merges[rank].Replace(" ", "", StringComparison.Ordinal), rank);
        }

        return [.. tokens.Select(token => ranks.TryGetValue(token, out var rank) ? -1f - rank : NoScore)];
    }

    private static string Split(JsonNode splitter, string path)
    {
        var regex = Find(splitter, "Regex");
        var digits = Mentions(splitter, "Digits");
        var isPlain = regex is null && (bool?)Element(splitter, "ByteLevel")?["use_regex"] != false;
        return (regex, digits, isPlain) switch
        {
            (KnownPatterns.Llama3, false, _) => "llama-bpe",
            (KnownPatterns.Qwen2, false, _) => "qwen2",
            (null, false, true) => "gpt-2",
            (null, true, true) when (bool?)Element(splitter, "Digits")?["individual_digits"] == true => SmolLm,
            _ => throw new InputException(
                $"{OneLine.Of(path)}: splits text into words in a way that llama.cpp has no name for that Reft knows (those of GPT-2, SmolLM, "
                + "Llama 3 and Qwen 2 it does); convert this model with llama.cpp's own program"),
        };
    }

    private static bool Mentions(JsonNode? node, string type) => Element(node, type) is not null;

    private static JsonNode? Element(JsonNode? node, string type) => node switch
    {
        JsonObject one when (string?)one["type"] == type => one,
        JsonObject one => Element(one["pretokenizers"], type),
        JsonArray all => all.Select(each => Element(each, type)).FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static string? Find(JsonNode? node, string key) => node switch
    {
        JsonObject one => one[key]?.GetValueKind() == JsonValueKind.String ? (string?)one[key] : one.Select(pair => Find(pair.Value, key)).FirstOrDefault(found => found is not null),
        JsonArray all => all.Select(each => Find(each, key)).FirstOrDefault(found => found is not null),
        _ => null,
    };
}
