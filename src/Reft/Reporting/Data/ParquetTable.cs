using Parquet;
using Parquet.Schema;

namespace Reft.Reporting.Data;

/// <summary>A table as Apache Parquet, a row group at a time in memory.</summary>
internal static class ParquetTable
{
    private const int RowsAGroup = 4_096;

    /// <summary>Writes it.</summary>
    /// <returns>How many rows it has.</returns>
    // Parquet.Net is asynchronous only; a command-line program has no context that waiting here could block.
    public static long Write(DataTable table, Stream stream) => WriteAsync(table, stream).GetAwaiter().GetResult();

    private static async Task<long> WriteAsync(DataTable table, Stream stream)
    {
        Field[] fields = [.. table.Columns.Select(FieldOf)];
        var count = 0L;
        await using var writer = await ParquetWriter.CreateAsync(new ParquetSchema(fields), stream).ConfigureAwait(false);
        foreach (var rows in table.Rows.Chunk(RowsAGroup))
        {
            using var group = writer.CreateRowGroup();
            for (var c = 0; c < fields.Length; c++)
            {
                await WriteAsync(group, fields[c], table.Columns[c].Kind, [.. rows.Select(row => row[c])]).ConfigureAwait(false);
            }

            group.CompleteValidate();
            count += rows.Length;
        }

        return count;
    }

    private static Field FieldOf(DataColumn column) => column.Kind switch
    {
        DataKind.Integer => new DataField<long?>(column.Name),
        DataKind.Number => new DataField<double?>(column.Name),
        DataKind.Text => new DataField<string>(column.Name),
        DataKind.Flag => new DataField<bool?>(column.Name),
        DataKind.Moment => new DateTimeDataField(column.Name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Micros, isNullable: true),
        DataKind.Integers => new ListField(column.Name, new DataField<int>("element")),
        DataKind.Singles => new ListField(column.Name, new DataField<float>("element")),
        DataKind.Doubles => new ListField(column.Name, new DataField<double>("element")),
        _ => throw new ArgumentOutOfRangeException(nameof(column), column.Kind, null),
    };

    private static async Task WriteAsync(ParquetRowGroupWriter group, Field field, DataKind kind, object?[] values)
    {
        switch (kind)
        {
            case DataKind.Text:
                await group.WriteAsync((DataField)field, [.. values.Cast<string>()]).ConfigureAwait(false);
                break;
            case DataKind.Integer:
                await group.WriteAsync<long>((DataField)field, values.Cast<long?>().ToArray()).ConfigureAwait(false);
                break;
            case DataKind.Number:
                await group.WriteAsync<double>((DataField)field, values.Cast<double?>().ToArray()).ConfigureAwait(false);
                break;
            case DataKind.Flag:
                await group.WriteAsync<bool>((DataField)field, values.Cast<bool?>().ToArray()).ConfigureAwait(false);
                break;
            case DataKind.Moment:
                await group.WriteAsync<DateTime>((DataField)field, values.Cast<DateTime?>().ToArray()).ConfigureAwait(false);
                break;
            case DataKind.Integers:
                await WriteListsAsync(group, (ListField)field, [.. values.Cast<int[]?>()]).ConfigureAwait(false);
                break;
            case DataKind.Singles:
                await WriteListsAsync(group, (ListField)field, [.. values.Cast<float[]?>()]).ConfigureAwait(false);
                break;
            case DataKind.Doubles:
                await WriteListsAsync(group, (ListField)field, [.. values.Cast<double[]?>()]).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>
    /// Lists by Dremel's levels: 0 where there is no list, 1 where it is empty, 2 for an element; a row's first entry repeats nothing.
    /// </summary>
    private static async Task WriteListsAsync<T>(ParquetRowGroupWriter group, ListField field, T[]?[] lists)
        where T : struct
    {
        var (definitions, repetitions) = (new List<int>(), new List<int>());
        foreach (var list in lists)
        {
            var entries = Math.Max(1, list?.Length ?? 0);
            definitions.AddRange(Enumerable.Repeat(list is null ? 0 : list.Length == 0 ? 1 : 2, entries));
            repetitions.AddRange(Enumerable.Range(0, entries).Select(i => i == 0 ? 0 : 1));
        }

        T[] elements = [.. lists.SelectMany(list => list ?? [])];
        await group.WriteAllPartsAsync<T>((DataField)field.Item, elements, definitions.ToArray(), repetitions.ToArray(), CancellationToken.None).ConfigureAwait(false);
    }
}
