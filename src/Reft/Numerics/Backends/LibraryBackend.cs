using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Numerics.Backends;

/// <summary>
/// libtorch's operators, on any device. On a GPU they are few and large; where the CPU lacks an operator (attention over packed sequences,
/// products of bfloat16 into float32), others compute the same.
/// </summary>
internal sealed class LibraryBackend : INumericBackend
{
    private LibraryBackend()
    {
    }

    /// <summary>The only one: it has no state.</summary>
    public static LibraryBackend Instance { get; } = new();

    /// <inheritdoc/>
    public Tensor Rows(Tensor table, IndexList rows) => LibTorchScripts.Call("rows", table, rows.On(table.device));

    /// <inheritdoc/>
    public Tensor Sum(Tensor x, Tensor y) => x.Plus(y);

    /// <inheritdoc/>
    public Tensor Linear(Tensor x, ILinearMap map, bool single = false)
    {
        if (!single || x.dtype == ScalarType.Float32)
        {
            return Multiply(x, map.Matrix, map.Offset, map.IsTransposed);
        }

        using var scope = NewDisposeScope();
        var bias = map.Offset?.to(ScalarType.Float32);
        if (is_grad_enabled() || !WideProducts.Accept(x))
        {
            return Multiply(x.to(ScalarType.Float32), map.Matrix.to(ScalarType.Float32), bias, map.IsTransposed).MoveToOuterDisposeScope();
        }

        var product = WideProducts.Multiply(x, map.IsTransposed ? map.Matrix : map.Matrix.t());
        return (bias is null ? product : product.Plus(bias)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public Tensor Linear(Tensor x, Tensor weight, Tensor? bias) => nn.functional.linear(x, weight, bias);

    /// <inheritdoc/>
    public Tensor RmsNorm(Tensor x, Tensor weight, double epsilon) => LibTorchScripts.Call("rms_norm", x, weight, epsilon);

    /// <inheritdoc/>
    public Tensor LayerNorm(Tensor x, Tensor? weight, Tensor? bias, double epsilon) =>
        nn.functional.layer_norm(x, [x.shape[^1]], weight, bias, epsilon);

    /// <inheritdoc/>
    public Tensor Rotate(Tensor heads, Rotation rotation, IndexList positions) => LibTorchScripts.Call(
        "rotate", heads, positions.RowsOf(rotation.Cosines), positions.RowsOf(rotation.Sines), rotation.Interleaved);

    /// <inheritdoc/>
    public Tensor SiluMultiply(Tensor gate, Tensor up) => LibTorchScripts.Call("silu_multiply", gate, up);

    /// <inheritdoc/>
    public Tensor Attend(
        Tensor queries, Tensor keys, Tensor values, ScoreShape scores, SequenceLayout layout, AttentionDropout? dropout)
    {
        if (dropout is not null)
        {
            throw new InputException(
                $"'attention_dropout' acts with Reft's kernels on the CPU only, and not with capped scores; here are {queries.dtype} on {queries.device}: "
                + "set it (or 'attn_pdrop') to 0 in config.json, or train without dropout");
        }

        if (PackedAttention.Accept(queries, scores))
        {
            using var scope = NewDisposeScope();
            return PackedAttention.Attend(queries, keys, values, scores, layout).flatten(1, 2).MoveToOuterDisposeScope();
        }

        return RectangleAttention.Attend(queries, keys, values, scores, layout.Lengths);
    }

    /// <inheritdoc/>
    public Tensor LogProbs(Tensor hidden, ILinearMap head, Tensor targets, Tensor? entropy, float scale, double? cap = null) => TokenLogProbs.Gather(
        hidden, head.Matrix, head.Offset, targets, entropy: entropy, scale: scale, cap: cap,
        chunk: WideProducts.Accept(hidden) ? WideProducts.Rows(head.Matrix.shape[0]) : TokenLogProbs.DefaultChunk);

    private static Tensor Multiply(Tensor x, Tensor weight, Tensor? bias, bool transposed)
    {
        if (!transposed)
        {
            return nn.functional.linear(x, weight, bias);
        }

        return bias is null ? mm(x, weight) : addmm(bias, x, weight, 1, 1);
    }
}
