using Reft.Checkpoints;
using Reft.Generation;
using Reft.Models;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Tests.Generation;

/// <summary>Batched generation on real models: neighbours, order and slots change nothing.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class CompletionGeneratorTests
{
    private static readonly SamplingOptions Options = new()
    {
        Temperature = 1.3,
        TopK = 0,
        TopP = 1,
        MinP = 0,
        MaxTokens = 20,
        StopTokens = [],
        Seed = 5,
    };

    [Theory]
    [InlineData("golden/models/llama", ScalarType.Float32)]
    [InlineData("golden/models/llama", ScalarType.BFloat16)]
    [InlineData("golden/models/gpt2", ScalarType.Float32)]
    [InlineData("golden/models/mistral", ScalarType.Float32)]
    [InlineData("models/tinystories-656k", ScalarType.Float32)]
    [InlineData("models/tinystories-656k", ScalarType.BFloat16)]
    public void Generate_AnySlotsOrderAndNeighbours_SameIdsAndLogProbBits(string folder, ScalarType dtype)
    {
        using var model = PretrainedModel.Load(SharedData.Require(folder), dtype, CPU);
        // Stop tokens end rows at different steps, so that waiting prompts take places in the middle.
        var options = Options with { StopTokens = [.. Enumerable.Range(0, 40)] };
        var requests = Requests(model.Decoder, 40);
        var alone = new CompletionGenerator(model.Decoder, 1).Generate(requests, options, step: 3);

        foreach (var slots in new[] { 7, 64 })
        {
            AssertSame(alone, new CompletionGenerator(model.Decoder, slots).Generate(requests, options, step: 3));
        }

        var reversed = new CompletionGenerator(model.Decoder, 7).Generate([.. requests.Reverse()], options, step: 3);
        AssertSame(alone, [.. reversed.Reverse()]);
        var chosen = new[] { 31, 4, 17 };
        var few = new CompletionGenerator(model.Decoder, 3).Generate([.. chosen.Select(i => requests[i])], options, step: 3);
        AssertSame([.. chosen.Select(i => alone[i])], few);
        Assert.Contains(alone, c => c.FinishReason == FinishReason.Stop);
    }

    [Fact]
    public void Generate_SeedStepProblemAndSample_EachChangeTheDraws()
    {
        using var golden = Golden.Open("llama");
        var generator = new CompletionGenerator(golden.Decoder, 8);
        GenerationRequest[] requests = [new(1, 0, [5, 6]), new(1, 1, [5, 6]), new(2, 0, [5, 6])];

        var completions = generator.Generate(requests, Options, step: 0)
            .Concat(generator.Generate(requests[..1], Options, step: 1))
            .Concat(generator.Generate(requests[..1], Options with { Seed = 6 }, step: 0));

        Assert.Equal(5, completions.Select(c => string.Join(",", c.Tokens)).Distinct().Count());
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("gpt2")]
    [InlineData("mistral")]
    [InlineData("codegen")]
    public void Generate_LogProbs_AreThoseOfTheFullForwardUnderTheSampler(string name)
    {
        using var golden = Golden.Open(name);
        var options = Options with { Temperature = 0.7, TopK = 12 };

        var completions = new CompletionGenerator(golden.Decoder, 4).Generate(Requests(golden.Decoder, 9), options, 0);

        foreach (var completion in completions)
        {
            var prompt = completion.Request.Prompt.Length;
            var logits = Logits(golden.Decoder, [.. completion.Request.Prompt, .. completion.Tokens]);
            for (var t = 0; t < completion.Tokens.Length; t++)
            {
                var row = logits[prompt - 1 + t].Select(l => l / 0.7).ToArray();
                var kept = row.OrderDescending().Take(12).ToArray();
                var expected = row[completion.Tokens[t]] - Math.Log(kept.Sum(Math.Exp));
                Assert.Equal(expected, completion.LogProbs[t], 1e-4);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public void Generate_Greedy_ContinuesAsTransformers(string name)
    {
        using var golden = Golden.Open(name);
        var greedy = golden.Expected.GetProperty("greedy");
        var prompt = Golden.Ids(greedy.GetProperty("prompt"));
        var expected = Golden.Ids(greedy.GetProperty("continuation"));
        var options = Options with { Temperature = 0, MaxTokens = expected.Length };

        var completions = new CompletionGenerator(golden.Decoder, 3).Generate(
            [new(0, 0, prompt), new(1, 0, prompt[..3]), new(2, 0, prompt), new(3, 0, prompt)], options, step: 0);

        foreach (var i in new[] { 0, 2, 3 })
        {
            Assert.Equal(expected, completions[i].Tokens);
            Assert.Equal(FinishReason.Length, completions[i].FinishReason);
        }
    }

    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public void Hidden_GreedyWithPaddingOnEitherSide_ContinuesAsTransformers(string name)
    {
        using var golden = Golden.Open(name);
        var greedy = golden.Expected.GetProperty("greedy");
        var prompt = Golden.Ids(greedy.GetProperty("prompt"));
        var expected = Golden.Ids(greedy.GetProperty("continuation"));
        foreach (var left in new[] { true, false })
        {
            int[] ids = prompt;
            for (var t = 0; t < expected.Length; t++)
            {
                using var scope = NewDisposeScope();
                using var frozen = no_grad();
                int[] padding = [7, 7, 7, 7, 7];
                int[] row = left ? [.. padding, .. ids] : [.. ids, .. padding];
                var mask = row.Select((_, i) => left ? i >= 5 : i < ids.Length).ToArray();
                var batch = TokenBatch.FromPadded([row, row[..]], [mask, mask]);

                var hidden = golden.Decoder.Hidden(batch).narrow(0, ids.Length - 1, 1);
                var next = (int)golden.Decoder.Logits(hidden).argmax(1).item<long>();

                Assert.Equal(expected[t], next);
                ids = [.. ids, next];
            }
        }
    }

    [Fact]
    public void Generate_StopToken_IsIncludedAndEndsTheCompletion()
    {
        using var golden = Golden.Open("llama");
        var greedy = golden.Expected.GetProperty("greedy");
        var prompt = Golden.Ids(greedy.GetProperty("prompt"));
        var full = Golden.Ids(greedy.GetProperty("continuation"));
        var stop = full[4];
        var first = Array.IndexOf(full, stop);

        var completion = Assert.Single(new CompletionGenerator(golden.Decoder, 1).Generate(
            [new(0, 0, prompt)], Options with { Temperature = 0, StopTokens = [stop] }, step: 0));

        Assert.Equal(full[..(first + 1)], completion.Tokens);
        Assert.Equal(completion.Tokens.Length, completion.LogProbs.Length);
        Assert.Equal(FinishReason.Stop, completion.FinishReason);
    }

    [Fact]
    public void Generate_FullContext_EndsWithLengthWhateverMaxTokens()
    {
        using var golden = Golden.Open("llama");
        var context = golden.Decoder.Config.MaxPositions;
        var prompt = Enumerable.Range(0, context - 3).Select(i => i % 300).ToArray();

        var completion = Assert.Single(new CompletionGenerator(golden.Decoder, 2).Generate(
            [new(0, 0, prompt)], Options with { MaxTokens = int.MaxValue }, step: 0));

        Assert.Equal((3, FinishReason.Length), (completion.Tokens.Length, completion.FinishReason));
    }

    [Fact]
    public void Generate_WrongRequests_AreOneInputException()
    {
        using var golden = Golden.Open("llama");
        var generator = new CompletionGenerator(golden.Decoder, 2);
        var context = golden.Decoder.Config.MaxPositions;

        Assert.Empty(generator.Generate([], Options, step: 0));
        Assert.Contains("problem 9 is empty", Message([]), StringComparison.Ordinal);
        Assert.Contains($"context of {context}", Message(new int[context]), StringComparison.Ordinal);
        Assert.Contains("token 320", Message([1, 320]), StringComparison.Ordinal);
        Assert.Contains("token -1", Message([-1]), StringComparison.Ordinal);
        Assert.Contains("top-p is 0", Assert.Throws<InputException>(
            () => generator.Generate([new(0, 0, [1])], Options with { TopP = 0 }, step: 0)).Message, StringComparison.Ordinal);

        string Message(int[] prompt) => Assert.Throws<InputException>(
            () => generator.Generate([new(9, 0, prompt)], Options, step: 0)).Message;
    }

    [Fact]
    public void Generate_Cancelled_StopsBetweenSteps()
    {
        using var golden = Golden.Open("llama");
        using var stop = new CancellationTokenSource();
        var drawn = 0;

        Assert.Throws<OperationCanceledException>(() => new CompletionGenerator(golden.Decoder, 2).Generate(
            [new(0, 0, [1]), new(1, 0, [2])], Options, step: 0, (_, _) => Count(), stop.Token));

        Assert.InRange(drawn, 5, 6);

        void Count()
        {
            if (++drawn == 5)
            {
                stop.Cancel();
            }
        }
    }

    [Fact]
    public void Generate_OnToken_TellsEveryTokenInOrder()
    {
        using var golden = Golden.Open("gpt2");
        var requests = Requests(golden.Decoder, 9);
        var told = requests.Select(_ => new List<int>()).ToArray();

        var completions = new CompletionGenerator(golden.Decoder, 4).Generate(
            requests, Options, step: 0, (request, token) => told[request].Add(token));

        Assert.Equal(completions.Select(c => c.Tokens), told.Select(t => t.ToArray()));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Generate_TwoHundredSteps_LiveTensorsStayFlat(ScalarType dtype)
    {
        using var model = RandomLlama(dtype);
        var counts = new List<long>();

        new CompletionGenerator(model.Decoder, 3).Generate(
            [new(0, 0, [1, 2]), new(1, 0, [3]), new(2, 0, [4, 5, 6])], Options with { MaxTokens = 210 }, step: 0,
            (request, _) =>
            {
                if (request == 0)
                {
                    counts.Add(Tensor.TotalCount);
                }
            });

        Assert.Equal(210, counts.Count);
        // The first two are the prefill's and the first step's; from then on every step is like the one before.
        Assert.Single(counts.Skip(2).Distinct());
    }

    private static PretrainedModel RandomLlama(ScalarType dtype) => PretrainedModel.Initialize(
        """
        {"model_type":"llama","vocab_size":64,"hidden_size":32,"num_hidden_layers":2,"num_attention_heads":4,
         "num_key_value_heads":2,"intermediate_size":48,"max_position_embeddings":256}
        """,
        dtype, CPU, seed: 1);

    private static GenerationRequest[] Requests(Decoder decoder, int count)
    {
        var vocabulary = decoder.Config.VocabularySize;
        return [.. Enumerable.Range(0, count).Select(i => new GenerationRequest(
            (ulong)(i / 2), i % 2, [.. Enumerable.Range(0, 1 + (i * 7 % 45)).Select(
                t => (int)(CounterRandom.Hash((ulong)i, (ulong)t) % (ulong)vocabulary))]))];
    }

    private static float[][] Logits(Decoder decoder, int[] ids)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var flat = decoder.Logits(decoder.Hidden(new TokenBatch([ids]))).data<float>().ToArray();
        return [.. flat.Chunk(flat.Length / ids.Length)];
    }

    private static void AssertSame(IReadOnlyList<Completion> expected, IReadOnlyList<Completion> actual)
    {
        Assert.Equal(expected.Select(c => c.Tokens), actual.Select(c => c.Tokens));
        Assert.Equal(
            expected.Select(c => c.LogProbs.Select(BitConverter.SingleToInt32Bits).ToArray()),
            actual.Select(c => c.LogProbs.Select(BitConverter.SingleToInt32Bits).ToArray()));
        Assert.Equal(expected.Select(c => c.FinishReason), actual.Select(c => c.FinishReason));
    }
}
