namespace Reft.Problems.Files;

/// <summary>One JSON object a line.</summary>
internal sealed class JsonLinesFormat : IRowFormat
{
    /// <inheritdoc/>
    public string Name => "jsonLines";

    /// <inheritdoc/>
    public string Summary => "one JSON object a line";

    /// <inheritdoc/>
    public bool Recognises(FileHead file) => file.Text[0] == '{' || file.Extension is ".jsonl" or ".ndjson";

    /// <inheritdoc/>
    public IEnumerable<ProblemRow> Rows(string path) => JsonRows.ReadLines(path);
}
