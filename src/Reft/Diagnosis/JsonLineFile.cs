using System.Text.Json;
using Reft.Training.Runs;

namespace Reft.Diagnosis;

/// <summary>Reads what may be damaged: a line that cannot be read is counted, and the rest is read all the same.</summary>
internal static class JsonLineFile
{
    /// <summary>The lines that can be read; none where there is no file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="damage">Told in words what could not be read.</param>
    public static IEnumerable<JsonElement> Read(string path, Action<string> damage)
    {
        if (!File.Exists(path) || new FileInfo(path).Length == 0)
        {
            yield break;
        }

        var number = 0;
        foreach (var line in LineFile.Read(path))
        {
            number++;
            if (Parse(line) is { } element)
            {
                yield return element;
            }
            else
            {
                damage($"{Path.GetFileName(path)} line {number} cannot be read");
            }
        }

        if (!EndsInNewline(path))
        {
            damage($"{Path.GetFileName(path)} ends in the middle of a line");
        }
    }

    /// <summary>A number of an object; NaN where there is none.</summary>
    public static double Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;

    /// <summary>A text of an object; empty where there is none.</summary>
    public static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() ?? "" : "";

    private static JsonElement? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object && double.IsFinite(Number(document.RootElement, "step"))
                ? document.RootElement.Clone()
                : null;
        }
        catch (JsonException)
        {
            return null; // The caller counts it.
        }
    }

    private static bool EndsInNewline(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte() == '\n';
    }
}
