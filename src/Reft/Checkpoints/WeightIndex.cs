using System.Text.Json;

namespace Reft.Checkpoints;

/// <summary>Reads <c>model.safetensors.index.json</c>: which shard holds which tensor.</summary>
internal static class WeightIndex
{
    private const int MaxBytes = 100_000_000;
    private const string MapKey = "weight_map";

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Reads tensor name to shard file name; a shard must lie in the index's own folder.</summary>
    public static IReadOnlyDictionary<string, string> Read(string path)
    {
        var bytes = InputFile.ReadAllBytes(path, MaxBytes);
        try
        {
            using var document = JsonDocument.Parse(bytes, Strict);
            return ReadMap(path, document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InputException(
                $"{OneLine.Of(path)}: is not valid JSON ({OneLine.Of(error.Message)}); download or save it again",
                error);
        }
    }

    private static Dictionary<string, string> ReadMap(string path, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object
            || !root.TryGetProperty(MapKey, out var map) || map.ValueKind != JsonValueKind.Object)
        {
            throw new InputException(
                $"{OneLine.Of(path)}: lacks '{MapKey}', an object from tensor names to file names; "
                + "download or save it again");
        }

        var shards = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var property in map.EnumerateObject())
        {
            var file = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : null;
            if (file is null || !IsPlainFileName(file))
            {
                throw new InputException(
                    $"{OneLine.Of(path)}: '{MapKey}' gives {OneLine.Quote(property.Name)} the file "
                    + $"{OneLine.Of(property.Value.GetRawText(), 120)}; it must name a file in the same folder");
            }

            shards.Add(property.Name, file);
        }

        return shards;
    }

    private static bool IsPlainFileName(string name) =>
        name.Length > 0 && name is not "." and not ".." && name.AsSpan().IndexOfAny("/\\:\0") < 0;
}
