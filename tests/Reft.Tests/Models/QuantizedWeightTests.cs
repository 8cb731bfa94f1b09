using Reft.Checkpoints;
using Reft.Models;
using Reft.Models.Families;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

/// <summary>Weights in few bits, against their definitions, and models that stand on them, against the same models with whole weights.</summary>
public sealed class QuantizedWeightTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>By hand, from the table of codes: the block's largest magnitude is 2; 0.3 / 2 = 0.15 is nearest to 0.1609, and so on.</summary>
    [Fact]
    public void Nf4_OneBlock_IsAsDefined()
    {
        using var scope = NewDisposeScope();
        using var weight = QuantizedWeight.From(tensor(new[] { 2f, -2f, 0.3f, 0f, -0.1f, 1.7f, 0.23f, -1.21f }).reshape(2, 4), WeightQuantization.Nf4);

        // -0.1 / 2 = -0.05 lies nearer to -0.0911 than to 0 (their middle is -0.0455); 0.115 nearer to 0.0796 (middle 0.1203).
        float[] expected = [2, -2, 2 * 0.16093020141124725f, 0, 2 * -0.09105003625154495f, 2 * 0.7229568362236023f, 2 * 0.07958029955625534f, 2 * -0.5250730514526367f];
        Assert.Equal(expected, weight.Whole().flatten().data<float>().ToArray());
        Assert.Equal(8 / 2 + 4, weight.Bytes);
    }

    [Fact]
    public void Int8_Rows_AreAsDefined()
    {
        using var scope = NewDisposeScope();
        using var weight = QuantizedWeight.From(tensor(new[] { 1f, -0.5f, 0.003f, 0f, 0f, 0f }).reshape(2, 3), WeightQuantization.Int8);

        var whole = weight.Whole().flatten().data<float>().ToArray();
        float[] expected = [127 / 127f, -64 / 127f, 0, 0, 0, 0]; // -63.5 goes to the even -64; 0.381 to 0; a row of zeros stays one.
        Assert.All(whole.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        Assert.Equal(6 + (2 * 4), weight.Bytes);
    }

    [Theory]
    [InlineData(WeightQuantization.Nf4, 0.5 / 16 * 4.9)] // Half of the widest gap between codes, 0.3039, of the largest magnitude.
    [InlineData(WeightQuantization.Int8, 0.5 / 127)]
    public void Quantized_AnyShapeAndDtype_IsNearAndStaysWhatItIs(WeightQuantization kind, double share)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        foreach (var (rows, columns, dtype) in new[] { (5, 7, ScalarType.Float32), (64, 64, ScalarType.BFloat16), (33, 129, ScalarType.Float32), (1, 1, ScalarType.Float32) })
        {
            var weight = randn(rows, columns).to(dtype);
            using var once = QuantizedWeight.From(weight, kind);
            var whole = once.Whole();
            using var twice = QuantizedWeight.From(whole, kind);

            var bound = share * weight.to(ScalarType.Float32).abs().max().item<float>() * 1.01;
            Assert.Equal(dtype, whole.dtype);
            Assert.Equal(weight.shape, whole.shape);
            Assert.InRange((whole - weight).to(ScalarType.Float32).abs().max().item<float>(), 0, bound + (dtype == ScalarType.BFloat16 ? 0.02 : 0));
            Assert.Equal(0, (once.Elsewhere().to(dtype).reshape(weight.shape) - whole).to(ScalarType.Float32).abs().max().item<float>());
            if (dtype == ScalarType.Float32 && kind == WeightQuantization.Nf4)
            {
                Assert.Equal(0, (twice.Whole() - whole).abs().max().item<float>());
            }
        }
    }

    [Theory]
    [InlineData(WeightQuantization.Nf4, ScalarType.Float32, "cpu")]
    [InlineData(WeightQuantization.Nf4, ScalarType.BFloat16, "cpu")]
    [InlineData(WeightQuantization.Int8, ScalarType.Float32, "cpu")]
    [InlineData(WeightQuantization.Nf4, ScalarType.Float32, "cpu:libtorch")]
    [InlineData(WeightQuantization.Int8, ScalarType.Float32, "cpu:libtorch")]
    public void Model_OnQuantizedWeights_IsTheModelOfTheWholeOnes(WeightQuantization kind, ScalarType dtype, string deviceName)
    {
        Assert.True(ComputeDevice.TryParse(deviceName, out var found));
        var device = found!;
        using var few = Make(dtype, device);
        using var whole = Make(dtype, device);
        using var scope = NewDisposeScope();
        few.QuantizeBase(kind);
        foreach (var (to, from) in whole.Parameters.Zip(few.Parameters))
        {
            to.Set(from.Value);
        }

        var options = new LoraOptions { Rank = 2, Alpha = 4 };
        few.AddAdapters(options, seed: 9);
        whole.AddAdapters(options, seed: 9);
        foreach (var parameter in few.AdapterParameters.Concat(whole.AdapterParameters).Where(p => p.Name.Contains("lora_B", StringComparison.Ordinal)))
        {
            parameter.Set(full(parameter.Value.shape, 0.01));
        }

        var (a, b) = (Gradients(few), Gradients(whole));

        Assert.True(few.Parameters.Sum(p => p.Bytes) < whole.Parameters.Sum(p => p.Bytes));
        Assert.Equal(b.Count, a.Count);
        Assert.All(a.Zip(b), pair => Assert.Equal(pair.Second, pair.First));
        Assert.Contains(a, gradient => gradient.Any(value => value != 0));
        Assert.All(few.Parameters, parameter => Assert.Null(parameter.IsQuantized ? null : parameter.Value.grad));
    }

    [Fact]
    public void Model_Saved_HasTheMergedWholeWeights()
    {
        using var few = Make(ScalarType.Float32, ComputeDevice.Cpu);
        using var scope = NewDisposeScope();
        few.QuantizeBase(WeightQuantization.Nf4);
        few.AddAdapters(new LoraOptions { Rank = 2, Alpha = 4, Targets = ["q_proj"] }, seed: 9);
        foreach (var parameter in few.AdapterParameters)
        {
            parameter.Set(ones_like(parameter.Value).Times(0.1));
        }

        var name = few.Parameters.First(p => p.Name.EndsWith("q_proj.weight", StringComparison.Ordinal)).Name;
        var before = few.Parameters.First(p => p.Name == name).Value.clone();
        var merged = few.Merged().ToDictionary(pair => pair.Key, pair => pair.Value);

        // B A is 2 × 0.1 × 0.1 everywhere, times α/r = 2.
        Assert.Equal(0.04, (merged[name] - before).mean().item<float>(), 1e-6);
        few.MergeAdapters();
        Assert.Equal(0, (few.Parameters.First(p => p.Name == name).Value - merged[name]).abs().max().item<float>());
    }

    private static List<float[]> Gradients(Decoder model)
    {
        using var held = model.Prepare();
        foreach (var parameter in model.AdapterParameters)
        {
            parameter.Value.requires_grad_(true);
        }

        // The policy is left to the finalizer: the model is the test's.
        var outputs = new Policy(model).Evaluate([new PolicySequence([1, 5, 9, 2, 7, 3], 2), new PolicySequence([4, 4, 8], 1)], PolicyQuestions.None);
        outputs.LogProbs.sum([0]).backward();
        List<float[]> result = [outputs.LogProbs.detach().data<float>().ToArray()];
        result.AddRange(model.AdapterParameters.Select(p => p.Value.grad!.to(ScalarType.Float32).contiguous().flatten().data<float>().ToArray()));
        return result;
    }

    private static Decoder Make(ScalarType dtype, ComputeDevice device) => PretrainedModel.Initialize(
        $$"""{ "model_type": "llama", "vocab_size": 32, "initializer_range": 0.3, "eos_token_id": 0, {{ModelFamilies.Find("llama")!.Small}} }""",
        dtype, device, seed: 4).Decoder;
}
