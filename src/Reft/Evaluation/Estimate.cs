namespace Reft.Evaluation;

/// <summary>A figure with its 95% interval.</summary>
/// <param name="Value">The figure; not a number where there is nothing to estimate it from.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
/// <param name="N">How many problems it rests on: what was drawn independently, not how often each was sampled.</param>
public sealed record Estimate(double Value, double Low, double High, int N);
