using System.Text.Encodings.Web;
using System.Text.Json;

namespace Reft.Inputs;

/// <summary>How a run's JSON is written.</summary>
internal static class RunJson
{
    /// <summary>One line.</summary>
    public static JsonWriterOptions Line { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Several lines, in camel case.</summary>
    public static JsonSerializerOptions Indented { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
