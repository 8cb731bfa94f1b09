using Reft.Numerics.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Numerics.Backends;

/// <summary>
/// The CPU's kernels: a row's result is the same bits whatever rows it is computed with, and whatever the threads. What they do not take
/// (another dtype, weights that nobody keeps packed) goes to libtorch's operators.
/// </summary>
internal sealed class KernelBackend : INumericBackend
{
    private static readonly LibraryBackend _elsewhere = LibraryBackend.Instance;

    private KernelBackend()
    {
    }

    /// <summary>The only one: it has no state.</summary>
    public static KernelBackend Instance { get; } = new();

    /// <inheritdoc/>
    public Tensor Rows(Tensor table, IndexList rows) => CpuKernels.Gather(table, rows.Host);

    /// <inheritdoc/>
    public Tensor Sum(Tensor x, Tensor y) => CpuKernels.Add(x, y);

    /// <inheritdoc/>
    public Tensor Linear(Tensor x, ILinearMap map, bool single = false)
    {
        if (!single && map.TakesFastest && x.device_type == DeviceType.CPU && BrainProducts.AreFasterElsewhere(x))
        {
            return _elsewhere.Linear(x, map);
        }

        if (CpuKernels.Accept(x) && map.Packed is { } packed)
        {
            return CpuKernels.Linear(x, packed, map.Offset, single);
        }

        return !single && TrainingProducts.Accept(x) && map.Packed is { } pack
            ? TrainingProducts.Linear(x, map.Matrix, map.Offset, pack, map.IsTransposed)
            : _elsewhere.Linear(x, map, single);
    }

    /// <inheritdoc/>
    public Tensor Linear(Tensor x, Tensor weight, Tensor? bias) => TrainingProducts.Linear(x, weight, bias);

    /// <inheritdoc/>
    public Tensor RmsNorm(Tensor x, Tensor weight, double epsilon)
    {
        if (CpuKernels.Accept(x))
        {
            return CpuKernels.RmsNorm(x, weight, epsilon);
        }

        if (TrainingKernels.Accept(x))
        {
            return TrainingKernels.RmsNorm(x, weight, epsilon);
        }

        using var scope = NewDisposeScope();
        var wide = x.to(ScalarType.Float32);
        var mean = wide.Power(2).mean([-1L], keepdim: true);
        return (weight * (wide * rsqrt(mean.Plus(epsilon))).to(x.dtype)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor LayerNorm(Tensor x, Tensor? weight, Tensor? bias, double epsilon) => is_grad_enabled() && TrainingKernels.Accept(x)
        ? TrainingKernels.LayerNorm(x, weight, bias, epsilon)
        : _elsewhere.LayerNorm(x, weight, bias, epsilon);

    /// <inheritdoc/>
    public Tensor Rotate(Tensor heads, Rotation rotation, IndexList positions)
    {
        if (CpuKernels.Accept(heads) && heads.is_contiguous())
        {
            CpuKernels.Rotate(heads, heads, rotation.Cosines, rotation.Sines, positions.Host, rotation.Interleaved, back: false);
            return heads.alias();
        }

        return TrainingKernels.Accept(heads)
            ? TrainingKernels.Rotate(heads, rotation.Cosines, rotation.Sines, positions.Host, rotation.Interleaved)
            : _elsewhere.Rotate(heads, rotation, positions);
    }

    /// <inheritdoc/>
    public Tensor SiluMultiply(Tensor gate, Tensor up) => !TrainingKernels.Accept(gate) ? _elsewhere.SiluMultiply(gate, up)
        : CpuKernels.Accept(gate) ? CpuKernels.SiluMultiply(gate, up)
        : TrainingKernels.SiluMultiply(gate, up);

    /// <inheritdoc/>
    public Tensor Attend(
        Tensor queries, Tensor keys, Tensor values, ScoreShape scores, SequenceLayout layout, AttentionDropout? dropout) =>
        TrainingKernels.Accept(queries) && AttentionShape.Takes(scores)
            ? SequenceAttention.Attend(queries, keys, values, Shape(scores, queries, keys), layout.Lengths, dropout)
            : _elsewhere.Attend(queries, keys, values, scores, layout, dropout);

    /// <summary>What the kernels need to know of a layer.</summary>
    public static AttentionShape Shape(ScoreShape scores, Tensor queries, Tensor keys) => new(
        (int)queries.shape[1], (int)keys.shape[1], (int)queries.shape[2], (float)scores.Scale, scores.Window ?? int.MaxValue);

    /// <inheritdoc/>
    public Tensor LogProbs(Tensor hidden, ILinearMap head, Tensor targets, Tensor? entropy, float scale, double? cap = null) =>
        TrainingKernels.Accept(hidden) && cap is null && head.Packed is { } packed
            ? HeadKernels.LogProbs(hidden, new HeadKernels.Head(head.Matrix, head.Offset, packed), targets, entropy, scale)
            : _elsewhere.LogProbs(hidden, head, targets, entropy, scale, cap);
}
