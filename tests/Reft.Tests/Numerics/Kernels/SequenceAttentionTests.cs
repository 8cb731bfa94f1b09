using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Tests.Numerics.Kernels;

/// <summary>Attention and its gradients against the definition in libtorch's operations, in double precision.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class SequenceAttentionTests
{
    [Theory]
    [InlineData(1, 1, 8, int.MaxValue, new[] { 1 })]
    [InlineData(2, 2, 64, int.MaxValue, new[] { 9, 1, 16 })]
    [InlineData(4, 2, 12, int.MaxValue, new[] { 33, 70 })]
    [InlineData(3, 1, 80, int.MaxValue, new[] { 47 })]
    [InlineData(2, 1, 32, int.MaxValue, new[] { 300, 65, 64 })]
    [InlineData(2, 2, 8, 1, new[] { 20 })]
    [InlineData(2, 1, 16, 5, new[] { 40, 7 })]
    [InlineData(1, 1, 32, 23, new[] { 150 })]
    [InlineData(1, 1, 32, 90, new[] { 270 })]
    public void Attend_ValuesAndGradients_AreThoseOfTheDefinition(int heads, int groups, int size, int window, int[] lengths)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7, CPU);
        var tokens = lengths.Sum();
        var shape = new AttentionShape(heads, groups, size, 0.4f / MathF.Sqrt(size), window);
        var q = (randn([tokens, heads, size], generator: generator) * 3).requires_grad_();
        var k = (randn([tokens, groups, size], generator: generator) * 3).requires_grad_();
        var v = randn([tokens, groups, size], generator: generator).requires_grad_();
        var upstream = randn([tokens, heads * size], generator: generator);

        var own = SequenceAttention.Attend(q, k, v, shape, lengths);
        own.backward([upstream]);
        var gradients = TakeGradients();
        var expected = Definition(q, k, v, shape, lengths);
        expected.backward([upstream.to(ScalarType.Float64)]);

        // float32 sums of up to 300 products.
        Assert.InRange(Distance(own, expected), 0, 2e-6);
        foreach (var (mine, theirs) in gradients.Zip(TakeGradients()))
        {
            Assert.InRange(Distance(mine, theirs), 0, 4e-6);
        }

        Tensor[] TakeGradients() => [.. new[] { q, k, v }.Select(t =>
        {
            var copy = t.grad!.clone();
            t.grad!.zero_();
            return copy;
        })];
    }

    [Fact]
    public void Attend_BrainFloat_IsTheDefinitionRounded()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7, CPU);
        var shape = new AttentionShape(2, 1, 64, 0.125f, int.MaxValue);
        var q = randn([90, 2, 64], generator: generator).to(ScalarType.BFloat16).requires_grad_();
        var k = randn([90, 1, 64], generator: generator).to(ScalarType.BFloat16).requires_grad_();
        var v = randn([90, 1, 64], generator: generator).to(ScalarType.BFloat16).requires_grad_();
        Tensor[] wide = [.. new[] { q, k, v }.Select(t => t.detach().to(ScalarType.Float64).requires_grad_())];

        var own = SequenceAttention.Attend(q, k, v, shape, [90]);
        own.sum().backward();
        var expected = Definition(wide[0], wide[1], wide[2], shape, [90]);
        expected.sum().backward();

        // One rounding to 8 bits.
        Assert.InRange(Distance(own, expected), 0, 3e-3);
        Assert.InRange(Distance(q.grad!, wide[0].grad!), 0, 3e-3);
        Assert.InRange(Distance(k.grad!, wide[1].grad!), 0, 3e-3);
        Assert.InRange(Distance(v.grad!, wide[2].grad!), 0, 3e-3);
    }

    [Fact]
    public void Attend_OneSequenceAmongOthers_HasTheBitsItHasAlone()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7, CPU);
        var shape = new AttentionShape(4, 2, 24, 0.2f, int.MaxValue);
        var (q, k, v) = (
            randn([400, 4, 24], generator: generator), randn([400, 2, 24], generator: generator), randn([400, 2, 24], generator: generator));

        var together = SequenceAttention.Attend(q, k, v, shape, [60, 300, 40]);
        var alone = SequenceAttention.Attend(q.narrow(0, 60, 300), k.narrow(0, 60, 300), v.narrow(0, 60, 300), shape, [300]);

        Assert.True(together.narrow(0, 60, 300).eq(alone).all().item<bool>());
    }

    private static Tensor Definition(Tensor q, Tensor k, Tensor v, AttentionShape shape, int[] lengths)
    {
        var parts = new List<Tensor>();
        var n = 0;
        foreach (var length in lengths)
        {
            var at = arange(length);
            var back = at.unsqueeze(1) - at.unsqueeze(0);
            var hidden = back.lt(0).logical_or(back.ge(shape.Window));
            var times = shape.Heads / shape.Groups;
            var scores = Head(q, 1).matmul(Head(k, times).transpose(1, 2)) * shape.Scale;
            var weights = scores.masked_fill(hidden, double.NegativeInfinity).softmax(-1);
            parts.Add(weights.matmul(Head(v, times)).transpose(0, 1).reshape(length, -1));
            n += length;

            Tensor Head(Tensor t, long repeat) =>
                t.narrow(0, n, length).to(ScalarType.Float64).transpose(0, 1).repeat_interleave(repeat, dim: 0);
        }

        return cat(parts, 0);
    }

    private static double Distance(Tensor a, Tensor b)
    {
        var (left, right) = (a.to(ScalarType.Float64), b.to(ScalarType.Float64));
        return ((left - right).norm() / (right.norm() + 1e-30)).item<double>();
    }
}
