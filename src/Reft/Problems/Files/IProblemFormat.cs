namespace Reft.Problems.Files;

/// <summary>
/// A way in which problem files are written. One that is no <see cref="IRowFormat"/> says only what rows hold, whatever kind of file they
/// stand in.
/// </summary>
public interface IProblemFormat : INamed
{
    /// <summary>Whether a file is written so. Formats are asked one after another, and the first that says yes reads the file.</summary>
    bool Recognises(FileHead file);

    /// <summary>The problem of one row.</summary>
    /// <exception cref="InputException">The row lacks something; the message names file and row.</exception>
    Problem Read(ProblemRow row, ProblemTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return table.Read(row);
    }
}

/// <summary>A kind of file that holds rows.</summary>
public interface IRowFormat : IProblemFormat
{
    /// <summary>A file's rows, in order.</summary>
    /// <exception cref="InputException">The file is not written so; the message begins with its path.</exception>
    IEnumerable<ProblemRow> Rows(string path);
}
