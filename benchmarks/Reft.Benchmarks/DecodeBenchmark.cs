using System.Diagnostics;
using Reft.Checkpoints;
using Reft.Generation;
using Reft.Models;
using Reft.Numerics;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Benchmarks;

/// <summary>
/// Decoding and prefill of a Llama of 6 layers, width 384, 6 heads and vocabulary 8,192, against the time of its matrix
/// products alone, measured in the same run at the same shapes with whichever of libtorch's and our products is faster.
/// </summary>
internal static unsafe class DecodeBenchmark
{
    private const int Width = 384;
    private const int Intermediate = 1024;
    private const int Layers = 6;
    private const int Vocabulary = 8192;
    private const int Context = 128;
    private const string Config = """
        {
          "model_type": "llama", "vocab_size": 8192, "hidden_size": 384, "num_hidden_layers": 6,
          "num_attention_heads": 6, "num_key_value_heads": 6, "intermediate_size": 1024, "max_position_embeddings": 512,
          "rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": false, "eos_token_id": null
        }
        """;

    private static readonly (int Outputs, int Depth, int Times)[] Shapes =
    [
        (Width, Width, 4 * Layers), (Intermediate, Width, 2 * Layers), (Width, Intermediate, Layers), (Vocabulary, Width, 1),
    ];

