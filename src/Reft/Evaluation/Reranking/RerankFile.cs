using System.Text.Json;

namespace Reft.Evaluation.Reranking;

/// <summary>A reward model's evaluation, as a file holds it.</summary>
/// <param name="Step">After which training step.</param>
/// <param name="Set">dev or test.</param>
/// <param name="Report">The figures.</param>
internal sealed record RerankRecord(long Step, string Set, RerankReport Report);

/// <summary>Reads and writes <see cref="RerankRecord"/>.</summary>
internal static class RerankFile
{
    /// <summary>The ending of such a file, where an evaluation's is <c>.json</c>.</summary>
    public const string Extension = "rerank.json";

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Writes a record, whole or not at all.</summary>
    public static void Write(string path, RerankRecord record) =>
        AtomicFile.WriteAllText(path, JsonSerializer.Serialize(record, _json) + "\n");

    /// <summary>Reads a record.</summary>
    /// <exception cref="InputException">The file is none.</exception>
    public static RerankRecord Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<RerankRecord>(InputFile.Guarded(path, () => File.ReadAllText(path)), _json)
                ?? throw new InputException($"{OneLine.Of(path)}: is null where a reward model's evaluation should be");
        }
        catch (JsonException error)
        {
            throw new InputException($"{OneLine.Of(path)}: is no reward model's evaluation ({OneLine.Of(error.Message)})", error);
        }
    }
}
