namespace Reft.Models;

/// <summary>Rotary position embeddings (<see href="https://arxiv.org/abs/2104.09864"/>).</summary>
/// <param name="Dimensions">How many of a head's dimensions are rotated; the first ones, even.</param>
/// <param name="Theta">The base of the frequencies.</param>
/// <param name="Interleaved">Pairs are neighbours (CodeGen) and not the two halves.</param>
/// <param name="Scaling">How frequencies are stretched for longer contexts; null for none.</param>
internal sealed record RotaryConfig(int Dimensions, double Theta, bool Interleaved, RotaryScaling? Scaling);

/// <summary>Linear stretching, or Llama 3's, which leaves high frequencies alone.</summary>
/// <param name="Factor">How many times longer the context becomes.</param>
/// <param name="Llama3">Llama 3's limits; null for linear.</param>
internal sealed record RotaryScaling(double Factor, Llama3Scaling? Llama3);

/// <summary>Llama 3's limits, in wavelengths per original context.</summary>
internal sealed record Llama3Scaling(double LowFrequencyFactor, double HighFrequencyFactor, int OriginalContext);
