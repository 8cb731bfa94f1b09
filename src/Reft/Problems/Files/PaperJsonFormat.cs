namespace Reft.Problems.Files;

/// <summary>A JSON array of objects, as the paper's data: <c>item_id, question, answer_cot, answer_value</c>.</summary>
internal sealed class PaperJsonFormat : IRowFormat
{
    /// <inheritdoc/>
    public string Name => "paperJson";

    /// <inheritdoc/>
    public string Summary => "a JSON array of objects, as the paper's data";

    /// <inheritdoc/>
    public bool Recognises(FileHead file) => file.Text[0] == '[' || (file.Extension == ".json" && file.Text[0] != '{');

    /// <inheritdoc/>
    public IEnumerable<ProblemRow> Rows(string path) => JsonRows.ReadArray(path);
}
