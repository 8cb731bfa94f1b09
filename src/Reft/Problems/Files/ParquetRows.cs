using System.Globalization;
using Parquet.Serialization;

namespace Reft.Problems.Files;

/// <summary>Rows of Apache Parquet files with flat columns.</summary>
internal static class ParquetRows
{
    public static IEnumerable<ProblemRow> Read(string path)
    {
        // Parquet.Net is asynchronous only; a command-line program has no context that waiting here could block.
        var rows = ReadAsync(path).GetAwaiter().GetResult();
        return rows.Select((row, index) => new ProblemRow(
            index + 1,
            string.Create(CultureInfo.InvariantCulture, $"row {index + 1}"),
            row.ToDictionary(pair => pair.Key, pair => ToCell(pair.Value), StringComparer.Ordinal)));
    }

    private static async Task<IList<Dictionary<string, object>>> ReadAsync(string path)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            var result = await ParquetSerializer.DeserializeUntypedAsync(stream).ConfigureAwait(false);
            return result.Data;
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A border: the library throws many types on a damaged file.
            throw new InputException(
                $"{path} is not a Parquet file that can be read: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private static Cell ToCell(object? value) => value switch
    {
        null => new Cell(null),
        string text => new Cell(text),
        bool => new Cell(null, "true or false"),
        double number => new Cell(ExactText.Of(number)),
        float number => new Cell(number.ToString("R", CultureInfo.InvariantCulture)),
        decimal or sbyte or byte or short or ushort or int or uint or long or ulong =>
            new Cell(Convert.ToString(value, CultureInfo.InvariantCulture)),
        _ => new Cell(null, $"a {value.GetType().Name}"),
    };
}
