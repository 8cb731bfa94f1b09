using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

/// <summary>Every golden model against what Transformers computed (float32).</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class GoldenModelTests
{
    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public void Logits_SequenceAlone_EqualTransformers(string name)
    {
        using var golden = Golden.Open(name);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();

        for (var i = 0; i < golden.Sequences.Length; i++)
        {
            var logits = golden.Decoder.Logits(golden.Decoder.Hidden(new TokenBatch([golden.Sequences[i]])));

            Assert.InRange((logits - golden.Logits(i)).abs().max().item<float>(), 0, 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public void Logits_PackedWithKernels_EqualTransformers(string name)
    {
        using var golden = Golden.Open(name);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var prepared = golden.Decoder.Prepare();

        var logits = golden.Decoder.Logits(golden.Decoder.Hidden(new TokenBatch(golden.Sequences)));

        var expected = cat([.. Enumerable.Range(0, golden.Sequences.Length).Select(golden.Logits)], 0);
        Assert.InRange((logits - expected).abs().max().item<float>(), 0, 1e-4);
    }

    [Theory]
    [MemberData(nameof(Golden.Names), MemberType = typeof(Golden))]
    public void LossGradientsAndStep_EqualTransformers(string name)
    {
        using var golden = Golden.Open(name);
        using var scope = NewDisposeScope();
        var decoder = golden.Decoder;
        decoder.RequireGradients(true);
        var expected = golden.Expected.GetProperty("loss");
        var ids = golden.Sequences[expected.GetProperty("sequence").GetInt32()];
        var firstTarget = expected.GetProperty("first_target").GetInt32();

        var loss = Loss(decoder, ids, firstTarget);
        loss.backward();

        Assert.Equal(expected.GetProperty("mean_nll").GetDouble(), loss.item<float>(), 1e-5);
        var norms = expected.GetProperty("gradient_norms");
        Assert.Equal(norms.EnumerateObject().Count(), decoder.Parameters.Count);
        foreach (var parameter in decoder.Parameters)
        {
            var norm = norms.GetProperty(parameter.Name).GetDouble();
            // A key's bias cannot change a softmax: its gradient is rounding alone, hence the absolute part.
            Assert.InRange(parameter.Value.grad!.norm().item<float>(), (norm * (1 - 1e-3)) - 1e-7, (norm * (1 + 1e-3)) + 1e-7);
        }

        StepOfAdamW(decoder);
        var after = Loss(decoder, ids, firstTarget).item<float>();
        Assert.Equal(expected.GetProperty("after_one_adamw_step").GetDouble(), after, 1e-4);
    }

    /// <summary>The first step of AdamW (learning rate 1e-3, no decay) on the gradient clipped to norm 1, written out.</summary>
    private static void StepOfAdamW(Decoder decoder)
    {
        using var frozen = no_grad();
        var norm = Math.Sqrt(decoder.Parameters.Sum(p => (double)p.Value.grad!.square().sum().item<float>()));
        var clip = Math.Min(1, 1 / (norm + 1e-6));
        foreach (var parameter in decoder.Parameters)
        {
            // Both moments' bias corrections cancel in step 1: m̂ = g and v̂ = g².
            var gradient = parameter.Value.grad! * clip;
            parameter.Value.sub_(1e-3 * gradient / (gradient.abs() + 1e-8));
        }
    }

    private static Tensor Loss(Decoder decoder, int[] ids, int firstTarget)
    {
        var logits = decoder.Logits(decoder.Hidden(new TokenBatch([ids])));
        var targets = tensor(ids[firstTarget..].Select(i => (long)i).ToArray());
        return nn.functional.cross_entropy(logits.narrow(0, firstTarget - 1, targets.shape[0]), targets);
    }
}
