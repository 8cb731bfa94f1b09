using System.Runtime.InteropServices;
using System.Text.Json;

namespace Reft.Text.Bpe;

/// <summary>Reads the BPE model of a tokenizer.json.</summary>
internal static class BpeReader
{
    /// <summary>Old files have the first line of merges.txt among the merges.</summary>
    private static ReadOnlySpan<byte> VersionLine => "\"#version"u8;

    public static BpeModel Read(JsonPart part)
    {
        var type = part.TextOrNull("type");
        if (type != "BPE" && !(type is null && part.Find("merges") is not null))
        {
            throw part.Unsupported("model", "BPE, Unigram");
        }

        if (part.Find("dropout") is { } dropout && !(dropout.Element.TryGetDouble(out var rate) && rate == 0))
        {
            throw dropout.Unexpected("null or 0 (random merges are not supported)");
        }

        var options = new BpeOptions
        {
            UnknownToken = part.TextOrNull("unk_token"),
            FusesUnknown = part.Flag("fuse_unk", false),
            FallsBackToBytes = part.Flag("byte_fallback", false),
            IgnoresMerges = part.Flag("ignore_merges", false),
            ContinuingPrefix = part.TextOrNull("continuing_subword_prefix") ?? "",
            EndSuffix = part.TextOrNull("end_of_word_suffix") ?? "",
        };
        var vocabulary = ReadVocabulary(part.Get("vocab"));
        if (options.UnknownToken is { } unknown && vocabulary.Id(unknown) < 0)
        {
            // Harmless where nothing can be unknown; older byte-level files have an empty one.
            options = unknown.Length == 0 || HasEveryByte(vocabulary)
                ? options with { UnknownToken = null }
                : throw part.Get("unk_token").Unexpected("a token of the vocabulary");
        }

        var merges = part.Get("merges");
        return BpeBuilder.Build(vocabulary, options, ReadMerges(merges), merges.Path, merges.File);
    }

    /// <summary>Reads an object of tokens and their ids.</summary>
    public static BpeVocabulary ReadVocabulary(JsonPart part)
    {
        if (part.Element.ValueKind != JsonValueKind.Object)
        {
            throw part.Unexpected("an object of tokens and ids");
        }

        // A quarter of a million tokens: what errors need is made only for an error.
        var count = part.Element.GetPropertyCount();
        var ids = new Dictionary<string, int>(count, StringComparer.Ordinal);
        var owners = new Dictionary<int, string>(count);
        foreach (var property in part.Element.EnumerateObject())
        {
            var token = Name(property, part);
            if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetInt32(out var id))
            {
                throw new JsonPart(part.File, $"{part.Path}[{OneLine.Quote(token)}]", property.Value)
                    .Unexpected("an integer");
            }

            if (id < 0 || !ids.TryAdd(token, id))
            {
                throw new InputException($"{part.File}: {part.Path} has the token {OneLine.Quote(token)} "
                    + $"{(id < 0 ? $"with the id {id}" : "twice")}; take the file from the model's source again");
            }

            if (!owners.TryAdd(id, token))
            {
                throw new InputException($"{part.File}: {part.Path} gives the id {id} to {OneLine.Quote(owners[id])} and to "
                    + $"{OneLine.Quote(token)}; take the file from the model's source again");
            }
        }

        return new BpeVocabulary(ids);
    }

    private static bool HasEveryByte(BpeVocabulary vocabulary)
        => Enumerable.Range(0, 256).All(value => vocabulary.Id([ByteAlphabet.Character((byte)value)]) >= 0);

    private static string Name(JsonProperty property, JsonPart part)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException error)
        {
            throw new InputException(
                $"{part.File}: {part.Path} has a token that is not valid Unicode text; "
                + "take the file from the model's source again", error);
        }
    }

    private static List<MergePair> ReadMerges(JsonPart part)
    {
        if (part.Element.ValueKind != JsonValueKind.Array)
        {
            throw part.Unexpected("a list");
        }

        var pairs = new List<MergePair>(part.Element.GetArrayLength());
        var index = 0;
        foreach (var element in part.Element.EnumerateArray())
        {
            if (!JsonMarshal.GetRawUtf8Value(element).StartsWith(VersionLine))
            {
                pairs.Add(ReadMerge(element) ?? throw new JsonPart(part.File, $"{part.Path}[{index}]", element)
                    .Unexpected("a pair of tokens, or two tokens with one space between them"));
            }

            index++;
        }

        return pairs;
    }

    /// <summary>Null when the element is no merge.</summary>
    private static MergePair? ReadMerge(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.String => MergePair.Parse(element.GetString() ?? ""),
                JsonValueKind.Array when element.GetArrayLength() == 2
                    => new MergePair(element[0].GetString() ?? "", element[1].GetString() ?? ""),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            // A number for a token, or half a surrogate pair in it.
            return null;
        }
    }
}
