using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Reft.Models;

/// <summary>Reads keys of a <c>config.json</c>; every complaint names the file, the key and the value found.</summary>
internal sealed partial class ConfigReader
{
    private readonly JsonElement _root;
    private readonly string _at;
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ConfigReader> _inner = new(StringComparer.Ordinal);

    /// <summary>Reads an object.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="root">The object.</param>
    /// <param name="path">Where the object is in the file, for messages: empty, or ending in a dot.</param>
    public ConfigReader(string file, JsonElement root, string path = "")
    {
        File = file;
        _root = root;
        _at = path;
    }

    /// <summary>The file, for messages.</summary>
    public string File { get; }

    /// <summary>Parses a file.</summary>
    public static ConfigReader Open(string file)
    {
        try
        {
            using var document = Parse(System.IO.File.ReadAllText(file));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new ConfigReader(file, document.RootElement.Clone())
                : throw new InputException($"{file}: expected a JSON object, found {document.RootElement.ValueKind}");
        }
        catch (JsonException error)
        {
            throw new InputException($"{file}: not valid JSON: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file}: cannot be read: {error.Message}", error);
        }
    }

    /// <summary>The whole object, to be written again.</summary>
    public JsonObject ToObject() => JsonObject.Create(_root)!; // It is an object.

    /// <summary>
    /// Python's <c>json</c> writes numbers that JSON has not; as texts they are refused where they are read, and only there.
    /// </summary>
    private static JsonDocument Parse(string text)
    {
        var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
        try
        {
            return JsonDocument.Parse(text, options);
        }
        catch (JsonException) when (NotNumbers().IsMatch(text))
        {
            return JsonDocument.Parse(NotNumbers().Replace(text, "$1\"$2\""), options);
        }
    }

    [GeneratedRegex(@"([:\[,]\s*)(-?Infinity|NaN)(?=\s*[,\]}])")]
    private static partial Regex NotNumbers();

    /// <summary>Whether the key is there and not null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Whether the key is there with the value null.</summary>
    public bool IsNull(string key) =>
        _root.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Null;

    /// <summary>The value of a key that nobody has asked for; null where there is none, or somebody has.</summary>
    public JsonElement? Unread(string key) => !_read.Contains(key) && _root.TryGetProperty(key, out var value) ? value : null;

    /// <summary>Every key that somebody has asked for.</summary>
    public IReadOnlyCollection<string> Asked => _read;

    /// <summary>Every key that nobody has asked for, those of objects that were read among them, by its path.</summary>
    public IEnumerable<(string Key, string Path, JsonElement Value)> AllUnread() =>
    [
        .. _root.EnumerateObject().Where(property => !_read.Contains(property.Name)).Select(property => (property.Name, _at + property.Name, property.Value)),
        .. _inner.Values.SelectMany(reader => reader.AllUnread()),
    ];

    /// <summary>An object under a key; null if absent or null.</summary>
    public ConfigReader? Object(string key) => Find(key) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Object
            ? _inner.TryGetValue(key, out var known) ? known : _inner[key] = new ConfigReader(File, value, $"{_at}{key}.")
            : throw Wrong(key, value, "an object or null");

    /// <summary>A positive whole number that must be there.</summary>
    public int Positive(string key) => OptionalPositive(key) ?? throw Missing(key, "a positive whole number");

    /// <summary>A positive whole number; null if absent or null.</summary>
    public int? OptionalPositive(string key) => Find(key) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number > 0
            ? number
            : throw Wrong(key, value, "a positive whole number");

    /// <summary>A token id; null if absent or null.</summary>
    public int? OptionalTokenId(string key) => TokenIds(key) switch
    {
        [] => null,
        [var only, ..] => only,
    };

