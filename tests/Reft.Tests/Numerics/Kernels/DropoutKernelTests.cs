using Reft.Numerics;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Tests.Numerics.Kernels;

public sealed unsafe class DropoutKernelTests
{
    private const int Rows = 600;
    private const int Width = 517;

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Apply_ManyRows_DropsItsShareAndKeepsTheExpectation(double rate)
    {
        var rows = Drop(rate, Rows, Width);
        var scale = (float)(1 / (1 - rate));

        Assert.All(rows.SelectMany(r => r), v => Assert.True(v == 0 || v == scale));
        var all = rows.SelectMany(r => r).ToArray();
        AssertShare(rate, all.Count(v => v == 0), all.Length);
        Assert.Equal(1, all.Average(), 6 * Math.Sqrt(rate / (1 - rate) / all.Length));
    }

    [Fact]
    public void Apply_NeighboursAndColumns_AreIndependent()
    {
        const double Rate = 0.3;
        var rows = Drop(Rate, Rows, Width);
        int[] gaps = [1, 2, 16, 32];

        foreach (var gap in gaps)
        {
            var pairs = rows.SelectMany(r => r.Zip(r.Skip(gap))).ToArray();
            AssertShare(Rate * Rate, pairs.Count(p => p is { First: 0, Second: 0 }), pairs.Length);
        }

        var below = rows.Zip(rows.Skip(1)).SelectMany(p => p.First.Zip(p.Second)).ToArray();
        AssertShare(Rate * Rate, below.Count(p => p is { First: 0, Second: 0 }), below.Length);
        for (var c = 0; c < Width; c++)
        {
            AssertShare(Rate, rows.Count(r => r[c] == 0), Rows, sigmas: 6);
        }
    }

    [Fact]
    public void Apply_APartOfARow_DropsWhatTheRowDrops()
    {
        var kernel = new DropoutKernel(0.4);
        var whole = Ones(100);
        var part = Ones(60);
        var brain = Enumerable.Repeat((ushort)0x3f80, 100).ToArray();
        fixed (float* w = whole, p = part)
        fixed (ushort* b = brain)
        {
            kernel.Apply<float, Single32>(w, 100, 0, 77);
            kernel.Apply<float, Single32>(p, 60, 33, 77);
            kernel.Apply<ushort, Brain16>(b, 100, 0, 77);
        }

        Assert.Equal(whole[33..93], part);
        Assert.Equal(whole.Select(v => v == 0), brain.Select(v => v == 0));
    }

    [Fact]
    public void Apply_RateZero_KeepsEverything()
    {
        var row = Ones(1000);
        fixed (float* r = row)
        {
            new DropoutKernel(0).Apply<float, Single32>(r, 1000, 0, 3);
        }

        Assert.All(row, v => Assert.Equal(1, v));
    }

    [Fact]
    public void Attend_WithDropout_IsTheDefinitionWithTheMaskedProbabilities()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(7, CPU);
        int[] lengths = [5, 75];
        var shape = new AttentionShape(4, 2, 16, 0.25f, int.MaxValue);
        var dropout = new AttentionDropout(new DropoutKernel(0.2), [11, 22]);
        var q = randn([80, 4, 16], generator: generator).requires_grad_();
        var k = randn([80, 2, 16], generator: generator).requires_grad_();
        var v = randn([80, 2, 16], generator: generator).requires_grad_();
        var upstream = randn([80, 64], generator: generator);

        var own = SequenceAttention.Attend(q, k, v, shape, lengths, dropout);
        own.backward([upstream]);
        var gradients = Take();
        var expected = cat([Definition(0, 0, 5), Definition(1, 5, 75)], 0);
        expected.backward([upstream.to(ScalarType.Float64)]);

        Assert.InRange(((own - expected).norm() / expected.norm()).item<double>(), 0, 2e-6);
        foreach (var (mine, theirs) in gradients.Zip(Take()))
        {
            Assert.InRange(((mine - theirs).norm() / theirs.norm()).item<float>(), 0, 4e-6);
        }

        Tensor[] Take() => [.. new[] { q, k, v }.Select(t =>
        {
            var copy = t.grad!.clone();
            t.grad!.zero_();
            return copy;
        })];

        Tensor Definition(int sequence, int first, int length)
        {
            var at = arange(length);
            var hidden = (at.unsqueeze(1) - at.unsqueeze(0)).lt(0);
            var weights = (Head(q, 1).matmul(Head(k, 2).transpose(1, 2)) * 0.25).masked_fill(hidden, double.NegativeInfinity).softmax(-1);
            return (weights * Mask(sequence, length)).matmul(Head(v, 2)).transpose(0, 1).reshape(length, -1);

            Tensor Head(Tensor t, long repeat) =>
                t.narrow(0, first, length).to(ScalarType.Float64).transpose(0, 1).repeat_interleave(repeat, dim: 0);
        }

        Tensor Mask(int sequence, int length)
        {
            var mask = Ones(4 * length * length);
            fixed (float* m = mask)
            {
                for (var row = 0; row < 4 * length; row++)
                {
                    dropout.Kernel.Apply<float, Single32>(
                        m + (row * length), length, 0, dropout.RowKey(sequence, row / length, row % length));
                }
            }

            Assert.Contains(0f, mask);
            return tensor(mask, [4, length, length]);
        }
    }

    private static float[][] Drop(double rate, int rows, int width)
    {
        var kernel = new DropoutKernel(rate);
        return [.. Enumerable.Range(0, rows).Select(r =>
        {
            var row = Ones(width);
            fixed (float* data = row)
            {
                kernel.Apply<float, Single32>(data, width, 0, CounterRandom.Hash(5, (ulong)r));
            }

            return row;
        })];
    }

    private static float[] Ones(int count) => [.. Enumerable.Repeat(1f, count)];

    /// <summary>A count of independent draws is within some standard deviations of its expectation.</summary>
    private static void AssertShare(double share, int hits, int draws, double sigmas = 5) =>
        Assert.InRange(Math.Abs(hits - (share * draws)), 0, sigmas * Math.Sqrt(draws * share * (1 - share)));
}
