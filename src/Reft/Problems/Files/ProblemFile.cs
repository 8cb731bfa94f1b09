using System.Text;

namespace Reft.Problems.Files;

/// <summary>Problems from a file in any of the known formats.</summary>
/// <param name="path">The file.</param>
/// <param name="options">How to read it; null detects everything.</param>
public sealed class ProblemFile(string path, ProblemFileOptions? options = null) : IProblemSource
{
    private readonly ProblemFileOptions _options = options ?? new ProblemFileOptions();

    /// <inheritdoc/>
    public IReadOnlyList<Problem> Load() => Read().Problems;

    /// <summary>Every problem, and what a person should look at.</summary>
    /// <exception cref="InputException">The data is not what the options say; the message names the row.</exception>
    public ProblemFileContents Read()
    {
        try
        {
            var kind = _options.Format is ProblemFormat.Auto or ProblemFormat.Gsm8k ? Kind() : _options.Format;
            ProblemRow[] rows = [.. Rows(kind)];
            // GSM8K's rows are told by their answers, whatever kind of file they stand in.
            var isGsm8k = _options.Format == ProblemFormat.Gsm8k
                || (_options.Format == ProblemFormat.Auto && Gsm8kRows.Recognises(rows, _options.Columns));
            var table = new ProblemTable(path, _options.Columns);
            var problems = isGsm8k ? Gsm8kRows.Build(path, rows, table, _options) : table.Build(rows);
            return new ProblemFileContents(
                isGsm8k ? ProblemFormat.Gsm8k : kind, problems, UnusedColumns.Find(rows, problems, table.Used, _options.Columns));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotRead(error);
        }
    }

    private IEnumerable<ProblemRow> Rows(ProblemFormat kind) => kind switch
    {
        ProblemFormat.PaperJson => JsonRows.ReadArray(path),
        ProblemFormat.JsonLines => JsonRows.ReadLines(path),
        ProblemFormat.Csv => CsvRows.Read(path),
        ProblemFormat.Parquet => ParquetRows.Read(path),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a kind of file"),
    };

    private InputException CannotRead(Exception error) => new(
        error is FileNotFoundException or DirectoryNotFoundException
            ? $"{path} does not exist"
            : Directory.Exists(path)
                ? $"{path} is a folder; name a file in it"
                : $"{path} cannot be read: {error.Message.ReplaceLineEndings(" ")}",
        error);

    /// <summary>The kind of file, by its first bytes, then its extension.</summary>
    private ProblemFormat Kind()
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
            ('{', _) => ProblemFormat.JsonLines,
            (_, ".json") => ProblemFormat.PaperJson,
            (_, ".jsonl" or ".ndjson") => ProblemFormat.JsonLines,
            _ => throw new InputException(
                $"{path} is in no format that can be told from its content or its extension '{extension}'; "
                + "name one of PaperJson, Gsm8k, JsonLines, Csv, Parquet"),
        };
    }
}
