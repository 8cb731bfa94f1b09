namespace Reft.Evaluation;

/// <summary>A figure with its 95% interval.</summary>
/// <param name="Value">The figure; not a number where there is nothing to estimate it from.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
/// <param name="N">How many groups of problems it rests on: what was drawn independently, not how many clones or samples each has.</param>
public sealed record Estimate(double Value, double Low, double High, int N);
