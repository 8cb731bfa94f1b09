using System.Diagnostics;
using Reft.Algorithms;
using Reft.Models;
using Reft.Numerics;
using Reft.Numerics.Kernels;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Benchmarks;

/// <summary>
/// Supervised fine-tuning of a Llama of 30 M parameters on sequences of 256 tokens: the operations per second that real
/// tokens get, as a share of what the model's own products reach alone in the same run, and the memory it takes.
/// </summary>
internal static class SftBenchmark
{
    private const int Length = 256;
    private const int PromptLength = 64;
    private const int Batch = 16;
    private const int MicroBatch = 8;

    private static readonly TrainingShape Shape = new(8, 512, 8, 1376);

    /// <summary>Measures.</summary>
    /// <param name="only">One dtype; null for both.</param>
    /// <param name="rounds">Rounds of products and steps in turn.</param>
    public static void Run(string? only, int rounds)
    {
        Console.WriteLine(
            $"threads {CpuKernels.Workers.Count}; Llama {Shape.Layers} x {Shape.Width}, {Shape.Parameters / 1e6:f1} M parameters; "
            + $"{Batch} sequences of {Length} tokens a step, micro-batches of {MicroBatch}");
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.BFloat16 }
            .Where(d => only is null || string.Equals(only, d.ToString(), StringComparison.OrdinalIgnoreCase)))
        {
            Console.WriteLine();
            Console.WriteLine(dtype);
            // The least memory first: what one run frees, the next would be charged for.
            Measure(dtype, "LoRA, rank 8", rounds, lora: true, recomputes: false);
            Measure(dtype, "full, recomputed layers", rounds, lora: false, recomputes: true);
            Measure(dtype, "full", rounds, lora: false, recomputes: false);
            if (dtype == ScalarType.BFloat16)
            {
                Measure(dtype, "full, products: fastest", rounds, lora: false, recomputes: false, ProductChoice.Fastest);
            }
        }
    }

    private static void Measure(ScalarType dtype, string name, int rounds, bool lora, bool recomputes, ProductChoice choice = ProductChoice.Exact)
    {
        PeakMemory.Reset();
        var idle = MemoryUse.Read().ResidentBytes;
        var best = new Phases(double.MaxValue, 0, 0, 0);
        long peak;
        using (var setup = new Setup(dtype, lora, recomputes, choice))
        {
            setup.Step();
            peak = MemoryUse.Read().PeakResidentBytes;
            var products = ProductTimes.Longest;
            var parts = UpdateParts.Longest;
            for (var round = 0; round < rounds; round++)
            {
                // In turn, so that a busy machine hurts all alike.
                products = products.Min(Shape.Time(dtype, MicroBatch * (Length - 1), MicroBatch * (Length - PromptLength)));
                parts = parts.Min(UpdateParts.Time(
                    Shape, dtype, [.. Enumerable.Repeat(Length - 1, MicroBatch)], MicroBatch * (Length - PromptLength)));
                var phases = setup.Step();
                best = phases.Total < best.Total ? phases : best;
            }

            Print(name, best, products * (Batch / MicroBatch), parts, lora);
        }

        Console.WriteLine($"  memory: {idle / 1e6:f0} MB before, {peak / 1e6:f0} MB at the peak");
    }

    private static void Print(string name, Phases phases, ProductTimes products, UpdateParts parts, bool lora)
    {
        const long Tokens = Batch * (Length - 1);
        const long Predicted = Batch * (Length - PromptLength);
        var forward = Shape.Products(Tokens, Predicted) + Shape.Attention(Tokens, Length - 1);
        // A frozen base has no gradients of weights.
        var flops = forward * (lora ? 2 : 3);
        var reached = flops / phases.Total / 1e6;
        var rate = 3 * Shape.Products(Tokens, Predicted) / products.Best / 1e6;
        var repeats = Batch / MicroBatch;
        Console.WriteLine(
            $"{name}: {phases.Total:f0} ms, {Tokens / phases.Total * 1000:f0} tokens/s; forward {phases.Forward:f0}, "
            + $"backward {phases.Backward:f0}, optimizer {phases.Optimizer:f0}");
        Console.WriteLine(
            $"  real tokens {reached:f0} GFLOP/s = {reached / rate:P0} of the products' {rate:f0} "
            + $"(libtorch {3 * Shape.Products(Tokens, Predicted) / products.Library / 1e6:f0}, "
            + $"Reft {3 * Shape.Products(Tokens, Predicted) / products.Ours / 1e6:f0})");
        if (!lora)
        {
            var rest = phases.Total - products.Best - (parts.Total * repeats) - phases.Optimizer;
            Console.WriteLine(
                $"  by kind: products {products.Best / phases.Total:P0}, {(parts * repeats).Shares(phases.Total)}, "
                + $"optimizer {phases.Optimizer / phases.Total:P0}, rest {rest / phases.Total:P0}");
        }
    }

    private sealed record Phases(double Total, double Forward, double Backward, double Optimizer);

    /// <summary>A model, its optimizer and its data.</summary>
    private sealed class Setup : IDisposable
    {
        private readonly Reft.Checkpoints.PretrainedModel _model;
        private readonly Policy _policy;
        private readonly AdamW _optimizer;
        private readonly IDisposable _prepared;
        private readonly ForwardMode _mode;
        private readonly Trajectory[] _rows;
        private readonly ComposedAlgorithm _algorithm = CrossEntropy.Create(new CrossEntropyOptions());

        public Setup(ScalarType dtype, bool lora, bool recomputes, ProductChoice choice)
        {
            _model = Shape.Make(dtype);
            _model.Decoder.Products = choice;
            if (lora)
            {
                _model.Decoder.AddAdapters(new LoraOptions { Rank = 8, Alpha = 16 }, seed: 1);
            }

            _policy = new Policy(_model.Decoder);
            _policy.RequireGradients(true);
            _optimizer = new AdamW(_policy.Parameters, new AdamWOptions());
            _prepared = _policy.Prepare();
            _mode = new ForwardMode { RecomputesLayers = recomputes };
            _rows = [.. Enumerable.Range(0, Batch).Select(Row)];
        }

        public Phases Step()
        {
            var weights = _algorithm.Weigh(_rows);
            var (forward, backward) = (0.0, 0.0);
            var metrics = new StepMetrics();
            var start = Stopwatch.GetTimestamp();
            for (var first = 0; first < Batch; first += MicroBatch)
            {
                using var scope = NewDisposeScope();
                var rows = _rows[first..(first + MicroBatch)];
                var begun = Stopwatch.GetTimestamp();
                var columns = new TokenColumns(rows, weights[first..(first + MicroBatch)], CPU);
                var outputs = _policy.Evaluate([.. rows.Select(r => r.Sequence)], PolicyQuestions.None, _mode);
                var loss = _algorithm.Loss(outputs, columns, metrics, 0);
                var turned = Stopwatch.GetTimestamp();
                loss.backward();
                forward += Stopwatch.GetElapsedTime(begun, turned).TotalMilliseconds;
                backward += Stopwatch.GetElapsedTime(turned).TotalMilliseconds;
                _optimizer.Accumulate();
            }

            _optimizer.Step(1e-5);
            var total = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            return new Phases(total, forward, backward, total - forward - backward);
        }

        public void Dispose()
        {
            _prepared.Dispose();
            _optimizer.Dispose();
            _policy.Dispose();
            _model.Dispose();
        }

        private static Trajectory Row(int index) => new(new ScoredRollout
        {
            SampleId = $"{index}",
            Problem = new Problem($"{index}", "", ""),
            Tokens = [.. Enumerable.Range(0, Length).Select(t => (int)(CounterRandom.Hash((ulong)index, (ulong)t) % TrainingShape.Vocabulary))],
            PromptLength = PromptLength,
            Roles = [.. Enumerable.Repeat(TokenRole.Sampled, Length - PromptLength)],
        });
    }
}
