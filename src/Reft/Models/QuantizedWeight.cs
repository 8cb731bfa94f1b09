using Reft.Numerics;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>A weight in few bits, which is made whole again whenever it is computed with.</summary>
internal sealed unsafe class QuantizedWeight : IDisposable
{
    /// <summary>Weights that share a scale with <see cref="WeightQuantization.Nf4"/>.</summary>
    public const int Block = 64;

    private const int LargestInt8 = 127;

    /// <summary>The quantiles of a normal distribution that 4 bits stand for, scaled to [-1, 1]: the paper's appendix E, as bitsandbytes rounds them.</summary>
    private static readonly float[] _codes =
    [
        -1f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f, -0.18477343022823334f,
        -0.09105003625154495f, 0f, 0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
        0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1f,
    ];

    /// <summary>The middles between neighbours: above one, the higher code is nearer.</summary>
    private static readonly float[] _middles = [.. Enumerable.Range(0, _codes.Length - 1).Select(i => (float)(((double)_codes[i] + _codes[i + 1]) / 2))];

    private readonly Tensor _bits; // uint8: a byte a weight, or two codes a byte, the first in the upper half
    private readonly Tensor _scales; // float32: a row's, or a block's largest magnitude
    private readonly long[] _shape;
    private readonly ScalarType _dtype;
    private readonly WeightQuantization _kind;

    private QuantizedWeight(Tensor bits, Tensor scales, Tensor like, WeightQuantization kind)
    {
        _bits = bits.to(like.device).DetachFromDisposeScope();
        _scales = scales.to(like.device).DetachFromDisposeScope();
        _shape = like.shape;
        _dtype = like.dtype;
        _kind = kind;
    }

    /// <summary>Bytes that it takes.</summary>
    public long Bytes => _bits.numel() + (_scales.numel() * sizeof(float));

    /// <summary>How many weights it stands for.</summary>
    public long Count => _shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>Quantizes a weight.</summary>
    /// <param name="weight">The weight [rows, columns] as it is stored, float32 or bfloat16.</param>
    /// <param name="kind">How.</param>
    public static QuantizedWeight From(Tensor weight, WeightQuantization kind)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var values = weight.detach().cpu().to(ScalarType.Float32).contiguous();
        var count = values.numel();
        var perScale = kind == WeightQuantization.Int8 ? values.shape[^1] : Block;
        var bits = empty(kind == WeightQuantization.Int8 ? count : (count + 1) / 2, dtype: ScalarType.Byte);
        var scales = empty((count + perScale - 1) / perScale);
        var from = TensorMemory.Pointer<float>(values);
        var to = TensorMemory.Pointer<byte>(bits);
        var scale = TensorMemory.Pointer<float>(scales);
        CpuKernels.Workers.For((int)scales.numel(), i =>
        {
            var start = i * perScale;
            var own = new ReadOnlySpan<float>(from + start, (int)Math.Min(perScale, count - start));
            scale[i] = Largest(own);
            if (kind == WeightQuantization.Int8)
            {
                ToInt8(own, scale[i], to + start);
            }
            else
            {
                ToNf4(own, scale[i], to + (start / 2));
            }
        });
        return new QuantizedWeight(bits, scales, weight, kind);
    }

    /// <summary>The weight that the bits stand for, in the dtype that it had; the caller's scope owns it.</summary>
    public Tensor Whole()
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var whole = _bits.device_type == TorchSharp.DeviceType.CPU ? OnCpu() : Elsewhere();
        return whole.to(_dtype).reshape(_shape).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _bits.Dispose();
        _scales.Dispose();
    }

    /// <summary>The same in libtorch's operations, on any device.</summary>
    internal Tensor Elsewhere()
    {
        using var scope = NewDisposeScope();
        var bits = _bits.to(ScalarType.Int64);
        if (_kind == WeightQuantization.Int8)
        {
            var numbers = Table(value => (sbyte)value).index_select(0, bits).reshape(_scales.shape[0], -1);
            return numbers.mul(_scales.Times(1f / LargestInt8).unsqueeze(1)).flatten().MoveToOuterDisposeScope();
        }

        var (first, second) = (Table(value => _codes[value >> 4]), Table(value => _codes[value & 15]));
        var codes = stack([first.index_select(0, bits), second.index_select(0, bits)], 1).flatten().narrow(0, 0, Count);
        return codes.mul(_scales.repeat_interleave(Block).narrow(0, 0, Count)).MoveToOuterDisposeScope();

        Tensor Table(Func<int, float> of) => tensor([.. Enumerable.Range(0, 256).Select(of)], device: _bits.device);
    }

    private Tensor OnCpu()
    {
        var count = Count;
        var whole = empty(count);
        var from = TensorMemory.Pointer<byte>(_bits);
        var to = TensorMemory.Pointer<float>(whole);
        var scale = TensorMemory.Pointer<float>(_scales);
        var perScale = _kind == WeightQuantization.Int8 ? _shape[^1] : Block;
        // Many blocks a task: waking a thread costs more than one block.
        var perTask = Math.Max(1, 32_768 / perScale);
        var scales = _scales.numel();
        CpuKernels.Workers.For((int)((scales + perTask - 1) / perTask), task =>
        {
            for (var i = task * perTask; i < Math.Min(scales, (task + 1) * perTask); i++)
            {
                var start = i * perScale;
                var length = (int)Math.Min(perScale, count - start);
                if (_kind == WeightQuantization.Int8)
                {
                    FromInt8(from + start, scale[i], new Span<float>(to + start, length));
                }
                else
                {
                    FromNf4(from + (start / 2), scale[i], new Span<float>(to + start, length));
                }
            }
        });
        return whole;
    }

    private static float Largest(ReadOnlySpan<float> values)
    {
        var largest = 0f;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        return largest;
    }

    private static void ToInt8(ReadOnlySpan<float> values, float largest, byte* bits)
    {
        for (var j = 0; j < values.Length; j++)
        {
            bits[j] = largest == 0 ? (byte)0 : (byte)(sbyte)Math.Round(values[j] * (double)LargestInt8 / largest, MidpointRounding.ToEven);
        }
    }

    private static void FromInt8(byte* bits, float largest, Span<float> values)
    {
        var step = largest * (1f / LargestInt8);
        for (var j = 0; j < values.Length; j++)
        {
            values[j] = (sbyte)bits[j] * step;
        }
    }

    private static void ToNf4(ReadOnlySpan<float> values, float largest, byte* bits)
    {
        var inverse = largest == 0 ? 0 : 1 / largest;
        for (var j = 0; j < values.Length; j += 2)
        {
            var low = j + 1 < values.Length ? Code(values[j + 1] * inverse) : 0;
            bits[j / 2] = (byte)((Code(values[j] * inverse) << 4) | low);
        }
    }

    private static void FromNf4(byte* bits, float largest, Span<float> values)
    {
        for (var j = 0; j < values.Length; j++)
        {
            values[j] = _codes[j % 2 == 0 ? bits[j / 2] >> 4 : bits[j / 2] & 15] * largest;
        }
    }

    private static int Code(float value)
    {
        var code = 0;
        while (code < _middles.Length && value > _middles[code])
        {
            code++;
        }

        return code;
    }
}
