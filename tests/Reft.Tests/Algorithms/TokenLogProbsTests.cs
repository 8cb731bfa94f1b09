using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

public sealed class TokenLogProbsTests
{
    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 3)]
    [InlineData(false, 4)]
    [InlineData(false, 100)]
    public void Gather_Chunked_EqualsWholeLogSoftmaxInValuesAndGradients(bool withBias, int chunk)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var hidden = randn(11, 6, generator: generator).requires_grad_();
        var weight = randn(9, 6, generator: generator).requires_grad_();
        var bias = withBias ? randn(9, generator: generator).requires_grad_() : null;
        var targets = tensor(new long[] { 0, 8, 3, 3, 1, 2, 7, 5, 4, 6, 0 });
        var upstream = randn(11, generator: generator);

        (TokenLogProbs.Gather(hidden, weight, bias, targets, chunk) * upstream).sum().backward();
        var chunked = Gradients();
        var whole = nn.functional.log_softmax(nn.functional.linear(hidden, weight, bias), 1)
            .gather(1, targets.unsqueeze(1)).squeeze(1);
        (whole * upstream).sum().backward();

        Assert.InRange((TokenLogProbs.Gather(hidden, weight, bias, targets, chunk) - whole).abs().max().item<float>(), 0, 2e-6);
        foreach (var (own, expected) in chunked.Zip(Gradients()))
        {
            Assert.InRange((own - expected).abs().max().item<float>(), 0, 1e-5);
        }

        Tensor[] Gradients()
        {
            var all = new[] { hidden, weight, bias }.OfType<Tensor>().Select(t =>
            {
                var copy = t.grad!.clone();
                t.grad!.zero_();
                return copy;
            }).ToArray();
            return all;
        }
    }

    [Fact]
    public void Entropy_UniformAndCertain_EqualHandArithmetic()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new float[,] { { 0, 0 }, { 0, 100 }, { 0, 0 }, { 0, 0 } });

        var entropy = TokenLogProbs.Entropy(tensor(new float[,] { { 1, 0 }, { 0, 1 } }), weight, null);

        Assert.Equal(Math.Log(4), entropy[0].item<float>(), 1e-6);
        Assert.Equal(0, entropy[1].item<float>(), 1e-6);
    }
}
