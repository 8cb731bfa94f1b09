using System.Diagnostics;
using Reft.Checkpoints;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Benchmarks;

/// <summary>A Llama with tied embeddings, and what its training multiplies.</summary>
/// <param name="Layers">Layers.</param>
/// <param name="Width">D.</param>
/// <param name="Heads">Heads.</param>
/// <param name="Intermediate">Width of the feed-forward part.</param>
internal sealed record TrainingShape(int Layers, int Width, int Heads, int Intermediate)
{
    public const int Vocabulary = 8192;
    public const int Context = 512;

    /// <summary>Parameters that are multiplied: all but the norms.</summary>
    public long Parameters => LayerParameters + ((long)Vocabulary * Width);

    private long LayerParameters => Layers * ((4L * Width * Width) + (3L * Width * Intermediate));

    private (int Outputs, int Depth, int Times)[] Shapes =>
    [
        (Width, Width, 4 * Layers), (Intermediate, Width, 2 * Layers), (Width, Intermediate, Layers),
    ];

    /// <summary>A fresh model.</summary>
    public PretrainedModel Make(ScalarType dtype) => PretrainedModel.Initialize(
        $$"""
        {
          "model_type": "llama", "vocab_size": {{Vocabulary}}, "hidden_size": {{Width}}, "num_hidden_layers": {{Layers}},
          "num_attention_heads": {{Heads}}, "num_key_value_heads": {{Heads}}, "intermediate_size": {{Intermediate}},
          "max_position_embeddings": {{Context}}, "rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": true,
          "eos_token_id": null
        }
        """, dtype, CPU, seed: 1);

    /// <summary>Operations of the forward products: tokens through the layers, predicted ones through the head.</summary>
    public double Products(long tokens, long predicted) =>
        2.0 * ((tokens * LayerParameters) + (predicted * Vocabulary * Width));

    /// <summary>Operations of causal attention, forwards.</summary>
    public double Attention(long tokens, int length) => 2.0 * tokens * length * Width * Layers;

    /// <summary>The time in ms of the products of one micro-batch, once through all shapes.</summary>
    /// <param name="dtype">The dtype.</param>
    /// <param name="tokens">Rows through the layers.</param>
    /// <param name="predicted">Rows through the head.</param>
    public ProductTimes Time(ScalarType dtype, int tokens, int predicted)
    {
        var times = new ProductTimes(0, 0, 0, 0);
        foreach (var (outputs, depth, count) in Shapes)
        {
            times += Time(dtype, tokens, outputs, depth) * count;
        }

        // The head's products are float32 whatever the dtype.
        return predicted == 0 ? times : times + Time(ScalarType.Float32, predicted, Vocabulary, Width);
    }

    /// <summary>The shortest of some runs, in ms.</summary>
    public static double Best(Action action, int runs = 3)
    {
        var best = double.MaxValue;
        for (var i = 0; i < runs; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return best;
    }

    private static unsafe ProductTimes Time(ScalarType dtype, int rows, int outputs, int depth)
    {
        using var frozen = inference_mode();
        using var scope = NewDisposeScope();
        var x = randn(rows, depth).to(dtype);
        var weight = randn(outputs, depth).to(dtype);
        var upstream = randn(rows, outputs).to(dtype);
        using var packed = dtype == ScalarType.Float32
            ? PackedWeight.From(TensorMemory.Pointer<float>(weight), outputs, depth, depth, 1)
            : PackedWeight.From(TensorMemory.Pointer<ushort>(weight), outputs, depth, depth, 1);
        return new ProductTimes(
            Best(() => nn.functional.linear(x, weight).Dispose()),
            Best(() =>
            {
                upstream.mm(weight).Dispose();
                using var turned = upstream.t();
                turned.mm(x).Dispose();
            }),
            Best(() => CpuKernels.Linear(x, packed, null).Dispose()),
            Best(() =>
            {
                TrainingProducts.InputGradient(upstream, weight, transposed: false).Dispose();
                TrainingProducts.WeightGradient(upstream, x).Dispose();
            }));
    }
}

/// <summary>Times in ms of products, by libtorch and by Reft.</summary>
internal readonly record struct ProductTimes(double LibraryForward, double LibraryBackward, double Forward, double Backward)
{
    /// <summary>Nothing measured yet.</summary>
    public static ProductTimes Longest { get; } = new(double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue);

    public double Library => LibraryForward + LibraryBackward;

    public double Ours => Forward + Backward;

    /// <summary>The faster of the two: what a training step could take if it were products alone.</summary>
    public double Best => Math.Min(Library, Ours);

    public static ProductTimes operator +(ProductTimes a, ProductTimes b) => new(
        a.LibraryForward + b.LibraryForward, a.LibraryBackward + b.LibraryBackward, a.Forward + b.Forward, a.Backward + b.Backward);

    public static ProductTimes operator *(ProductTimes a, double n) =>
        new(a.LibraryForward * n, a.LibraryBackward * n, a.Forward * n, a.Backward * n);

    public ProductTimes Min(ProductTimes other) => new(
        Math.Min(LibraryForward, other.LibraryForward), Math.Min(LibraryBackward, other.LibraryBackward),
        Math.Min(Forward, other.Forward), Math.Min(Backward, other.Backward));
}

/// <summary>The most memory that the process held since the last reset; Linux only.</summary>
internal static partial class PeakMemory
{
    /// <summary>Gives freed memory back and forgets the peak.</summary>
    public static void Reset()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        _ = Trim(0);
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nint keep);
}
