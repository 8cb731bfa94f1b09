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
    internal ProblemFileContents Read()
    {
        try
        {
            var file = new FileHead(path, _options.Columns, _options.Formats);
            var format = _options.Format ?? file.Of(_options.Formats);
            IReadOnlyList<ProblemRow> rows = _options.Format is IRowFormat named ? [.. named.Rows(path)] : file.Rows;
            var table = new ProblemTable(path, _options);
            var problems = table.Build(rows, format);
            return new ProblemFileContents(
                format, problems, UnusedColumns.Find(rows, problems, table.Used, _options.Columns));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw CannotRead(error);
        }
    }

    private InputException CannotRead(Exception error) => new(
        error is FileNotFoundException or DirectoryNotFoundException
            ? $"{path} does not exist"
            : Directory.Exists(path)
                ? $"{path} is a folder; name a file in it"
                : $"{path} cannot be read: {error.Message.ReplaceLineEndings(" ")}",
        error);
}
