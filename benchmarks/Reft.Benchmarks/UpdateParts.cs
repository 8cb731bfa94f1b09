using Reft.Models;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Benchmarks;

/// <summary>The parts of a training update beside the products, each alone at the model's shapes, in ms.</summary>
/// <param name="Attention">Attention of all layers, forwards and backwards.</param>
/// <param name="LogProbs">Softmax, log-probabilities, entropies and their slopes, without the head's products.</param>
internal readonly record struct UpdateParts(double Attention, double LogProbs)
{
    /// <summary>Nothing measured yet.</summary>
    public static UpdateParts Longest { get; } = new(double.MaxValue, double.MaxValue);

    public UpdateParts Min(UpdateParts other) =>
        new(Math.Min(Attention, other.Attention), Math.Min(LogProbs, other.LogProbs));

    /// <summary>Measures one micro-batch.</summary>
    /// <param name="shape">The model.</param>
    /// <param name="dtype">Its dtype.</param>
    /// <param name="lengths">The sequences' lengths.</param>
    /// <param name="predicted">Tokens that are predicted.</param>
    public static UpdateParts Time(TrainingShape shape, ScalarType dtype, int[] lengths, int predicted) => new(
        TimeAttention(shape, dtype, lengths) * shape.Layers, TimeLogProbs(shape, dtype, predicted));

    private static double TimeAttention(TrainingShape shape, ScalarType dtype, int[] lengths)
    {
        using var scope = NewDisposeScope();
        var heads = randn(lengths.Sum(), shape.Heads, shape.Width / shape.Heads).to(dtype).requires_grad_();
        var upstream = randn(lengths.Sum(), shape.Width).to(dtype);
        var batch = new TokenBatch([.. lengths.Select(length => new int[length])]);
        var layer = new AttentionLayer(0, 0.125, null);
        return TrainingShape.Best(() =>
        {
            using var inner = NewDisposeScope();
            new FullAttention().Attend(layer, heads, heads, heads, batch).backward([upstream]);
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
