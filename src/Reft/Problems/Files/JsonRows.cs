using System.Text;
using System.Text.Json;

namespace Reft.Problems.Files;

/// <summary>Rows of JSON arrays and of JSON lines.</summary>
internal static class JsonRows
{
    private static readonly JsonDocumentOptions _strict = new() { AllowDuplicateProperties = false };
    private static readonly UTF8Encoding _utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static IEnumerable<ProblemRow> ReadArray(string path)
    {
        using var document = Parse(ReadText(path), path, 1);
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
        foreach (var line in ReadText(path).Split('\n'))
        {
            number++;
            if (!string.IsNullOrWhiteSpace(line))
            {
                using var document = Parse(line, path, number);
                yield return Row(path, document.RootElement, number, $"line {number}");
            }
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            var text = _utf8.GetString(File.ReadAllBytes(path)).TrimStart('\uFEFF');
            return string.IsNullOrWhiteSpace(text)
                ? throw new InputException($"{path} is empty; it should hold problems")
                : text;
        }
        catch (DecoderFallbackException error)
        {
            throw new InputException($"{path} is not UTF-8 text; convert it first", error);
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
                var other => new Cell(null, Name(other)),
            };
        }

        return new ProblemRow(number, where, cells);
    }

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
