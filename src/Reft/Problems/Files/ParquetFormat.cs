using System.Globalization;
using Parquet.Serialization;

namespace Reft.Problems.Files;

/// <summary>Apache Parquet with flat columns.</summary>
internal sealed class ParquetFormat : IRowFormat
{
    /// <inheritdoc/>
    public string Name => "parquet";

    /// <inheritdoc/>
    public string Summary => "Apache Parquet";

    /// <inheritdoc/>
    public bool Recognises(FileHead file) => file.Text.StartsWith("PAR1", StringComparison.Ordinal) || file.Extension == ".parquet";

    /// <inheritdoc/>
    public IEnumerable<ProblemRow> Rows(string path)
    {
        // Parquet.Net is asynchronous only; a command-line program has no context that waiting here could block.
        var (columns, rows) = ReadAsync(path).GetAwaiter().GetResult();
        return rows.Select((row, index) => new ProblemRow(
            index + 1,
            string.Create(CultureInfo.InvariantCulture, $"row {index + 1}"),
            // A row leaves out the columns in which it is null.
            columns.ToDictionary(column => column, column => ToCell(row.GetValueOrDefault(column)), StringComparer.Ordinal)));
    }

    private static async Task<(string[] Columns, IList<Dictionary<string, object>> Rows)> ReadAsync(string path)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            var result = await ParquetSerializer.DeserializeUntypedAsync(stream).ConfigureAwait(false);
            return ([.. result.Schema.Fields.Select(field => field.Name)], result.Data);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A border: the library throws many types on a damaged file.
            throw new InputException(
                $"{path} is not a Parquet file that can be read: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    /// <summary>The texts of a list of texts and numbers; null for any other list.</summary>
    private static string[]? Items(System.Collections.IEnumerable list)
    {
        Cell[] cells = [.. list.Cast<object?>().Select(ToCell)];
        return Array.TrueForAll(cells, cell => cell.Text is not null) ? [.. cells.Select(cell => cell.Text!)] : null; // Not null: checked.
    }

    private static Cell ToCell(object? value) => value switch
    {
        null => new Cell(null),
        string text => new Cell(text),
        ReadOnlyMemory<char> text => new Cell(text.ToString()), // The library's texts inside lists.
        bool => new Cell(null, "true or false"),
        double number => new Cell(ExactText.Of(number)),
        float number => new Cell(number.ToString("R", CultureInfo.InvariantCulture)),
        decimal or sbyte or byte or short or ushort or int or uint or long or ulong =>
            new Cell(Convert.ToString(value, CultureInfo.InvariantCulture)),
        System.Collections.IDictionary => new Cell(null, "a struct or a map"),
        byte[] => new Cell(null, "binary"),
        System.Collections.IEnumerable list => new Cell(null, "a list") { Items = Items(list) },
        _ => new Cell(null, $"a {value.GetType().Name}"),
    };
}
