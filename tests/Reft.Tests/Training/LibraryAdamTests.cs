using Reft.Checkpoints;
using Reft.Numerics;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class LibraryAdamTests
{
    private const string Config = """
        {"model_type":"llama","vocab_size":32,"hidden_size":16,"num_hidden_layers":1,"num_attention_heads":2,
         "intermediate_size":24,"max_position_embeddings":8}
        """;

    [Theory]
    [InlineData(ScalarType.Float32, 0.1, 0.5)]
    [InlineData(ScalarType.BFloat16, 0.1, 0.5)]
    [InlineData(ScalarType.Float32, 0, 0)]
    public void Step_LibrarysOperator_DoesWhatTheKernelsDo(ScalarType dtype, double decay, double clip)
    {
        var options = new AdamWOptions { WeightDecay = decay, MaxGradientNorm = clip };
        using var own = PretrainedModel.Initialize(Config, dtype, ComputeDevice.Cpu, seed: 1);
        using var library = PretrainedModel.Initialize(Config, dtype, ComputeDevice.LibraryCpu, seed: 1);
        using var first = new AdamW(own.Decoder.Parameters, options, ComputeDevice.Cpu);
        using var second = new AdamW(library.Decoder.Parameters, options, ComputeDevice.LibraryCpu);
        own.Decoder.Parameters[1].RateFactor = library.Decoder.Parameters[1].RateFactor = 3;

        for (var step = 0; step < 5; step++)
        {
            // The second of two micro-batches leaves one parameter out; step 3 leaves it out whole.
            for (var micro = 0; micro < 2; micro++)
            {
                Give(own, step, micro, dtype);
                Give(library, step, micro, dtype);
                first.Accumulate();
                second.Accumulate();
            }

            var (a, b) = (first.Step(1e-2 / (step + 1)), second.Step(1e-2 / (step + 1)));
            Assert.Equal(a.GradientNorm, b.GradientNorm, 1e-5 * a.GradientNorm);
            Assert.Equal(a.UpdateNorm, b.UpdateNorm, 1e-4 * a.UpdateNorm);
            Assert.Equal(a.ChangedShare, b.ChangedShare, 0.01);
            Assert.Equal(a.Skipped, b.Skipped);
        }

        Assert.Equal(first.Steps, second.Steps);
        var other = second.State.ToDictionary();
        foreach (var (name, expected) in first.State)
        {
            using var scope = NewDisposeScope();
            var size = expected.abs().max().item<float>();
            Assert.InRange((expected - other[name]).abs().max().item<float>(), 0, 2e-5f * Math.Max(size, 1e-3f));
        }
    }

    [Fact]
    public void Step_GradientNotFinite_ChangesNothingAndGoesOn()
    {
        using var model = PretrainedModel.Initialize(Config, ScalarType.BFloat16, ComputeDevice.LibraryCpu, seed: 1);
        using var optimizer = new AdamW(model.Decoder.Parameters, new AdamWOptions(), ComputeDevice.LibraryCpu);
        using var scope = NewDisposeScope();
        var before = optimizer.State.Select(pair => pair.Value.clone()).ToArray();
        Give(model, 0, 0, ScalarType.BFloat16);
        model.Decoder.Parameters[2].Value.grad!.fill_(float.PositiveInfinity); // Given just now.
        optimizer.Accumulate();

        Assert.True(optimizer.Step(1e-2).Skipped);

        Assert.Equal(0, optimizer.Steps);
        Assert.All(optimizer.State.Zip(before), pair => Assert.True(pair.First.Value.equal(pair.Second).all().item<bool>(), pair.First.Key));
        Give(model, 0, 0, ScalarType.BFloat16);
        optimizer.Accumulate();
        Assert.False(optimizer.Step(1e-2).Skipped);
    }

    private static void Give(PretrainedModel model, int step, int micro, ScalarType dtype)
    {
        using var generator = new Generator((ulong)((step * 10) + micro + 1), CPU);
        foreach (var (parameter, i) in model.Decoder.Parameters.Select((p, i) => (p, i)))
        {
            using var scope = NewDisposeScope();
            var gradient = randn(parameter.Value.shape, generator: generator).to(dtype);
            parameter.Value.requires_grad_(true);
            if (i != 2 || (micro == 0 && step != 3))
            {
                parameter.Value.grad = gradient;
            }
        }
    }
}
