using System.Text.Json;

namespace Reft.Hosting.Verbs;

/// <summary>One completion of a file.</summary>
/// <param name="Line">Its line, or its place in a JSON array, from 1.</param>
/// <param name="Id">Its id; null where it has none.</param>
/// <param name="Text">What the model wrote.</param>
/// <param name="Answer">The right answer; null where the file has none.</param>
/// <param name="Question">The question; null where the file has none.</param>
/// <param name="Group">The key of its problem's group; null where the file has none.</param>
internal sealed record CompletionLine(int Line, string? Id, string Text, string? Answer, string? Question = null, string? Group = null);

/// <summary>Reads completions: plain lines (or one plain text), JSON objects one a line, or a JSON array.</summary>
internal static class CompletionFile
{
    public static async Task<IReadOnlyList<CompletionLine>> ReadAsync(
        string file, TextReader standardInput, bool oneText, CancellationToken cancellation)
    {
        string text;
        try
        {
            text = file == "-"
                ? await standardInput.ReadToEndAsync(cancellation)
                : await File.ReadAllTextAsync(file, cancellation);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"{file} cannot be read: {error.Message.ReplaceLineEndings(" ")}", error);
        }

        var name = file == "-" ? "standard input" : file;
        text = text.TrimStart('\uFEFF');
        if (text.Length == 0)
        {
            throw new InputException($"{name} is empty; it should hold completions");
        }

        return TryArray(name, text) ?? Lines(name, text, oneText);
    }

    /// <summary>A JSON array of texts or objects; null where the text is something else, such as <c>[5]</c>.</summary>
    private static List<CompletionLine>? TryArray(string name, string text)
    {
        if (text.TrimStart()[..1] is not "[")
        {
            return null;
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }

        using (document)
        {
            var items = document.RootElement.EnumerateArray().ToList();
            return items.Count > 0
                && items.TrueForAll(item => item.ValueKind is JsonValueKind.String or JsonValueKind.Object)
                ? [.. items.Select((item, index) => item.ValueKind == JsonValueKind.String
                    ? new CompletionLine(index + 1, null, item.GetString()!, null) // A JSON string is not null.
                    : FromObject($"{name}, item {index + 1}", index + 1, item))]
                : null;
        }
    }

    private static List<CompletionLine> Lines(string name, string text, bool oneText)
    {
        var lines = text.Split('\n');
        var count = lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        var first = Array.Find(lines, line => !string.IsNullOrWhiteSpace(line))?.TrimStart() ?? "";
        var asJson = first.StartsWith("{\"", StringComparison.Ordinal);
        if (oneText && !asJson)
        {
            return [new CompletionLine(1, null, text, null)];
        }

        var completions = new List<CompletionLine>();
        for (var i = 0; i < count; i++)
        {
            if (!asJson)
            {
                completions.Add(new CompletionLine(i + 1, null, lines[i].TrimEnd('\r'), null));
            }
            else if (!string.IsNullOrWhiteSpace(lines[i]))
            {
                completions.Add(FromLine($"{name}, line {i + 1}", i + 1, lines[i]));
            }
        }

        return completions;
    }

    private static CompletionLine FromLine(string where, int line, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return FromObject(where, line, document.RootElement);
        }
        catch (JsonException error)
        {
            var reason = error.Message.Split(" LineNumber:")[0].ReplaceLineEndings(" ");
            throw new InputException($"{where}: malformed JSON: {reason}", error);
        }
    }

    private static CompletionLine FromObject(string where, int line, JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw new InputException($"{where}: is no JSON object; it should be one, as the first line is");
        }

        var completion = Text(where, element, "completion") ?? Text(where, element, "text")
            ?? throw new InputException($"{where}: lacks 'completion' (or 'text')");
        var answer = Text(where, element, "answer_value") ?? Text(where, element, "answer");
        return new CompletionLine(line, Text(where, element, "id") ?? Text(where, element, "item_id"), completion,
            answer, Text(where, element, "question"), Text(where, element, "group"));
    }

    private static string? Text(string where, JsonElement element, string key)
    {
        if (!element.TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => throw new InputException($"{where}: '{key}' is {value.ValueKind}; it must be text or a number"),
        };
    }
}
