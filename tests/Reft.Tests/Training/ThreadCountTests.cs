using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>A run gives the same bits on one core and on many: libtorch's threads change no weight.</summary>
[Collection(nameof(ThreadCountTests))]
public sealed class ThreadCountTests
{
    private const int Vocabulary = 211;
    private const int Width = 64;

    /// <summary>What is trained.</summary>
    public enum Method
    {
        Sft,
        Ppo,
        Lora,
        Classes,
    }

    public static TheoryData<string, ScalarType, Method> Cases => new(
        from family in new[] { "llama", "gpt2", "gpt_neox" }
        from dtype in new[] { ScalarType.Float32, ScalarType.BFloat16 }
        from method in Enum.GetValues<Method>()
        select (family, dtype, method));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Training_MoreThreads_GivesTheSameBits(string family, ScalarType dtype, Method method)
    {
        var own = get_num_threads();
        try
        {
            var alone = Trained(family, dtype, method, threads: 1);
            foreach (var threads in new[] { 2, 3, 5 })
            {
                var together = Trained(family, dtype, method, threads);
                foreach (var (name, bits) in alone)
                {
                    Assert.True(
                        bits.SequenceEqual(together[name]), $"{name} differs at {threads} threads by {Episodes.Distance(bits, together[name])}");
                }
            }
        }
        finally
        {
            set_num_threads(own);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Training_MicroBatchesSideBySide_GivesTheSameBits(string family, ScalarType dtype, Method method)
    {
        var inTurn = Trained(family, dtype, method, get_num_threads(), 512, atOnce: 1);
        foreach (var atOnce in new[] { 2, 3 })
        {
            var sideBySide = Trained(family, dtype, method, get_num_threads(), 512, atOnce);
            foreach (var (name, bits) in inTurn)
            {
                Assert.True(
                    bits.SequenceEqual(sideBySide[name]), $"{name} differs with {atOnce} at once by {Episodes.Distance(bits, sideBySide[name])}");
            }
        }
    }

    private static Dictionary<string, float[]> Trained(
        string family, ScalarType dtype, Method method, int threads, int microBatchTokens = 4096, int atOnce = 1)
    {
        set_num_threads(threads);
        using var model = Model(family, dtype);
        if (method == Method.Lora)
        {
            model.Decoder.AddAdapters(new LoraOptions { Rank = 4, Alpha = 8 }, 2);
        }

        using var head = new ValueHead(Width, zero: false, seed: 4, CPU);
        using var classes = new ClassHead(2, Width, 0.1, 5, CPU);
        using var policy = method switch
        {
            Method.Ppo => new Policy(model.Decoder, head),
            Method.Classes => new Policy(model.Decoder, classes),
            _ => new Policy(model.Decoder),
        };
        policy.RequireGradients(true);
        var rollouts = Rollouts(method);
        IAlgorithm algorithm = method == Method.Ppo
            ? Ppo.Create(new PpoOptions { FirstRatioTolerance = 10, Epochs = 2 }, sequences => PolicyEvaluation.LogProbs(policy, sequences, 4096))
            : CrossEntropy.Create(new CrossEntropyOptions());
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions());
        var trainer = new Trainer(
            policy, new FixedRollouts(method == Method.Ppo ? Episodes.Drawn(policy, rollouts, noise: 0.3) : rollouts), algorithm, optimizer,
            Episodes.Options(1e-3, microBatchTokens: microBatchTokens) with { MicroBatchesAtOnce = atOnce });
        var step = trainer.Step(0, TestContext.Current.CancellationToken);
        var result = policy.Parameters.ToDictionary(p => p.StateName, p => Episodes.Values(p.Value));
        result["metrics"] = [.. step.Metrics.All.Values.Select(value => (float)value)];
        return result;
    }

    /// <summary>4,000 tokens: libtorch shares work among threads from 32,768 elements on.</summary>
    private static ScoredRollout[] Rollouts(Method method)
    {
        var random = new CounterRandom(7);
        return [.. Enumerable.Range(0, 80).Select(i =>
        {
            int[] tokens = [.. Enumerable.Range(0, random.Between(40, 60)).Select(_ => random.Below(Vocabulary))];
            // A classifier's response is one token, its class.
            return method == Method.Classes
                ? Episodes.Make(i, [.. tokens, random.Below(2)], tokens.Length)
                : Episodes.Make(i, tokens, random.Between(5, 20)) with { Reward = random.Pick([0.0, 0.1, 1.0]) };
        })];
    }

    private static PretrainedModel Model(string family, ScalarType dtype) => family switch
    {
        "llama" => TinyModels.Llama(Vocabulary, Width, layers: 2, dtype: dtype),
        "gpt2" => TinyModels.Gpt2(Vocabulary, Width, layers: 2, dtype: dtype),
        _ => TinyModels.GptNeoX(Vocabulary, Width, layers: 2, dtype: dtype),
    };
}

/// <summary>libtorch's threads are the process's.</summary>
[CollectionDefinition(nameof(ThreadCountTests), DisableParallelization = true)]
public sealed class ThreadCountAlone;