    /// <summary>One token id or a list of them; empty if absent or null.</summary>
    public IReadOnlyList<int> TokenIds(string key)
    {
        if (Find(key) is not { } value)
        {
            return [];
        }

        var items = value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [value];
        // -1 is how some files spell "none".
        return [.. items.Select(Id).Where(id => id >= 0)];

        int Id(JsonElement item) =>
            item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var id) && id >= -1
                ? id
                : throw Wrong(key, value, "a token id or a list of token ids");
    }

    /// <summary>A finite number, or the default if absent or null.</summary>
    public double Number(string key, double absent) => Find(key) is not { } value
        ? absent
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : throw Wrong(key, value, "a finite number");

    /// <summary>A number greater than 0, or the default if absent or null.</summary>
    public double PositiveNumber(string key, double absent)
    {
        var number = Number(key, absent);
        return number > 0 ? number : throw Unsupported(key, Text(number), "a number greater than 0");
    }

    /// <summary>A cap above 0: the default if absent, none if null.</summary>
    public double? Cap(string key, double absent) => IsNull(key) ? null : PositiveNumber(key, absent);

    /// <summary>A cap above 0; none if absent or null.</summary>
    public double? Cap(string key) => Has(key) ? PositiveNumber(key, 1) : null;

    /// <summary>A share of at least 0 and below 1, or the default if absent or null.</summary>
    public double Share(string key, double absent)
    {
        var number = Number(key, absent);
        return number is >= 0 and < 1 ? number : throw Unsupported(key, Text(number), "a share of at least 0 and below 1");
    }

    /// <summary>Whether one of the keys is there with an object.</summary>
    public bool Holds(params string[] keys) =>
        keys.Any(key => _root.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Object);

    /// <summary>A list of numbers above 0; null if absent or null.</summary>
    public IReadOnlyList<double>? Numbers(string key) => Find(key) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.Number && i.GetDouble() > 0)
            ? [.. value.EnumerateArray().Select(i => i.GetDouble())]
            : throw Wrong(key, value, "a list of numbers above 0");

    /// <summary>A list of whole numbers; null if absent or null.</summary>
    public IReadOnlyList<int>? WholeNumbers(string key) => Find(key) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.Number && i.TryGetInt32(out _))
            ? [.. value.EnumerateArray().Select(i => i.GetInt32())]
            : throw Wrong(key, value, "a list of whole numbers");

    /// <summary>A truth value, or the default if absent or null.</summary>
    public bool Flag(string key, bool absent) => Find(key) is not { } value
        ? absent
        : value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? value.GetBoolean()
            : throw Wrong(key, value, "true or false");

    /// <summary>A text; null if absent or null.</summary>
    public string? OptionalText(string key) => Find(key) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(key, value, "a text");

    /// <summary>A list of texts; null if absent or null.</summary>
    public IReadOnlyList<string>? OptionalTexts(string key) => Find(key) is not { } value
        ? null
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(i => i.GetString()!)] // Its kind was checked.
            : throw Wrong(key, value, "a list of texts");

    /// <summary>An activation that must be there or have a default.</summary>
    public ActivationKind Activation(string key, string absent)
    {
        var name = OptionalText(key) ?? absent;
        return Activations.TryParse(name, out var kind)
            ? kind
            : throw Unsupported(key, $"'{name}'", $"one of {Activations.Names}");
    }

    /// <summary>Insists that a key is absent, null or has the one value that is supported.</summary>
    public void MustBe(string key, bool only)
    {
        if (Flag(key, only) != only)
        {
            throw Unsupported(key, only ? "false" : "true", only ? "true" : "false");
        }
    }

    /// <summary>The error for a value that is understood but not supported.</summary>
    public InputException Unsupported(string key, string found, string supported) =>
        new($"{File}: '{_at}{key}' is {found}, which is not supported: Reft knows {supported}");

    /// <summary>The error for a key that must be there.</summary>
    public InputException Missing(string key, string expected) =>
        new($"{File}: '{_at}{key}' is missing: it must be {expected}");

    private static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    private JsonElement? Find(string key)
    {
        _read.Add(key);
        return _root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private InputException Wrong(string key, JsonElement value, string expected)
    {
        var raw = value.GetRawText();
        var shown = raw.Length > 60 ? raw[..60] + "…" : raw;
        return new InputException($"{File}: '{_at}{key}' is {shown.ReplaceLineEndings(" ")}: it must be {expected}");
    }
}
