namespace Reft.Reporting.Data;

/// <summary>What a column holds; any value of it may be absent, which is null.</summary>
internal enum DataKind
{
    /// <summary>A <see cref="long"/>.</summary>
    Integer,

    /// <summary>A <see cref="double"/>.</summary>
    Number,

    /// <summary>A <see cref="string"/>.</summary>
    Text,

    /// <summary>A <see cref="bool"/>.</summary>
    Flag,

    /// <summary>A <see cref="DateTime"/> of UTC.</summary>
    Moment,

    /// <summary>An array of <see cref="int"/>.</summary>
    Integers,

    /// <summary>An array of <see cref="float"/>; NaN where the file has no number.</summary>
    Singles,

    /// <summary>An array of <see cref="double"/>; NaN where the file has no number.</summary>
    Doubles,
}

/// <summary>A column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it holds.</param>
internal sealed record DataColumn(string Name, DataKind Kind);

/// <summary>Typed rows that are read as they are written, so that a table may be larger than the memory.</summary>
/// <param name="Name">What it is of, and what its files are called.</param>
/// <param name="Columns">The columns.</param>
/// <param name="Rows">The rows: a value for each column, of its kind or null.</param>
internal sealed record DataTable(string Name, IReadOnlyList<DataColumn> Columns, IEnumerable<object?[]> Rows);
