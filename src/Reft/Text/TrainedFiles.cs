using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Text.Bpe;

namespace Reft.Text;

/// <summary>Writes the files of a tokenizer that was trained here.</summary>
internal static class TrainedFiles
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(
        string folder, IReadOnlyList<string> tokens, IReadOnlyList<MergePair> merges, BpeTrainerOptions options)
    {
        var roles = new JsonObject();
        AddRole(roles, "bos_token", options.BosToken);
        AddRole(roles, "eos_token", options.EosToken);
        AddRole(roles, "pad_token", options.PadToken);
        WriteFile(folder, TokenizerFiles.Tokenizer, MakeTokenizer(tokens, merges, options));
        WriteFile(folder, TokenizerFiles.SpecialTokensMap, roles);

        var configuration = roles.DeepClone().AsObject();
        configuration["add_prefix_space"] = false;
        configuration["clean_up_tokenization_spaces"] = false;
        configuration["tokenizer_class"] = "PreTrainedTokenizerFast";
        WriteFile(folder, TokenizerFiles.Configuration, configuration);
    }

    private static void AddRole(JsonObject roles, string key, string? token)
    {
        if (token is not null)
        {
            roles[key] = token;
        }
    }

    private static JsonObject MakeTokenizer(
        IReadOnlyList<string> tokens, IReadOnlyList<MergePair> merges, BpeTrainerOptions options) => new()
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. options.SpecialTokens.Select(MakeSpecialToken)]),
            ["normalizer"] = null,
            ["pre_tokenizer"] = MakePreTokenizer(options.SplitsDigits),
            ["post_processor"] = MakeByteLevel(),
            ["decoder"] = MakeByteLevel(),
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = null,
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = false,
                ["byte_fallback"] = false,
                ["ignore_merges"] = false,
                ["vocab"] = new JsonObject(tokens.Select((token, id) => KeyValuePair.Create(token, (JsonNode?)id))),
                ["merges"] = new JsonArray(
                    [.. merges.Select(merge => (JsonNode)$"{merge.Left} {merge.Right}")]),
            },
        };

    private static JsonNode MakeSpecialToken(string content, int id) => new JsonObject
    {
        ["id"] = id,
        ["content"] = content,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = false,
        ["special"] = true,
    };

    private static JsonObject MakePreTokenizer(bool splitsDigits) => !splitsDigits ? MakeByteLevel() : new JsonObject
    {
        ["type"] = "Sequence",
        ["pretokenizers"] = new JsonArray(
            new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, MakeByteLevel()),
    };

    private static JsonObject MakeByteLevel() => new()
    {
        ["type"] = "ByteLevel",
        ["add_prefix_space"] = false,
        ["trim_offsets"] = true,
        ["use_regex"] = true,
    };

    private static void WriteFile(string folder, string name, JsonObject content)
        => AtomicFile.WriteAllText(Path.Combine(folder, name), content.ToJsonString(Readable) + "\n");
}
