using System.Globalization;
using System.Text.Json;
using Reft.Configuration.Binding;

namespace Reft.Server;

/// <summary>
/// Reads a request's fields. A field of value null is as good as absent. What nobody has asked for by <see cref="Finish"/> is refused by name.
/// </summary>
internal sealed class ApiReader(JsonElement body)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Knows fields that cannot change an answer.</summary>
    public void Ignore(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            _known.Add(name);
        }
    }

    /// <summary>A field; null where it is absent.</summary>
    public JsonElement? Find(string name)
    {
        _known.Add(name);
        return body.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    /// <summary>A text.</summary>
    public string? Text(string name) => Find(name) is { } value ? TextOf(value, name) : null;

    /// <summary>A number.</summary>
    public double Number(string name, double otherwise) => Find(name) is not { } value ? otherwise
        : value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number) ? number
        : throw Wrong(name, value, "a number");

    /// <summary>A whole number in a range.</summary>
    public long? Whole(string name, long least = long.MinValue, long most = long.MaxValue) => Find(name) is { } value
        ? WholeOf(value, name, least, most)
        : null;

    /// <summary>True or false.</summary>
    public bool Flag(string name) => Find(name) is { } value
        && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(name, value, "true or false"));

    /// <summary>An array; empty where it is absent.</summary>
    public IReadOnlyList<JsonElement> List(string name) => Find(name) is not { } value ? []
        : value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()]
        : throw Wrong(name, value, "an array");

    /// <summary>Refuses a field that would change the answer and that is not there, unless it changes nothing.</summary>
    /// <param name="name">The field.</param>
    /// <param name="changesNothing">Whether a value changes nothing.</param>
    public void Unsupported(string name, Func<JsonElement, bool> changesNothing)
    {
        if (Find(name) is { } value && !changesNothing(value))
        {
            throw new ApiException(400, $"'{name}' is {Shown(value)}, which this server cannot do: leave it out", name, "unsupported_value");
        }
    }

    /// <summary>Refuses fields that nobody knows.</summary>
    public void Finish()
    {
        var unknown = body.EnumerateObject().Select(field => field.Name).FirstOrDefault(name => !_known.Contains(name));
        if (unknown is not null)
        {
            throw new ApiException(
                400, $"there is no field {OneLine.Quote(unknown)}{NearName.Ask(unknown, _known)}", OneLine.Of(unknown, 120), "unknown_parameter");
        }
    }

    /// <summary>A value as a text.</summary>
    public static string TextOf(JsonElement value, string name)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            throw Wrong(name, value, "a text");
        }

        try
        {
            return value.GetString()!; // It is a string.
        }
        catch (InvalidOperationException)
        {
            throw new ApiException(400, $"'{name}' is no well-formed text: half of a surrogate pair stands alone", name, "invalid_value");
        }
    }

    /// <summary>A value as a whole number in a range.</summary>
    public static long WholeOf(JsonElement value, string name, long least = long.MinValue, long most = long.MaxValue)
    {
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt64(out var number))
        {
            throw Wrong(name, value, "a whole number");
        }

        return number >= least && number <= most ? number : throw Wrong(
            name, value,
            most == long.MaxValue
                ? string.Create(CultureInfo.InvariantCulture, $"at least {least}")
                : string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}"));
    }

    /// <summary>A value is not what it must be.</summary>
    public static ApiException Wrong(string name, JsonElement value, string expected) =>
        new(400, $"'{name}' is {Shown(value)}: it must be {expected}", name, "invalid_value");

    private static string Shown(JsonElement value) => OneLine.Of(value.GetRawText(), 60);
}
