namespace Reft.Models;

/// <summary>Feed-forward parts of many experts, of which each token takes a few (<see href="https://arxiv.org/abs/1701.06538"/>).</summary>
/// <param name="Count">How many, E.</param>
/// <param name="PerToken">How many a token takes: those that the router finds likeliest.</param>
/// <param name="Width">The width of one.</param>
/// <param name="SharedWidth">The width of one more that every token takes, times a gate of its own; null for none.</param>
/// <param name="SumToOne">Whether the taken ones' weights are divided by their sum.</param>
/// <param name="DenseLayers">Layers with a plain feed-forward part.</param>
internal sealed record ExpertsConfig(
    int Count, int PerToken, int Width, int? SharedWidth, bool SumToOne, IReadOnlyList<int> DenseLayers);
