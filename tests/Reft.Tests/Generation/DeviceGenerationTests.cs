using Reft.Checkpoints;
using Reft.Generation;
using Reft.Models;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Tests.Generation;

/// <summary>Completions by libtorch's operators on the CPU, where everything but captured graphs and flash attention runs as on a GPU.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class DeviceGenerationTests
{
    private static readonly string[] _configs =
    [
        """
        {"model_type":"qwen2","vocab_size":97,"hidden_size":32,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,
         "intermediate_size":48,"max_position_embeddings":64,"tie_word_embeddings":true,"initializer_range":0.3}
        """,
        """
        {"model_type":"mistral","vocab_size":97,"hidden_size":32,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":1,
         "intermediate_size":48,"max_position_embeddings":64,"sliding_window":4,"initializer_range":0.3}
        """,
        """
        {"model_type":"gpt2","vocab_size":97,"n_embd":32,"n_layer":2,"n_head":4,"n_positions":64,"initializer_range":0.3}
        """,
    ];

    public static TheoryData<int, int, double> Cases => new() { { 0, 3, 1 }, { 0, 40, 0 }, { 1, 5, 0.8 }, { 2, 4, 1 } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Generate_LibrarysOperators_DrawsWhatTheKernelsDraw(int config, int slots, double temperature)
    {
        using var own = PretrainedModel.Initialize(_configs[config], ScalarType.Float32, ComputeDevice.Cpu, seed: 2);
        using var library = PretrainedModel.Initialize(_configs[config], ScalarType.Float32, ComputeDevice.LibraryCpu, seed: 2);
        var requests = Enumerable.Range(0, 23).Select(i => new GenerationRequest(
            (ulong)i, 0, [.. Enumerable.Range(1, 1 + (i % 7)).Select(t => (t * 31 + i) % 97)])).ToArray();
        var options = new SamplingOptions
        {
            Temperature = temperature,
            TopK = 0,
            TopP = 1,
            MinP = 0,
            MaxTokens = 20,
            StopTokens = [5, 6, 7],
            Seed = 8,
        };

        var expected = new CompletionGenerator(own.Decoder, slots).Generate(requests, options, step: 3);
        var actual = new CompletionGenerator(library.Decoder, slots).Generate(requests, options, step: 3);

        Assert.True(expected.Select(c => c.Tokens.Length).Distinct().Count() > 2, "rows end at different steps");
        Assert.Equal(expected.Select(c => c.Tokens), actual.Select(c => c.Tokens));
        Assert.Equal(expected.Select(c => c.FinishReason), actual.Select(c => c.FinishReason));
        Assert.All(expected.Zip(actual), pair => Assert.All(
            pair.First.LogProbs.Zip(pair.Second.LogProbs), p => Assert.Equal(p.First, p.Second, 1e-4f)));
    }

    [Fact]
    public void Generate_BrainFloats_AreScoredWithinTheirRounding()
    {
        using var library = PretrainedModel.Initialize(_configs[0], ScalarType.BFloat16, ComputeDevice.LibraryCpu, seed: 2);
        var requests = Enumerable.Range(0, 9).Select(i => new GenerationRequest((ulong)i, 0, [3, 1 + i])).ToArray();
        var options = new SamplingOptions { Temperature = 1, TopK = 0, TopP = 1, MinP = 0, MaxTokens = 20, StopTokens = [5], Seed = 8 };

        foreach (var completion in new CompletionGenerator(library.Decoder, 4).Generate(requests, options, step: 0))
        {
            int[] tokens = [.. completion.Request.Prompt, .. completion.Tokens];
            var scores = Scorer.LogProbs(library.Decoder, tokens, TestContext.Current.CancellationToken);
            for (var t = 0; t < completion.Tokens.Length; t++)
            {
                // Logits of size 5 from bfloat16 states differ by a few times 2⁻⁸ of that between two ways to sum them.
                Assert.Equal(scores[completion.Request.Prompt.Length + t]!.Value, completion.LogProbs[t], 0.1f);
            }
        }
    }

    [Fact]
    public void LogProbs_OnePass_IsTheKernels()
    {
        using var own = PretrainedModel.Initialize(_configs[0], ScalarType.Float32, ComputeDevice.Cpu, seed: 2);
        using var library = PretrainedModel.Initialize(_configs[0], ScalarType.Float32, ComputeDevice.LibraryCpu, seed: 2);
        PolicySequence[] sequences = [new([1, 2, 3, 4, 5], 2), new([9, 8], 1), new([7, 7, 7, 7], 1)];
        using var policies = NewDisposeScope();

        foreach (var (a, b) in new[] { own, library }.Select(Gradients).ToArray() is [var first, var second] ? first.Zip(second) : [])
        {
            var size = a.abs().max().item<float>();
            Assert.InRange((a - b).abs().max().item<float>(), 0, 1e-4f * Math.Max(size, 1e-3f));
        }

        Tensor[] Gradients(PretrainedModel model)
        {
            model.Decoder.RequireGradients(true);
            using var prepared = model.Decoder.Prepare();
            using var policy = NewDisposeScope();
            var outputs = new Policy(model.Decoder).Evaluate(sequences, PolicyQuestions.Entropy, new ForwardMode { RecomputesLayers = true });
            outputs.LogProbs.sum().backward();
            return [.. model.Decoder.Parameters.Select(p => p.Value.grad!.clone().MoveToOuterDisposeScope())];
        }
    }
}
