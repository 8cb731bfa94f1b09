namespace Reft.Models;

/// <summary>Rotary position embeddings (<see href="https://arxiv.org/abs/2104.09864"/>).</summary>
/// <param name="Dimensions">How many of a head's dimensions are rotated; the first ones, even.</param>
/// <param name="Theta">The base of the frequencies.</param>
/// <param name="Interleaved">Pairs are neighbours (CodeGen) and not the two halves.</param>
/// <param name="Scaling">How frequencies are stretched for longer contexts; null for none.</param>
internal sealed record RotaryConfig(int Dimensions, double Theta, bool Interleaved, RotaryScaling? Scaling);

/// <summary>Linear stretching, or another where one of the others is there.</summary>
/// <param name="Factor">How many times longer the context becomes.</param>
/// <param name="Llama3">Llama 3's limits; null for linear.</param>
internal sealed record RotaryScaling(double Factor, Llama3Scaling? Llama3)
{
    /// <summary>YaRN's limits; null for another.</summary>
    public YarnScaling? Yarn { get; init; }

    /// <summary>What LongRoPE divides each pair's frequency by [pairs]; null for another.</summary>
    public IReadOnlyList<double>? Divisors { get; init; }

    /// <summary>What cosines and sines are multiplied by; null for 1.</summary>
    public double? AttentionFactor { get; init; }
}

/// <summary>
/// YaRN (<see href="https://arxiv.org/abs/2309.00071"/>, section 3.2): pairs that turn more often than <paramref name="Fast"/> times in the
/// original context stay, those that turn less often than <paramref name="Slow"/> times are stretched, and between them is a ramp.
/// </summary>
/// <param name="Fast">β, turns.</param>
/// <param name="Slow">α, turns.</param>
/// <param name="OriginalContext">The context that the model was trained with, in tokens.</param>
/// <param name="Truncates">Whether the ramp's ends are rounded outward to whole pairs, as the authors' program does.</param>
internal sealed record YarnScaling(double Fast, double Slow, int OriginalContext, bool Truncates);

/// <summary>Llama 3's limits, in wavelengths per original context.</summary>
internal sealed record Llama3Scaling(double LowFrequencyFactor, double HighFrequencyFactor, int OriginalContext);
