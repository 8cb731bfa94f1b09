using Reft.Numerics;
using Reft.Numerics.Kernels;
using Reft.Tests.Numerics;
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
    [InlineData(120, 4, 150_000, true, ScalarType.Float32, 1)]
    [InlineData(120, 4, 150_000, true, ScalarType.Float32, 1.5)]
    [InlineData(40, 32, 700, true, ScalarType.BFloat16, 1)]
    [InlineData(40, 32, 700, true, ScalarType.BFloat16, 0.5)]
    public void LogProbs_ValuesEntropiesAndGradients_AreThoseOfFloat64(
        int rows, int width, int vocabulary, bool withBias, ScalarType dtype, float scale)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var hidden = randn([rows, width], generator: generator).to(dtype).requires_grad_();
        var weight = randn([vocabulary, width], generator: generator).to(dtype).requires_grad_();
        var bias = withBias ? randn([vocabulary], generator: generator).to(dtype).requires_grad_() : null;
        var targets = randint(vocabulary, [rows], generator: generator);
        var upstream = randn([rows], generator: generator);
        var exact = new ExactLogProbs(hidden, weight, bias, targets, upstream, scale, Float32Bounds.Likely);
        using var packed = Pack(weight);

        var entropy = empty(rows);
        var kernels = HeadKernels.LogProbs(hidden, new HeadKernels.Head(weight, bias, packed), targets, entropy, scale);
        kernels.backward([upstream]);
        exact.AssertNear("kernels", kernels, entropy, Take());
        var elsewhere = TokenLogProbs.Gather(hidden, weight, bias, targets, entropy: entropy, scale: scale);
        elsewhere.backward([upstream]);
        // libtorch's sums over a large vocabulary are worse than random roundings: twice the bound above was seen.
        exact = new ExactLogProbs(hidden, weight, bias, targets, upstream, scale, Float32Bounds.Worst);
        exact.AssertNear("libtorch", elsewhere, entropy, Take());

        Tensor?[] Take() => [.. new[] { hidden, weight, bias }.Select(t =>
        {
            var copy = t?.grad!.to(ScalarType.Float64).clone();
            t?.grad!.zero_();
            return copy;
        })];
    }

    /// <summary>
    /// Log-probabilities, entropies and gradients in float64, each with how far float32 sums of their lengths may lead from
    /// them; what is rounded before a sum goes through it.
    /// </summary>
    private sealed class ExactLogProbs
    {
        private const double Unit = Float32Bounds.Unit;
        private readonly (Tensor Value, Tensor Bound) _logProbs;
        private readonly (Tensor Value, Tensor Bound) _entropies;
        private readonly (Tensor Value, Tensor Bound)[] _gradients;

        public ExactLogProbs(Tensor hidden, Tensor weight, Tensor? bias, Tensor targets, Tensor upstream, double scale, Func<long, double> error)
        {
            using var frozen = no_grad();
            var (h, w) = (hidden.detach().to(ScalarType.Float64), weight.detach().to(ScalarType.Float64));
            var b = bias is null ? zeros(w.shape[0], dtype: ScalarType.Float64) : bias.detach().to(ScalarType.Float64);
            var up = upstream.to(ScalarType.Float64).unsqueeze(1);
            var (width, vocabulary, rows) = (h.shape[1], w.shape[0], h.shape[0]);
            var logits = (h.mm(w.t()) + b) * scale;
            var logs = logits.log_softmax(1);
            var p = logs.exp();
            // How far a logit may be off, and with it the logarithm of a probability, which also has some roundings of its own.
            var logitBound = ((h.abs().mm(w.abs().t()) * error(width)) + ((b.abs() + logits.abs()) * Unit)) * (scale * 2);
            var off = logitBound.amax([1], keepdim: true) * 2 + logs.gather(1, targets.unsqueeze(1)).abs() * (4 * Unit) + (8 * Unit);
            _logProbs = (logs.gather(1, targets.unsqueeze(1)).squeeze(1), off.squeeze(1));
            var mean = (p * logs.abs()).sum(1);
            _entropies = (mean, (off.squeeze(1) * (mean + 1)) + (mean * error(vocabulary)));
            var chosen = zeros_like(p).scatter_(1, targets.unsqueeze(1), ones(rows, 1, dtype: ScalarType.Float64));
            var slopes = (chosen - p) * up * scale;
            // A slope is off by as much as its probability is, relatively.
            var slopeBound = (p * (off + (4 * Unit)) + (slopes.abs() / (up.abs() * scale) * 2 * Unit)) * up.abs() * scale;
            var (overVocabulary, overRows) = (error(vocabulary), error(rows));
            // A gradient is rounded once more, to the dtype it is for.
            var last = Float32Bounds.UnitOf(weight.dtype);
            _gradients =
            [
                Rounded(slopes.mm(w), slopeBound.mm(w.abs()) + (slopes.abs().mm(w.abs()) * overVocabulary)),
                Rounded(slopes.t().mm(h), slopeBound.t().mm(h.abs()) + (slopes.abs().t().mm(h.abs()) * overRows)),
                Rounded(slopes.sum([0]), slopeBound.sum([0]) + (slopes.abs().sum([0]) * overRows)),
            ];

            (Tensor Value, Tensor Bound) Rounded(Tensor value, Tensor bound) => (value, bound + (value.abs() * last));
        }

        public void AssertNear(string whose, Tensor logProbs, Tensor entropies, Tensor?[] gradients)
        {
            Float32Bounds.AssertWithin($"{whose}: log-probabilities", logProbs, _logProbs.Value, _logProbs.Bound);
            Float32Bounds.AssertWithin($"{whose}: entropies", entropies, _entropies.Value, _entropies.Bound);
            foreach (var ((gradient, exact), i) in gradients.Zip(_gradients).Select((pair, i) => (pair, i)))
            {
                if (gradient is not null)
                {
                    Float32Bounds.AssertWithin($"{whose}: gradient {i}", gradient, exact.Value, exact.Bound);
                }
            }
        }
    }

    private static unsafe PackedWeight Pack(Tensor weight)
    {
        var (outputs, depth) = ((int)weight.shape[0], (int)weight.shape[1]);
        return weight.dtype == ScalarType.Float32
            ? PackedWeight.From(TensorMemory.Pointer<float>(weight), outputs, depth, depth, 1)
            : PackedWeight.From(TensorMemory.Pointer<ushort>(weight), outputs, depth, depth, 1);
    }
}
