namespace Reft.Models;

/// <summary>The shares that a model drops in training, from its <c>config.json</c>; 0 for nothing.</summary>
/// <param name="Embedding">Of the embeddings' elements.</param>
/// <param name="Residual">Of the elements that attention and feed-forward add to the residual stream.</param>
/// <param name="Attention">Of attention's probabilities.</param>
internal sealed record DropoutRates(double Embedding, double Residual, double Attention)
{
    /// <summary>Nothing is dropped.</summary>
    public static DropoutRates None { get; } = new(0, 0, 0);

    /// <summary>The share of whole layers that the file asks to drop; Reft drops elements only.</summary>
    public double Layers { get; init; }
}
