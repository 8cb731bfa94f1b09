using Reft.Models;
using Reft.Numerics;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Benchmarks;

/// <summary>The parts of a training update beside the products, each alone at the model's shapes, in ms.</summary>
/// <param name="Attention">Attention of all layers, forwards and backwards.</param>
/// <param name="LogProbs">Softmax, log-probabilities, entropies and their slopes, without the head's products.</param>
/// <param name="Norms">Norms of all layers, forwards and backwards.</param>
/// <param name="Rotary">Rotary positions of all layers, forwards and backwards.</param>
/// <param name="Activations">Activations of all layers, forwards and backwards.</param>
/// <param name="Sums">Residual sums of all layers, forwards and backwards.</param>
internal readonly record struct UpdateParts(
    double Attention, double LogProbs, double Norms, double Rotary, double Activations, double Sums)
{
    /// <summary>Nothing measured yet.</summary>
    public static UpdateParts Longest { get; } = new(
        double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue);

    /// <summary>All of them.</summary>
    public double Total => Attention + LogProbs + Norms + Rotary + Activations + Sums;

    public static UpdateParts operator +(UpdateParts a, UpdateParts b) => a.Join(b, (x, y) => x + y);

    public static UpdateParts operator *(UpdateParts a, double n) => a.Join(a, (x, _) => x * n);

    public UpdateParts Min(UpdateParts other) => Join(other, Math.Min);

    /// <summary>Each part's share of a time.</summary>
    public string Shares(double time) =>
        $"attention {Attention / time:P0}, log-probs {LogProbs / time:P0}, norms {Norms / time:P0}, "
        + $"rotary {Rotary / time:P0}, activations {Activations / time:P0}, sums {Sums / time:P0}";

    private UpdateParts Join(UpdateParts other, Func<double, double, double> of) => new(
        of(Attention, other.Attention), of(LogProbs, other.LogProbs), of(Norms, other.Norms), of(Rotary, other.Rotary),
        of(Activations, other.Activations), of(Sums, other.Sums));

    /// <summary>Measures one micro-batch.</summary>
    /// <param name="shape">The model.</param>
    /// <param name="dtype">Its dtype.</param>
    /// <param name="lengths">The sequences' lengths.</param>
    /// <param name="predicted">Tokens that are predicted.</param>
    public static UpdateParts Time(TrainingShape shape, ScalarType dtype, int[] lengths, int predicted)
    {
        using var scope = NewDisposeScope();
        var (tokens, size) = (lengths.Sum(), shape.Width / shape.Heads);
        var flat = randn(tokens, shape.Width).to(dtype).requires_grad_();
        var weight = ones(shape.Width).to(dtype).requires_grad_();
        var heads = randn(tokens, shape.Heads, size).to(dtype).requires_grad_();
        var wide = randn(tokens, shape.Intermediate).to(dtype).requires_grad_();
        var angles = randn(TrainingShape.Context, size / 2);
        long[] positions = [.. lengths.SelectMany(length => Enumerable.Range(0, length)).Select(p => (long)p)];
        // A layer has two norms, rotates queries and keys, and adds twice to the residual stream.
        return new UpdateParts(
            TimeAttention(shape, dtype, lengths) * shape.Layers,
            TimeLogProbs(shape, dtype, predicted),
            Both(() => TrainingKernels.RmsNorm(flat, weight, 1e-5)) * 2 * shape.Layers,
            Both(() => TrainingKernels.Rotate(heads, angles, angles, positions, interleaved: false)) * 2 * shape.Layers,
            Both(() => TrainingKernels.SiluMultiply(wide, wide)) * shape.Layers,
            Both(() => flat + flat) * 2 * shape.Layers);
    }

    /// <summary>The shortest time of a function and its gradient.</summary>
    private static double Both(Func<Tensor> function)
    {
        using var upstream = function().detach();
        return TrainingShape.Best(() =>
        {
            using var inner = NewDisposeScope();
            function().backward([upstream]);
        });
    }

    private static double TimeAttention(TrainingShape shape, ScalarType dtype, int[] lengths)
    {
        using var scope = NewDisposeScope();
        var heads = randn(lengths.Sum(), shape.Heads, shape.Width / shape.Heads).to(dtype).requires_grad_();
        var upstream = randn(lengths.Sum(), shape.Width).to(dtype);
        var batch = new TokenBatch([.. lengths.Select(length => new int[length])]);
        var layer = new AttentionLayer(0, new ScoreShape(0.125, null, null));
        return TrainingShape.Best(() =>
        {
            using var inner = NewDisposeScope();
            new FullAttention(Reft.Numerics.Backends.KernelBackend.Instance).Attend(layer, heads, heads, heads, batch).backward([upstream]);
        });
    }

    private static unsafe double TimeLogProbs(TrainingShape shape, ScalarType dtype, int predicted)
    {
        using var scope = NewDisposeScope();
        const int Vocabulary = TrainingShape.Vocabulary;
        var hidden = randn(predicted, shape.Width).to(dtype).requires_grad_();
        // As small as a model's: the softmax of far larger logits is made of subnormal numbers, which are slow.
        var weight = (0.02f * randn(Vocabulary, shape.Width)).to(dtype).requires_grad_();
        var targets = randint(Vocabulary, [predicted]);
        var (entropy, upstream) = (empty(predicted), ones(predicted));
        using var packed = dtype == ScalarType.Float32
            ? PackedWeight.From(TensorMemory.Pointer<float>(weight), Vocabulary, shape.Width, shape.Width, 1)
            : PackedWeight.From(TensorMemory.Pointer<ushort>(weight), Vocabulary, shape.Width, shape.Width, 1);
        var head = new HeadKernels.Head(weight, null, packed);
        var all = TrainingShape.Best(() =>
        {
            using var inner = NewDisposeScope();
            HeadKernels.LogProbs(hidden, head, targets, entropy).backward([upstream]);
        });
        using var frozen = inference_mode();
        var slopes = randn(predicted, Vocabulary);
        var products = TrainingShape.Best(() =>
        {
            using var inner = NewDisposeScope();
            CpuKernels.Linear(hidden, packed, null, single: true);
            TrainingProducts.InputGradient(slopes, weight, transposed: false);
            TrainingProducts.WeightGradient(slopes, hidden);
        });
        return Math.Max(0, all - products);
    }
}
