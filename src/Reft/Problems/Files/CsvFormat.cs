using System.Globalization;
using CsvHelper;

namespace Reft.Problems.Files;

/// <summary>Comma- or tab-separated values with a header.</summary>
internal sealed class CsvFormat : IRowFormat
{
    /// <inheritdoc/>
    public string Name => "csv";

    /// <inheritdoc/>
    public string Summary => "comma-separated values with a header; tabs in a .tsv file";

    /// <inheritdoc/>
    public bool Recognises(FileHead file) => file.Extension is ".csv" or ".tsv";

    /// <inheritdoc/>
    public IEnumerable<ProblemRow> Rows(string path)
    {
        var tabs = Path.GetExtension(path).Equals(".tsv", StringComparison.OrdinalIgnoreCase);
        var options = new CsvReaderOptions
        {
            Separator = tabs ? '\t' : ',',
            TrackLineNumbers = true,
            MalformedData = CsvMalformedDataHandling.Throw,
        };
        using var reader = CsvReader.FromText(ProblemText.Read(path, allowsUtf16: true), options);
        var header = Header(reader, path);
        while (Step(reader, path))
        {
            if (reader.FieldCount != header.Count)
            {
                throw Malformed(
                    path, reader.LineNumber, $"{reader.FieldCount} fields where the header has {header.Count}");
            }

            var cells = new Dictionary<string, Cell>(StringComparer.Ordinal);
            for (var i = 0; i < header.Count; i++)
            {
                cells[header[i]] = new Cell(reader.GetString(i));
            }

            var line = checked((int)reader.LineNumber);
            yield return new ProblemRow(line, string.Create(CultureInfo.InvariantCulture, $"line {line}"), cells);
        }
    }

    private static List<string> Header(CsvReader reader, string path)
    {
        try
        {
            reader.ReadHeader();
            var header = reader.Headers.ToList();
            var twice = header.GroupBy(name => name, StringComparer.Ordinal)
                .FirstOrDefault(group => group.Skip(1).Any());
            return (header.Count, twice) switch
            {
                (0, _) => throw new InputException($"{path} is empty; it should hold a header and problems"),
                (_, not null) => throw new InputException($"{path}: the header names '{twice.Key}' twice"),
                _ => header,
            };
        }
        catch (CsvFormatException error)
        {
            throw Malformed(path, error.LineNumber, error.Message);
        }
    }

    private static bool Step(CsvReader reader, string path)
    {
        try
        {
            return reader.Read();
        }
        catch (CsvFormatException error)
        {
            throw Malformed(path, error.LineNumber, error.Message);
        }
    }

    private static InputException Malformed(string path, long line, string what) =>
        new(string.Create(CultureInfo.InvariantCulture,
            $"{path}, line {line}: malformed: {what.ReplaceLineEndings(" ")}"));
}
