using Reft.Numerics;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

public sealed class TokenLogProbsTests
{
    [Theory]
    [InlineData(true, 1, 1)]
    [InlineData(true, 3, 1)]
    [InlineData(false, 4, 1)]
    [InlineData(false, 100, 1)]
    [InlineData(true, 3, 0.5)]
    [InlineData(false, 4, 2.5)]
    public void Gather_Chunked_EqualsWholeLogSoftmaxInValuesAndGradients(bool withBias, int chunk, float scale)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var hidden = randn(11, 6, generator: generator).requires_grad_();
        var weight = randn(9, 6, generator: generator).requires_grad_();
        var bias = withBias ? randn(9, generator: generator).requires_grad_() : null;
        var targets = tensor(new long[] { 0, 8, 3, 3, 1, 2, 7, 5, 4, 6, 0 });
        var upstream = randn(11, generator: generator);

        var own = TokenLogProbs.Gather(hidden, weight, bias, targets, chunk, scale: scale);
        (own * upstream).sum().backward();
        var chunked = Gradients();
        var whole = nn.functional.log_softmax(nn.functional.linear(hidden, weight, bias) * scale, 1)
            .gather(1, targets.unsqueeze(1)).squeeze(1);
        (whole * upstream).sum().backward();

        Assert.InRange((own - whole).abs().max().item<float>(), 0, 2e-6);
        foreach (var (mine, theirs) in chunked.Zip(Gradients()))
        {
            Assert.InRange((mine - theirs).abs().max().item<float>(), 0, 1e-5);
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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Entropy_UniformAndCertain_EqualHandArithmetic(bool kernels)
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new float[,] { { 0, 0 }, { 0, 100 }, { 0, 0 }, { 0, 0 } });
        var hidden = tensor(new float[,] { { 1, 0 }, { 0, 1 } });
        var targets = tensor(new long[] { 2, 1 });
        var entropy = empty(2);
        using var packed = Pack(weight);

        var logProbs = kernels
            ? HeadKernels.LogProbs(hidden, new HeadKernels.Head(weight, null, packed), targets, entropy)
            : TokenLogProbs.Gather(hidden, weight, null, targets, entropy: entropy);

        Assert.Equal(-Math.Log(4), logProbs[0].item<float>(), 1e-6);
        Assert.Equal(0, logProbs[1].item<float>(), 1e-6);
        Assert.Equal(Math.Log(4), entropy[0].item<float>(), 1e-6);
        Assert.Equal(0, entropy[1].item<float>(), 1e-6);
    }

    // 2^24 logits are kept for the backward pass; of the largest vocabulary some rows exist at a time.
    [Theory]
    [InlineData(37, 6, 50, true, ScalarType.Float32, 1)]
    [InlineData(37, 6, 50, false, ScalarType.Float32, 1)]
    [InlineData(37, 6, 50, true, ScalarType.Float32, 0.5)]
    [InlineData(150, 4, 150_000, true, ScalarType.Float32, 1)]
    [InlineData(150, 4, 150_000, true, ScalarType.Float32, 1.5)]
    [InlineData(40, 32, 700, true, ScalarType.BFloat16, 1)]
    [InlineData(40, 32, 700, true, ScalarType.BFloat16, 0.5)]
    public void Kernels_ValuesEntropiesAndGradients_AreThoseOfLibtorch(
        int rows, int width, int vocabulary, bool withBias, ScalarType dtype, float scale)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var hidden = randn([rows, width], generator: generator).to(dtype).requires_grad_();
        var weight = randn([vocabulary, width], generator: generator).to(dtype).requires_grad_();
        var bias = withBias ? randn([vocabulary], generator: generator).to(dtype).requires_grad_() : null;
        var targets = randint(vocabulary, [rows], generator: generator);
        var upstream = randn([rows], generator: generator);
        var (entropy, expectedEntropy) = (empty(rows), empty(rows));
        using var packed = Pack(weight);

        var own = HeadKernels.LogProbs(hidden, new HeadKernels.Head(weight, bias, packed), targets, entropy, scale);
        own.backward([upstream]);
        var gradients = Take();
        var expected = TokenLogProbs.Gather(hidden, weight, bias, targets, entropy: expectedEntropy, scale: scale);
        expected.backward([upstream]);

        Assert.InRange((own - expected).abs().max().item<float>(), 0, 1e-5 * Math.Max(1, scale));
        Assert.InRange((entropy - expectedEntropy).abs().max().item<float>(), 0, 2e-5);
        var tolerance = dtype == ScalarType.Float32 ? 1e-5 * Math.Max(1, scale) : 4e-3;
        foreach (var (mine, theirs) in gradients.Zip(Take()))
        {
            Assert.InRange(((mine - theirs).norm() / theirs.norm()).item<float>(), 0, tolerance);
        }

        Tensor[] Take() => [.. new[] { hidden, weight, bias }.OfType<Tensor>().Select(t =>
        {
            var copy = t.grad!.to(ScalarType.Float32).clone();
            t.grad!.zero_();
            return copy;
        })];
    }

    private static unsafe PackedWeight Pack(Tensor weight)
    {
        var (outputs, depth) = ((int)weight.shape[0], (int)weight.shape[1]);
        return weight.dtype == ScalarType.Float32
            ? PackedWeight.From(TensorMemory.Pointer<float>(weight), outputs, depth, depth, 1)
            : PackedWeight.From(TensorMemory.Pointer<ushort>(weight), outputs, depth, depth, 1);
    }
}
