using System.Text;

namespace Reft.Problems.Files;

/// <summary>Problems from a file in any of the known formats.</summary>
/// <param name="path">The file.</param>
/// <param name="options">How to read it; null detects everything.</param>
public sealed class ProblemFile(string path, ProblemFileOptions? options = null) : IProblemSource
{
    private readonly ProblemFileOptions _options = options ?? new ProblemFileOptions();

    /// <summary>The format that <see cref="Load"/> reads: the one asked for, or the detected one.</summary>
    public ProblemFormat Format => _options.Format == ProblemFormat.Auto ? Detect() : _options.Format;

    /// <inheritdoc/>
    public IReadOnlyList<Problem> Load()
    {
        try
        {
            return Format switch
            {
                ProblemFormat.PaperJson => Build(JsonRows.ReadArray(path)),
                ProblemFormat.JsonLines => Build(JsonRows.ReadLines(path)),
                ProblemFormat.Gsm8k => Gsm8kRows.Build(path, JsonRows.ReadLines(path), _options),
                ProblemFormat.Csv => Build(CsvRows.Read(path)),
                ProblemFormat.Parquet => Build(ParquetRows.Read(path)),
                _ => throw new ArgumentOutOfRangeException(nameof(options), Format, "not a format"),
            };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotRead(error);
        }
    }

    private IReadOnlyList<Problem> Build(IEnumerable<ProblemRow> rows) =>
        ProblemTable.Build(path, rows, _options.Columns);

    private InputException CannotRead(Exception error) => new(
        error is FileNotFoundException or DirectoryNotFoundException
            ? $"{path} does not exist"
            : Directory.Exists(path)
                ? $"{path} is a folder; name a file in it"
                : $"{path} cannot be read: {error.Message.ReplaceLineEndings(" ")}",
        error);

    private ProblemFormat Detect()
    {
        string head;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            var bytes = new byte[64 * 1024];
            head = Encoding.UTF8.GetString(bytes, 0,
                stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotRead(error);
        }

        var text = head.TrimStart('\uFEFF').TrimStart();
        if (text.Length == 0)
        {
            throw new InputException($"{path} is empty; it should hold problems");
        }

        var extension = Path.GetExtension(path).ToLowerInvariant();
        return (text[0], extension) switch
        {
            _ when text.StartsWith("PAR1", StringComparison.Ordinal) => ProblemFormat.Parquet,
            (_, ".parquet") => ProblemFormat.Parquet,
            (_, ".csv" or ".tsv") => ProblemFormat.Csv,
            ('[', _) => ProblemFormat.PaperJson,
            ('{', _) => LooksLikeGsm8k(text) ? ProblemFormat.Gsm8k : ProblemFormat.JsonLines,
            (_, ".json") => ProblemFormat.PaperJson,
            (_, ".jsonl" or ".ndjson") => ProblemFormat.JsonLines,
            _ => throw new InputException(
                $"{path} is in no format that can be told from its content or its extension '{extension}'; "
                + "name one of PaperJson, Gsm8k, JsonLines, Csv, Parquet"),
        };
    }

    private static bool LooksLikeGsm8k(string text)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var line = end < 0 ? text : text[..end];
        return line.Contains("\"answer\"", StringComparison.Ordinal) && line.Contains("####", StringComparison.Ordinal);
    }
}
