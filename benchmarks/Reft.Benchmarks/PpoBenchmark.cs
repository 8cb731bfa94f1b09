using System.Diagnostics;
using Reft.Algorithms;
using Reft.Answers;
using Reft.Generation;
using Reft.Models;
using Reft.Numerics;
using Reft.Numerics.Kernels;
using Reft.Problems;
using Reft.Problems.Generated;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;
using Reft.Text;
using Reft.Training;
using Reft.Training.Schedules;
using Reft.Verification;
using Reft.Verification.Rewards;
using static TorchSharp.torch;

namespace Reft.Benchmarks;

/// <summary>
/// A whole PPO step of a Llama of 6 layers × 384: 32 questions, 200 new tokens each, two PPO epochs and a reference model;
/// new tokens per second end to end, by phase, and the update by kind of operation.
/// </summary>
internal static class PpoBenchmark
{
    private const int Questions = 32;
    private const int NewTokens = 200;
    private const int Epochs = 2;
    private const int MicroBatchTokens = 2048;

    private static readonly TrainingShape Shape = new(6, 384, 6, 1024);

    /// <summary>Measures.</summary>
    /// <param name="only">One dtype; null for both.</param>
    /// <param name="rounds">Steps, each with a round of products.</param>
    public static void Run(string? only, int rounds)
    {
        Console.WriteLine(
            $"threads {CpuKernels.Workers.Count}; Llama {Shape.Layers} x {Shape.Width}, {Shape.Parameters / 1e6:f1} M parameters; "
            + $"{Questions} questions, {NewTokens} new tokens each, {Epochs} PPO epochs, reference model");
        using var folder = new TemporaryFolder();
        var problems = new ProblemGenerator().Generate(GeneratedSplit.Train, Questions).Select(p => p.ToProblem(AnswerStyle.Program)).ToArray();
        var tokenizer = BpeTrainer.Train(Corpus(problems), new BpeTrainerOptions { VocabularySize = TrainingShape.Vocabulary }, folder.Path);
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.BFloat16 }
            .Where(d => only is null || string.Equals(only, d.ToString(), StringComparison.OrdinalIgnoreCase)))
        {
            Console.WriteLine();
            Console.WriteLine(dtype);
            Measure(dtype, problems, tokenizer, rounds);
        }
    }

    private static void Measure(ScalarType dtype, Problem[] problems, Tokenizer tokenizer, int rounds)
    {
        using var model = Shape.Make(dtype);
        using var frozen = Shape.Make(dtype);
        using var head = new ValueHead(Shape.Width, zero: true, seed: 1, CPU);
        using var policy = new Policy(model.Decoder, head);
        using var reference = new Policy(frozen.Decoder);
        policy.RequireGradients(true);
        using var packed = reference.Prepare();
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions());
        var clock = new Clock();
        var verifier = new TimedVerifier(Verifiers.Create(AnswerStyle.Program), clock);
        var source = Source(problems, tokenizer, verifier, new CompletionGenerator(model.Decoder, Questions));
        var algorithm = Ppo.Create(
            new PpoOptions { Epochs = Epochs },
            sequences => clock.Time("reference", () => PolicyEvaluation.LogProbs(reference, sequences, 4096)));
        var trainer = new Trainer(policy, source, algorithm, optimizer, Options());
        trainer.Step(0);
        var best = double.MaxValue;
        var products = ProductTimes.Longest;
        var parts = UpdateParts.Longest;
        string lines = "";
        for (var round = 1; round <= rounds; round++)
        {
            clock.Reset();
            var start = Stopwatch.GetTimestamp();
            var step = trainer.Step(round);
            var total = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            var micro = MicroBatches.Split([.. step.Trajectories.OrderBy(t => t.Rollout.Tokens.Length)], t => t.Rollout.Tokens.Length, MicroBatchTokens).ToArray();
            products = products.Min(Products(dtype, micro));
            parts = parts.Min(Parts(dtype, micro));
            if (total < best)
            {
                best = total;
                lines = Describe(total, clock, step, products, parts);
            }
        }

        Console.WriteLine(lines);
    }

    private static ProductTimes Products(ScalarType dtype, IReadOnlyList<Trajectory>[] micro) => micro
        .Select(rows => Shape.Time(dtype, rows.Sum(r => r.Rollout.Tokens.Length - 1), rows.Sum(r => r.Rollout.ResponseLength)))
        .Aggregate((a, b) => a + b) * Epochs;

    private static UpdateParts Parts(ScalarType dtype, IReadOnlyList<Trajectory>[] micro) => micro
        .Select(rows => UpdateParts.Time(
            Shape, dtype, [.. rows.Select(r => r.Rollout.Tokens.Length - 1)], rows.Sum(r => r.Rollout.ResponseLength)))
        .Aggregate((a, b) => a + b) * Epochs;

    private static string Describe(double total, Clock clock, TrainingStep step, ProductTimes products, UpdateParts parts)
    {
        var collect = step.Timings["time/rollout_s"] * 1000;
        var prepare = step.Timings["time/prepare_s"] * 1000;
        var update = step.Timings["time/update_s"] * 1000;
        var (verification, reference) = (clock["verification"], clock["reference"]);
        var tokens = Questions * NewTokens;
        var optimizer = step.Timings["time/optimizer_s"] * 1000;
        var rest = update - products.Best - parts.Total - optimizer;
        return $"{total:f0} ms a step, {tokens / total * 1000:f0} new tokens/s; {step.Trajectories.Average(t => t.Rollout.PromptLength):f0} prompt tokens\n"
            + $"  rollout {collect - verification:f0} ({tokens / (collect - verification) * 1000:f0} tokens/s), verification {verification:f0}, "
            + $"reference {reference:f0}, values and rewards {prepare - reference:f0}, update {update:f0} ms\n"
            + $"  update by kind: products {products.Best / update:P0} (libtorch {products.Library:f0} ms, Reft {products.Ours:f0} ms), "
            + $"{parts.Shares(update)}, optimizer {optimizer / update:P0}, rest {rest / update:P0}\n"
            + $"  first ratio p99 {step["ppo/first_ratio_p99"]:g3}";
    }

    private static PolicyRollouts Source(Problem[] problems, Tokenizer tokenizer, IVerifier verifier, CompletionGenerator generator) => new(
        problems, new PlainCurriculum(new PromptTemplate { Style = AnswerStyle.Program }, tokenizer), generator, tokenizer, verifier,
        new PolicyRolloutOptions
        {
            ProblemsPerStep = Questions,
            SamplesPerProblem = 1,
            Rewards = [new RewardRule()],
            Seed = 1,
            Sampling = new SamplingOptions
            {
                Temperature = 1,
                TopK = 0,
                TopP = 1,
                MinP = 0,
                MaxTokens = NewTokens,
                StopTokens = [],
                Seed = 1,
            },
        });

    private static TrainerOptions Options() => new()
    {
        Schedule = new LearningRateSchedule { Peak = 1e-6, Shape = new ConstantSchedule(), WarmupSteps = 0, TotalSteps = 1 },
        MicroBatchTokens = MicroBatchTokens,
        Seed = 1,
    };

    /// <summary>The questions, and enough made-up words that every id of the vocabulary is a token.</summary>
    private static IEnumerable<string> Corpus(Problem[] problems)
    {
        string[] syllables = ["ba", "do", "ki", "lu", "me", "na", "po", "ri", "su", "te", "va", "zo", "fi", "ge", "hu", "ja"];
        var random = new CounterRandom(3);
        var words = Enumerable.Range(0, 30_000).Select(_ =>
            string.Concat(Enumerable.Range(0, 2 + random.Below(3)).Select(_ => random.Pick(syllables)))).ToArray();
        return [.. problems.Select(p => p.Question), .. words.Chunk(100).Select(c => string.Join(' ', c)), .. words.Chunk(90).Select(c => string.Join(' ', c))];
    }

    /// <summary>Sums times by name.</summary>
    private sealed class Clock
    {
        private readonly Dictionary<string, double> _times = new(StringComparer.Ordinal);

        public double this[string name] => _times.GetValueOrDefault(name);

        public void Reset() => _times.Clear();

        public T Time<T>(string name, Func<T> action)
        {
            var start = Stopwatch.GetTimestamp();
            var result = action();
            _times[name] = this[name] + Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            return result;
        }
    }

    private sealed class TimedVerifier(IVerifier inner, Clock clock) : IVerifier
    {
        public AnswerStyle Style => inner.Style;

        public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default) =>
            clock.Time("verification", () => inner.Verify(samples, cancellation));

        public string? WhyUnreadable(string answer) => inner.WhyUnreadable(answer);
    }
}
