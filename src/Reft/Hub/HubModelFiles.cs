using System.Text.Json;
using System.Text.RegularExpressions;

namespace Reft.Hub;

/// <summary>Which files of a model's repository are needed: those of its root that Reft reads, and the texts that say what it is.</summary>
internal static partial class HubModelFiles
{
    private const string Single = "model.safetensors";
    private const string Index = "model.safetensors.index.json";
    private const string Adapter = "adapter_model.safetensors";

    /// <summary>All but weights.</summary>
    public static IReadOnlyList<HubFile> Small(HubListing listing) => [.. listing.Files.Where(file => Wanted().IsMatch(file.Path))];

    /// <summary>The weights.</summary>
    /// <param name="listing">What there is.</param>
    /// <param name="place">Where a file lies, of those that <see cref="Small"/> names.</param>
    /// <param name="address">The repository, for messages.</param>
    /// <exception cref="InputException">There are none that Reft reads, or the index names others than there are.</exception>
    public static IReadOnlyList<HubFile> Weights(HubListing listing, Func<string, string> place, HubAddress address)
    {
        string[] names = Find(Single) is not null ? [Single]
            : Find(Index) is not null ? Shards(place(Index), address)
            : Find(Adapter) is not null ? [Adapter]
            : throw NoWeights(listing, address);
        return
        [
            .. names.Select(name => Find(name)
                ?? throw new InputException($"{address}: {Index} names {OneLine.Quote(name)}, which the repository lacks")),
        ];

        HubFile? Find(string name) => listing.Files.FirstOrDefault(file => file.Path == name);
    }

    private static InputException NoWeights(HubListing listing, HubAddress address)
    {
        var others = listing.Files.Where(file => Other().IsMatch(file.Path)).Select(file => file.Path).ToArray();
        return new InputException(
            $"{address}: holds no {Single}{(others.Length == 0 ? "" : $" but {OneLine.List(others, 3)}")}; Reft reads safetensors alone: "
            + "take a repository or a revision that has them, or convert the weights");
    }

    private static string[] Shards(string index, HubAddress address)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(index));
            return
            [
                .. document.RootElement.GetProperty("weight_map").EnumerateObject().Select(weight => weight.Value.GetString() ?? "")
                    .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InputException($"{address}: {Index} is damaged ({OneLine.Of(error.Message)})", error);
        }
    }

    [GeneratedRegex(
        @"^(?:(?:config|generation_config|adapter_config|tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab|chat_template|"
        + @"model\.safetensors\.index)\.json|chat_template\.jinja|merges\.txt|vocab\.txt|tokenizer\.model|tekken\.json|prompt\.yaml|README\.md|"
        + @"(?:LICENSE|LICENCE|NOTICE|USE_POLICY)(?:\.\w+)?)$",
        RegexOptions.IgnoreCase)]
    private static partial Regex Wanted();

    [GeneratedRegex(@"\.(?:bin|pth|pt|gguf|onnx|msgpack|h5|safetensors)$")]
    private static partial Regex Other();
}
