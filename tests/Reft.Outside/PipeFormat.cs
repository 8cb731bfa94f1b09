using Reft.Problems.Files;

namespace Reft.Outside;

/// <summary>A format of problem files.</summary>
public sealed class PipeFormat : IRowFormat
{
    /// <inheritdoc/>
    public string Name => "pipe";

    /// <inheritdoc/>
    public string Summary => "question and answer with a bar between";

    /// <inheritdoc/>
    public bool Recognises(FileHead file) => file.Extension == ".pipe";

    /// <inheritdoc/>
    public IEnumerable<ProblemRow> Rows(string path) => File.ReadAllLines(path).Select((line, i) => new ProblemRow(
        i + 1, $"line {i + 1}", new Dictionary<string, Cell> { ["question"] = new(line.Split('|')[0]), ["answer"] = new(line.Split('|')[1]) }));
}
