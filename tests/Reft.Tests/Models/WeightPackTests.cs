using Reft.Models;
using Reft.Tests.Training;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class WeightPackTests
{
    [Fact]
    public void Current_UntilTheWeightChanges_IsTheSame()
    {
        using var scope = NewDisposeScope();
        using var weight = new Parameter("weight", randn(5, 3));
        using var pack = new WeightPack(weight, transposed: false);

        var first = pack.Current;
        var second = pack.Current;
        weight.MarkChanged();
        var third = pack.Current;

        Assert.NotNull(first);
        Assert.Same(first, second);
        Assert.NotSame(first, third);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Prepare_HeldWhileAnOptimizerSteps_GivesTheBitsOfTheNewWeights(bool adapters)
    {
        var held = LogitsBeforeAndAfterAStep(adapters, holdsThroughout: true);
        var packedAnew = LogitsBeforeAndAfterAStep(adapters, holdsThroughout: false);

        Assert.Equal(packedAnew[0], held[0]);
        Assert.Equal(packedAnew[1], held[1]);
        Assert.NotEqual(held[0], held[1]);
    }

    [Fact]
    public void Prepare_HeldWhileAdaptersAreMerged_GivesTheBitsOfTheMergedWeights()
    {
        using var model = TinyModels.Llama(12);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var held = model.Decoder.Prepare();
        model.Decoder.AddAdapters(new LoraOptions { Rank = 2, Alpha = 4 }, seed: 1);
        Fill(model.Decoder);
        Logits(model.Decoder);

        model.Decoder.MergeAdapters();
        var merged = Logits(model.Decoder);
        held.Dispose();
        held.Dispose();
        using var anew = model.Decoder.Prepare();

        Assert.Equal(Logits(model.Decoder), merged);
    }

    [Fact]
    public void Values_OfATrunkOfItsOwn_AreThoseOfEvaluate()
    {
        using var model = TinyModels.Llama(12);
        using var other = TinyModels.Llama(12, seed: 2);
        using var head = new ValueHead(32, zero: false, seed: 1, CPU);
        using var policy = new Policy(model.Decoder, head, other.Decoder);
        using var shared = new Policy(model.Decoder, head);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var prepared = policy.Prepare();
        PolicySequence[] sequences = [new([1, 2, 3, 4], 1), new([5, 6, 7], 2)];

        var own = policy.Values(sequences).data<float>().ToArray();

        Assert.Equal(policy.Evaluate(sequences, PolicyQuestions.Values).Values!.data<float>().ToArray(), own);
        Assert.Equal(shared.Evaluate(sequences, PolicyQuestions.Values).Values!.data<float>().ToArray(), shared.Values(sequences).data<float>().ToArray());
        Assert.NotEqual(shared.Values(sequences).data<float>().ToArray(), own);
        Assert.Throws<InvalidOperationException>(() => new Policy(model.Decoder).Values(sequences));
    }

    private static float[][] LogitsBeforeAndAfterAStep(bool adapters, bool holdsThroughout)
    {
        using var model = TinyModels.Llama(12);
        using var scope = NewDisposeScope();
        if (adapters)
        {
            model.Decoder.AddAdapters(new LoraOptions { Rank = 2, Alpha = 4 }, seed: 1);
        }

        var trained = model.Decoder.TrainedParameters;
        using var optimizer = new AdamW(trained, new AdamWOptions());
        using var held = holdsThroughout ? model.Decoder.Prepare() : null;
        var before = Logits(model.Decoder);
        foreach (var parameter in trained)
        {
            parameter.Value.grad = ones_like(parameter.Value);
        }

        optimizer.Accumulate();
        optimizer.Step(0.01);
        return [before, Logits(model.Decoder)];
    }

    private static void Fill(Decoder decoder)
    {
        foreach (var parameter in decoder.AdapterParameters)
        {
            parameter.Set(full_like(parameter.Value, 0.05));
        }
    }

    private static float[] Logits(Decoder decoder)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var prepared = decoder.Prepare();
        return decoder.Logits(decoder.Hidden(new TokenBatch([[1, 2, 3], [4]]))).data<float>().ToArray();
    }
}
