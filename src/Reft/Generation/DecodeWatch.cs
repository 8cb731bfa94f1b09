namespace Reft.Generation;

/// <summary>Notes how long decode steps take, by how many sequences were in them: what a forecast learns a machine's costs from.</summary>
internal sealed class DecodeWatch : IDisposable
{
    private static readonly AsyncLocal<DecodeWatch?> Watching = new();

    /// <summary>Begins; what this flow of control decodes is noted until the watch is disposed.</summary>
    public DecodeWatch() => Watching.Value = this;

    /// <summary>The one that watches this flow of control; null for none.</summary>
    public static DecodeWatch? Current => Watching.Value;

    /// <summary>Sequences and seconds of every step.</summary>
    public List<(int Rows, double Seconds)> Steps { get; } = [];

    /// <inheritdoc/>
    public void Dispose() => Watching.Value = null;
}
