using System.Globalization;
using System.Text.Json;

namespace Reft.Reporting;

/// <summary>Reads values of files that may lack them: what is absent, or of another kind, is null.</summary>
internal static class JsonValues
{
    /// <summary>The object's value of that name; null if there is none or it is null.</summary>
    public static JsonElement? Find(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value)
        && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    public static string? Text(this JsonElement element, string name)
    {
        if (element.Find(name) is not { ValueKind: JsonValueKind.String } value)
        {
            return null;
        }

        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: the text as the file spells it.
            return value.GetRawText();
        }
    }

    public static double? Number(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number)
        && double.IsFinite(number)
            ? number
            : null;

    public static long? Integer(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number)
            ? number
            : null;

    public static bool Flag(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.True };

    /// <summary>The list's numbers; a value that is none is NaN. null if there is no list.</summary>
    public static float[]? Numbers(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Select(
                item => item.ValueKind == JsonValueKind.Number && item.TryGetSingle(out var value) ? value : float.NaN)]
            : null;

    /// <summary>The list's whole numbers; a value that is none is -1. Empty if there is no list.</summary>
    public static int[] Integers(this JsonElement element, string name) =>
    [
        .. element.Items(name).Select(
            item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out var value) ? value : -1),
    ];

    /// <summary>The list's items; none if there is no list.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Find(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>Every text, number and flag of an object and of the objects in it, by dotted path.</summary>
    public static Dictionary<string, string> Flatten(this JsonElement element)
    {
        var flat = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(element, "");
        return flat;

        void Add(JsonElement value, string path)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var property in value.EnumerateObject())
                    {
                        Add(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}");
                    }

                    break;
                case JsonValueKind.Array:
                    flat[path] = string.Join(" ", value.EnumerateArray().Select(item => item.ToString()));
                    break;
                case JsonValueKind.Null or JsonValueKind.Undefined:
                    break;
                default:
                    flat[path] = value.ToString();
                    break;
            }
        }
    }

    /// <summary>A share as a percentage.</summary>
    public static string Percent(double share) => (100 * share).ToString("F1", CultureInfo.InvariantCulture) + "%";
}
