using System.Text.Json;

namespace Reft.Text;

/// <summary>What tokenizer_config.json and special_tokens_map.json say of the special tokens; the first goes before.</summary>
internal sealed class SpecialTokenNames : IDisposable
{
    private readonly List<(JsonDocument Document, JsonPart Root)> _files = [];

    public SpecialTokenNames(string folder)
    {
        foreach (var name in new[] { TokenizerFiles.Configuration, TokenizerFiles.SpecialTokensMap })
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                var document = JsonFile.Open(path);
                _files.Add((document, JsonFile.Root(document, path)));
            }
        }
    }

    /// <summary>The value of a key in the first file that has it; null when none does.</summary>
    public JsonPart? Find(string key) => _files.Select(file => file.Root.Find(key)).FirstOrDefault(part => part is not null);

    /// <summary>Whether a file has the key, if only as null.</summary>
    public bool Mentions(string key) => _files.Any(file => file.Root.Element.TryGetProperty(key, out _));

    /// <summary>The token under a key such as bos_token, written as a string or as an object with its content.</summary>
    public string? Content(string key) => Find(key) is { } part ? ContentOf(part) : null;

    public static string ContentOf(JsonPart part)
        => part.Element.ValueKind == JsonValueKind.Object ? part.Text("content") : part.AsText();

    public void Dispose() => _files.ForEach(file => file.Document.Dispose());
}
