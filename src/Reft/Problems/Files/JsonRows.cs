using System.Text.Json;

namespace Reft.Problems.Files;

/// <summary>Rows of JSON arrays and of JSON lines.</summary>
internal static class JsonRows
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };

    public static IEnumerable<ProblemRow> ReadArray(string path)
    {
        using var document = Parse(ProblemText.Read(path, allowsUtf16: false), path, 1);
        if (document.RootElement.ValueKind != JsonValueKind.Array)
        {
            throw new InputException(
                $"{path} holds {Name(document.RootElement.ValueKind)}; it should be a JSON array of problems");
        }

        var number = 0;
        foreach (var element in document.RootElement.EnumerateArray())
        {
            number++;
            yield return Row(path, element, number, $"row {number}");
        }
    }

    public static IEnumerable<ProblemRow> ReadLines(string path)
    {
        var number = 0;
        foreach (var line in ProblemText.Read(path, allowsUtf16: false).Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                using var document = Parse(line, path, number);
                yield return Row(path, document.RootElement, number, $"line {number}");
            }
        }
    }

    private static JsonDocument Parse(string json, string path, int firstLine)
    {
        try
        {
            return JsonDocument.Parse(json, _strict);
        }
        catch (JsonException error)
        {
            var line = firstLine + (error.LineNumber ?? 0);
            var reason = error.Message.Split(" LineNumber:")[0].ReplaceLineEndings(" ");
            throw new InputException($"{path}, line {line}: malformed JSON: {reason}", error);
        }
    }

    private static ProblemRow Row(string path, JsonElement element, int number, string where)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new InputException($"{path}, {where}: holds {Name(element.ValueKind)}; a problem is a JSON object");
        }

        var cells = new Dictionary<string, Cell>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            cells[property.Name] = property.Value.ValueKind switch
            {
                JsonValueKind.String => new Cell(property.Value.GetString()),
                JsonValueKind.Number => new Cell(property.Value.GetRawText()),
                JsonValueKind.Null => new Cell(null),
                JsonValueKind.Array => new Cell(null, Name(JsonValueKind.Array)) { Items = Items(property.Value) },
                var other => new Cell(null, Name(other)),
            };
        }

        return new ProblemRow(number, where, cells);
    }

    /// <summary>The texts of a list of texts and numbers; null for any other list.</summary>
    private static string[]? Items(JsonElement list) =>
        list.EnumerateArray().All(item => item.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            ? [.. list.EnumerateArray().Select(item => item.ToString())]
            : null;

    private static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };
}
