using System.Globalization;
using System.Text;

namespace Reft.Reporting.Data;

/// <summary>
/// A table as comma-separated values (RFC 4180) in UTF-8: numbers so that they read back to the same bits, lists as JSON, an absent value as
/// nothing and an empty text as two quotes.
/// </summary>
internal static class CsvTable
{
    private static readonly System.Buffers.SearchValues<char> _quoted = System.Buffers.SearchValues.Create(",\"\r\n");

    /// <summary>Writes it.</summary>
    /// <returns>How many rows it has.</returns>
    public static long Write(DataTable table, Stream stream)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(false), bufferSize: 1 << 16, leaveOpen: true) { NewLine = "\n" };
        text.WriteLine(string.Join(',', table.Columns.Select(column => Quoted(column.Name))));
        var count = 0L;
        foreach (var row in table.Rows)
        {
            text.WriteLine(string.Join(',', row.Select(value => value is null ? "" : Quoted(Text(value)))));
            count++;
        }

        return count;
    }

    private static string Quoted(string text) =>
        text.Length == 0 || text.AsSpan().IndexOfAny(_quoted) >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    /// <summary>A value's text.</summary>
    private static string Text(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        DateTime time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
        int[] list => $"[{string.Join(",", list.Select(item => item.ToString(CultureInfo.InvariantCulture)))}]",
        float[] list => $"[{string.Join(",", list.Select(item => float.IsFinite(item) ? item.ToString("R", CultureInfo.InvariantCulture) : "null"))}]",
        double[] list => $"[{string.Join(",", list.Select(item => double.IsFinite(item) ? item.ToString("R", CultureInfo.InvariantCulture) : "null"))}]",
        double number => number.ToString("R", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!, // A number has a text.
    };
}
