namespace Reft.Numerics;

/// <summary>What is added to the embedding of a sequence's slot: <c>σ ε</c>, ε of N(0, I).</summary>
/// <param name="Key">Names the draw.</param>
/// <param name="Deviation">σ, at least 0.</param>
public readonly record struct SlotNoise(ulong Key, double Deviation)
{
    /// <summary>The noise [width]; it depends on the key and the width alone.</summary>
    /// <param name="width">D.</param>
    internal float[] Draw(int width)
    {
        var random = new CounterRandom(Key);
        var drawn = new float[width];
        for (var i = 0; i < width; i += 2)
        {
            // Box and Muller; 1 - u is never 0.
            var (radius, angle) = (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())), 2 * Math.PI * random.NextDouble());
            drawn[i] = (float)(Deviation * radius * Math.Cos(angle));
            if (i + 1 < width)
            {
                drawn[i + 1] = (float)(Deviation * radius * Math.Sin(angle));
            }
        }

        return drawn;
    }
}
