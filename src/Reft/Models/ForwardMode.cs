namespace Reft.Models;

/// <summary>What a forward pass does besides computing.</summary>
internal sealed record ForwardMode
{
    /// <summary>Nothing.</summary>
    public static ForwardMode Plain { get; } = new();

    /// <summary>
    /// Whether every layer keeps only its input for the backward pass and computes the rest again there: less memory, a
    /// third more time, the same gradients to the last bit. Without gradients it changes nothing.
    /// </summary>
    public bool RecomputesLayers { get; init; }

    /// <summary>
    /// Turns on the dropout of the model's config.json: the key of its draws, which with a sequence's own key
    /// (<see cref="TokenBatch.Keys"/>) fixes what is dropped. null for no dropout.
    /// </summary>
    public ulong? DropoutKey { get; init; }
}
