using Reft.Numerics;
using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>Cosines and sines of every position, and their application to heads.</summary>
internal sealed class RotaryTable : IDisposable
{
    /// <summary>A context of a million tokens would cost seconds and a gigabyte a load, and few sequences are so long.</summary>
    private const int FirstRows = 8192;

    private readonly RotaryConfig _config;
    private readonly int _positions;
    private readonly ComputeDevice _device;
    private readonly List<Rotation> _all = [];
    private readonly Lock _growth = new();
    private volatile Rotation _rotation;

    public RotaryTable(RotaryConfig config, int positions, ComputeDevice device)
    {
        (_config, _positions, _device) = (config, positions, device);
        // Elsewhere addresses are recorded, and must stay.
        _rotation = Make(device.HasKernels ? Math.Min(positions, FirstRows) : positions);
    }

    /// <summary>Makes the table as long as a pass needs it. What is being used stays.</summary>
    /// <param name="positions">One more than the highest position; at most the model's context.</param>
    public void Reach(int positions)
    {
        if (positions <= _rotation.Cosines.shape[0])
        {
            return;
        }

        lock (_growth)
        {
            if (positions > _rotation.Cosines.shape[0])
            {
                _rotation = Make((int)Math.Min(_positions, Math.Max(positions, 2 * _rotation.Cosines.shape[0])));
            }
        }
    }

    private Rotation Make(int positions)
    {
        var (config, device) = (_config, _device);
        var pairs = config.Dimensions / 2;
        var cosines = new float[positions * pairs];
        var sines = new float[positions * pairs];
        var frequencies = Frequencies(config);
        var factor = config.Scaling?.AttentionFactor ?? 1;
        for (var p = 0; p < positions; p++)
        {
            for (var i = 0; i < pairs; i++)
            {
                // The angle is rounded to float32, as in Transformers, and only then enters the functions.
                double angle = p * frequencies[i];
                cosines[(p * pairs) + i] = (float)(factor * Math.Cos(angle));
                sines[(p * pairs) + i] = (float)(factor * Math.Sin(angle));
            }
        }

        var made = new Rotation(
            tensor(cosines, [positions, pairs], device: device.Torch).DetachFromDisposeScope(),
            tensor(sines, [positions, pairs], device: device.Torch).DetachFromDisposeScope(), config.Interleaved);
        _all.Add(made);
        return made;
    }

    /// <summary>Looks the positions up once for all layers of a pass.</summary>
    public void Prepare(IndexList positions)
    {
        positions.RowsOf(_rotation.Cosines);
        positions.RowsOf(_rotation.Sines);
    }

    /// <summary>Rotates heads [N, H, size] by the positions of their tokens; the argument may be overwritten.</summary>
    public Tensor Apply(Tensor heads, LayerPass pass) => pass.Numerics.Rotate(heads, _rotation, pass.Batch.PositionList);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var rotation in _all)
        {
            rotation.Cosines.Dispose();
            rotation.Sines.Dispose();
        }
    }

    /// <summary>The frequencies [pairs] in float32, as Transformers computes them.</summary>
    internal static float[] Frequencies(RotaryConfig config)
    {
        var frequencies = new float[config.Dimensions / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var exponent = (float)(2 * i) / config.Dimensions;
            var plain = 1f / (float)Math.Pow(config.Theta, exponent);
            frequencies[i] = config.Scaling is { Yarn: not null } or { Divisors: not null } ? Longer(plain, i, config, config.Scaling) : Stretch(plain, config.Scaling);
        }

        return frequencies;
    }

    private static float Longer(float frequency, int pair, RotaryConfig config, RotaryScaling scaling)
    {
        if (scaling.Yarn is not { } yarn)
        {
            return (float)(frequency / scaling.Divisors![pair]); // One of the two is there.
        }

        var (low, high) = (PairOf(yarn.Fast), PairOf(yarn.Slow));
        if (yarn.Truncates)
        {
            (low, high) = (Math.Floor(low), Math.Ceiling(high));
        }

        (low, high) = (Math.Max(low, 0), Math.Min(high, config.Dimensions - 1));
        var ramp = Math.Clamp((pair - low) / Math.Max(high - low, 1e-3), 0, 1);
        return (float)((frequency / scaling.Factor * ramp) + (frequency * (1 - ramp)));

        // The pair, not whole, that turns so often in the original context.
        double PairOf(double turns) =>
            config.Dimensions * Math.Log(yarn.OriginalContext / (turns * 2 * Math.PI)) / (2 * Math.Log(config.Theta));
    }

    private static float Stretch(float frequency, RotaryScaling? scaling)
    {
        if (scaling is null)
        {
            return frequency;
        }

        if (scaling.Llama3 is not { } limits)
        {
            return (float)(frequency / scaling.Factor);
        }

        var wavelength = 2 * Math.PI / frequency;
        if (wavelength < limits.OriginalContext / limits.HighFrequencyFactor)
        {
            return frequency;
        }

        if (wavelength > limits.OriginalContext / limits.LowFrequencyFactor)
        {
            return (float)(frequency / scaling.Factor);
        }

        var smooth = ((limits.OriginalContext / wavelength) - limits.LowFrequencyFactor)
            / (limits.HighFrequencyFactor - limits.LowFrequencyFactor);
        return (float)(((1 - smooth) * frequency / scaling.Factor) + (smooth * frequency));
    }
}
