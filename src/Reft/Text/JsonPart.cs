using System.Text.Json;

namespace Reft.Text;

/// <summary>
/// One value of a JSON file together with the file's name and the value's path, so that every complaint names both.
/// </summary>
internal readonly struct JsonPart(string file, string path, JsonElement element)
{
    private const int ExcerptLength = 60;

    public string File { get; } = file;

    public string Path { get; } = path;

    public JsonElement Element { get; } = element;

    public bool IsNull => Element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>The key's value; null when the key is absent or its value is null.</summary>
    public JsonPart? Find(string key)
    {
        if (Element.ValueKind != JsonValueKind.Object)
        {
            throw Unexpected("an object");
        }

        return Element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            ? new JsonPart(File, PathTo(key), value)
            : null;
    }

    /// <summary>The key's value, which must be there.</summary>
    public JsonPart Get(string key)
        => Find(key) ?? throw new InputException($"{File} lacks '{PathTo(key)}'; take the file from the model's source again");

    public string Text(string key) => Get(key).AsText();

    public string? TextOrNull(string key) => Find(key)?.AsText();

    public bool Flag(string key, bool absent)
    {
        if (Find(key) is not { } part)
        {
            return absent;
        }

        return part.Element.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw part.Unexpected("true or false"),
        };
    }

    public int Integer(string key, int absent) => Find(key)?.AsInteger() ?? absent;

    public int AsInteger()
        => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var value)
            ? value
            : throw Unexpected("an integer");

    public string AsText()
    {
        if (Element.ValueKind != JsonValueKind.String)
        {
            throw Unexpected("a string");
        }

        try
        {
            return Element.GetString() ?? "";
        }
        catch (InvalidOperationException error)
        {
            throw new InputException($"{File}: {Path} is {Excerpt()}, not valid Unicode text; {WayOut}", error);
        }
    }

    public IReadOnlyList<JsonPart> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array)
        {
            throw Unexpected("a list");
        }

        var items = new List<JsonPart>(Element.GetArrayLength());
        foreach (var item in Element.EnumerateArray())
        {
            items.Add(new JsonPart(File, $"{Path}[{items.Count}]", item));
        }

        return items;
    }

    /// <summary>The error for a value of the wrong kind.</summary>
    public InputException Unexpected(string expected)
        => new($"{File}: {(Path.Length == 0 ? "the file" : OneLine.Of(Path))} is {Excerpt()}, expected {expected}; {WayOut}");

    /// <summary>The error for a component that Reft does not have.</summary>
    public InputException Unsupported(string kind, string supported)
        => new($"{File}: {Path} is a {kind} that is not supported, '{TextOrNull("type") ?? "(no type)"}'; "
            + $"supported: {supported}");

    private const string WayOut = "correct the value or take the file from the model's source again";

    private string PathTo(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    private string Excerpt()
    {
        if (Element.ValueKind == JsonValueKind.Undefined)
        {
            return "absent";
        }

        return OneLine.Of(Element.GetRawText(), ExcerptLength);
    }
}
