using Reft.Numerics;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>Cosines and sines of every position, and their application to heads.</summary>
internal sealed class RotaryTable : IDisposable
{
    private readonly RotaryConfig _config;
    private readonly Tensor _cosines;
    private readonly Tensor _sines;

    public RotaryTable(RotaryConfig config, int positions, ComputeDevice device)
    {
        _config = config;
        var pairs = config.Dimensions / 2;
        var cosines = new float[positions * pairs];
        var sines = new float[positions * pairs];
        var frequencies = Frequencies(config);
        for (var p = 0; p < positions; p++)
        {
            for (var i = 0; i < pairs; i++)
            {
                // The angle is rounded to float32, as in Transformers, and only then enters the functions.
                double angle = p * frequencies[i];
                cosines[(p * pairs) + i] = (float)Math.Cos(angle);
                sines[(p * pairs) + i] = (float)Math.Sin(angle);
            }
        }

        _cosines = tensor(cosines, [positions, pairs], device: device.Torch).DetachFromDisposeScope();
        _sines = tensor(sines, [positions, pairs], device: device.Torch).DetachFromDisposeScope();
    }

    /// <summary>Rotates heads [N, H, size] by the positions of their tokens; the argument may be overwritten.</summary>
    public Tensor Apply(Tensor heads, LayerPass pass)
    {
        if (CpuKernels.Accept(heads) && heads.is_contiguous())
        {
            CpuKernels.Rotate(heads, heads, _cosines, _sines, pass.Batch.Positions, _config.Interleaved, back: false);
            return heads.alias();
        }

        if (TrainingKernels.Accept(heads))
        {
            return TrainingKernels.Rotate(heads, _cosines, _sines, pass.Batch.Positions, _config.Interleaved);
        }

        using var scope = NewDisposeScope();
        var positions = pass.Positions(heads.device);
        var cosine = _cosines.index_select(0, positions).unsqueeze(1); // [N, 1, pairs]
        var sine = _sines.index_select(0, positions).unsqueeze(1);
        var rotated = heads.narrow(2, 0, _config.Dimensions).to(ScalarType.Float32);
        Tensor turned;
        if (_config.Interleaved)
        {
            var pairs = rotated.reshape(heads.shape[0], heads.shape[1], -1, 2);
            var a = pairs.select(3, 0);
            var b = pairs.select(3, 1);
            turned = stack([(a * cosine) - (b * sine), (b * cosine).Plus(a * sine)], 3).flatten(2, 3);
        }
        else
        {
            var half = _config.Dimensions / 2;
            var a = rotated.narrow(2, 0, half);
            var b = rotated.narrow(2, half, half);
            turned = cat([(a * cosine) - (b * sine), (b * cosine).Plus(a * sine)], 2);
        }

        turned = turned.to(heads.dtype);
        var rest = heads.shape[2] - _config.Dimensions;
        return (rest == 0 ? turned : cat([turned, heads.narrow(2, _config.Dimensions, rest)], 2))
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cosines.Dispose();
        _sines.Dispose();
    }

    /// <summary>The frequencies [pairs] in float32, as Transformers computes them.</summary>
    internal static float[] Frequencies(RotaryConfig config)
    {
        var frequencies = new float[config.Dimensions / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var exponent = (float)(2 * i) / config.Dimensions;
            frequencies[i] = Stretch(1f / (float)Math.Pow(config.Theta, exponent), config.Scaling);
        }

        return frequencies;
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