    /// <summary>Measures.</summary>
    /// <param name="only">One batch size of decoding to measure alone; null for everything.</param>
    public static void Run(int? only)
    {
        Console.WriteLine($"threads {CpuKernels.Workers.Count}; Llama {Layers} x {Width}, intermediate {Intermediate}, vocabulary {Vocabulary}");
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.BFloat16 })
        {
            using var model = PretrainedModel.Initialize(Config, dtype, CPU, seed: 1);
            Console.WriteLine();
            Console.WriteLine($"{dtype}: decode from {Context} tokens of context");
            Console.WriteLine("batch   step ms  tokens/s  products ms (libtorch / ours)  step / products");
            foreach (var batch in new[] { 1, 8, 32, 64, 256 }.Where(b => only is null || b == only))
            {
                Decode(model.Decoder, batch);
                if (dtype == ScalarType.BFloat16)
                {
                    Console.WriteLine("      the same with products: fastest");
                    model.Decoder.Products = ProductChoice.Fastest;
                    Decode(model.Decoder, batch);
                    model.Decoder.Products = ProductChoice.Exact;
                }
            }

            if (only is not null)
            {
                continue;
            }

            Console.WriteLine($"{dtype}: prefill of {Context} tokens a prompt");
            Console.WriteLine("batch   ms        tokens/s  products ms (libtorch / ours)  prefill / products");
            foreach (var batch in new[] { 1, 8, 16 })
            {
                Prefill(model.Decoder, batch);
            }
        }
    }

    private static void Decode(Decoder decoder, int batch)
    {
        var requests = Enumerable.Range(0, batch)
            .Select(p => new GenerationRequest((ulong)p, 0, Prompt((ulong)p))).ToArray();
        var options = new SamplingOptions
        {
            Temperature = 1,
            TopK = 0,
            TopP = 1,
            MinP = 0,
            MaxTokens = 34,
            StopTokens = [],
            Seed = 1,
        };
        var best = double.MaxValue;
        var (library, ours) = (double.MaxValue, double.MaxValue);
        for (var repeat = 0; repeat < 4; repeat++)
        {
            // Products and steps take turns, so that a busy machine hurts both alike.
            var (libraryNow, oursNow) = Products(decoder.Dtype, batch, batch);
            (library, ours) = (Math.Min(library, libraryNow), Math.Min(ours, oursNow));
            var times = new List<double>();
            var last = 0L;
            new CompletionGenerator(decoder, batch).Generate(requests, options, 0, (index, _) =>
            {
                if (index == 0)
                {
                    var now = Stopwatch.GetTimestamp();
                    if (last != 0)
                    {
                        times.Add(Stopwatch.GetElapsedTime(last, now).TotalMilliseconds);
                    }

                    last = now;
                }
            });
            times.Sort();
            best = Math.Min(best, times[times.Count / 2]);
        }

        var products = Math.Min(library, ours);
        Console.WriteLine(
            $"{batch,5} {best,9:f2} {batch / best * 1000,9:f0}  {library,12:f2} / {ours,-12:f2}    {best / products,6:f2}");
        Parts(decoder, batch);
    }

    /// <summary>The parts of a step beside the products, each alone: attention over the cache, drawing tokens.</summary>
    private static void Parts(Decoder decoder, int batch)
    {
        using var frozen = inference_mode();
        using var scope = NewDisposeScope();
        using var cache = KeyValueCache.Create(decoder, batch, Context + 34);
        cache.Use([.. Enumerable.Range(0, batch)]);
        var tokens = new TokenBatch(
            [.. Enumerable.Range(0, batch).Select(_ => new[] { 1 })], [.. Enumerable.Repeat(Context + 16, batch)]);
        var heads = randn(batch, 6, Width / 6).to(decoder.Dtype);
        var attention = Best(() =>
        {
            using var inner = NewDisposeScope();
            for (var layer = 0; layer < Layers; layer++)
            {
                cache.Attend(new AttentionLayer(layer, new ScoreShape(0.125, null, null)), heads, heads, heads, tokens);
            }
        });
        var logits = randn(batch, Vocabulary);
        var options = new SamplingOptions
        {
            Temperature = 1,
            TopK = 0,
            TopP = 1,
            MinP = 0,
            MaxTokens = 1,
            StopTokens = [],
            Seed = 1,
        };
        var samplers = Enumerable.Range(0, batch).Select(_ => new Sampler(options, Vocabulary)).ToArray();
        var data = TensorMemory.Pointer<float>(logits);
        var drawing = Best(() => CpuKernels.Workers.For(batch, i =>
            samplers[i].Draw(data + ((long)i * Vocabulary), Vocabulary, (ulong)i, out _)));
        var bytes = 2.0 * batch * (Context + 17) * Width * Layers * heads.element_size();
        Console.WriteLine(
            $"      of which attention {attention:f2} ms ({bytes / attention / 1e6:f1} GB/s of cache), drawing {drawing:f2} ms");
    }

    private static void Prefill(Decoder decoder, int batch)
    {
        using var frozen = inference_mode();
        using var scope = NewDisposeScope();
        using var prepared = decoder.Prepare();
        using var cache = KeyValueCache.Create(decoder, batch, Context);
        cache.Use([.. Enumerable.Range(0, batch)]);
        var tokens = new TokenBatch([.. Enumerable.Range(0, batch).Select(p => Prompt((ulong)p))]);
        var best = Best(() =>
        {
            using var inner = NewDisposeScope();
            decoder.Logits(decoder.Hidden(tokens, cache, tokens.LastIndices()));
        });
        var (library, ours) = Products(decoder.Dtype, batch * Context, batch);
        var products = Math.Min(library, ours);
        Console.WriteLine(
            $"{batch,5} {best,9:f2} {batch * Context / best * 1000,9:f0}  {library,12:f2} / {ours,-12:f2}    {best / products,6:f2}");
    }

    /// <summary>The time in ms of the model's matrix products alone: rows through the layers, headRows through the head.</summary>
    private static (double Library, double Ours) Products(ScalarType dtype, int rows, int headRows)
    {
        var library = 0.0;
        var ours = 0.0;
        foreach (var (outputs, depth, times) in Shapes)
        {
            using var frozen = inference_mode();
            using var scope = NewDisposeScope();
            var count = outputs == Vocabulary ? headRows : rows;
            var x = randn(count, depth).to(dtype);
            // As many different weights as the model has, so that caches are no warmer than in the model.
            var weights = Enumerable.Range(0, times).Select(_ => randn(outputs, depth).to(dtype)).ToArray();
            library += Best(() =>
            {
                using var inner = NewDisposeScope();
                foreach (var weight in weights)
                {
                    nn.functional.linear(x, weight);
                }
            });
            var packed = weights.Select(w => dtype == ScalarType.Float32
                ? PackedWeight.From(TensorMemory.Pointer<float>(w), outputs, depth, depth, 1)
                : PackedWeight.From(TensorMemory.Pointer<ushort>(w), outputs, depth, depth, 1)).ToArray();
            ours += Best(() =>
            {
                using var inner = NewDisposeScope();
                foreach (var weight in packed)
                {
                    CpuKernels.Linear(x, weight, null);
                }
            });
            foreach (var weight in packed)
            {
                weight.Dispose();
            }
        }

        return (library, ours);
    }

    private static double Best(Action action)
    {
        action();
        var best = double.MaxValue;
        for (var i = 0; i < 15; i++)
        {
            var start = Stopwatch.GetTimestamp();
            action();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        return best;
    }

    private static int[] Prompt(ulong problem) =>
        [.. Enumerable.Range(0, Context).Select(t => (int)(CounterRandom.Hash(problem, (ulong)t) % Vocabulary))];
}
