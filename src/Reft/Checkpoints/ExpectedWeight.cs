namespace Reft.Checkpoints;

/// <summary>A tensor that a model needs, by the name and shape that its weights give it.</summary>
internal sealed record ExpectedWeight(string Name, long[] Shape)
{
    /// <summary>Other names of the same tensor: a tied output head under an embedding, or the reverse.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];
}
