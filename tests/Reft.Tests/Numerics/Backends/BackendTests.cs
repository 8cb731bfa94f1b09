using Reft.Numerics;
using Reft.Numerics.Backends;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Tests.Numerics.Backends;

/// <summary>
/// libtorch's operators against the kernels, values and gradients. Float32 results of sums of n products differ by at most
/// n · 2⁻²⁴ of the sum of their sizes; bfloat16 ones besides by a rounding of 2⁻⁸ or two.
/// </summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class BackendTests
{
    private const double Single = 2e-5;
    private const double Brain = 3.0 / 256;

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Rows_AreTheTables(ScalarType dtype) =>
        Compare(dtype, [[9, 6]], (numerics, x) => numerics.Rows(x[0], new IndexList([3L, 0, 3, 8])));

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Norms_AreTheKernels(ScalarType dtype)
    {
        Compare(dtype, [[5, 48], [48]], (numerics, x) => numerics.RmsNorm(x[0], x[1], 1e-6));
        Compare(dtype, [[3, 4, 16], [16]], (numerics, x) => numerics.RmsNorm(x[0], x[1], 1e-6));
        Compare(dtype, [[5, 48], [48], [48]], (numerics, x) => numerics.LayerNorm(x[0], x[1], x[2], 1e-5));
    }

    [Theory]
    [InlineData(ScalarType.Float32, false, 8)]
    [InlineData(ScalarType.BFloat16, false, 8)]
    [InlineData(ScalarType.Float32, true, 8)]
    [InlineData(ScalarType.Float32, false, 4)]
    [InlineData(ScalarType.BFloat16, true, 4)]
    public void Rotate_IsTheKernels(ScalarType dtype, bool interleaved, int pairs)
    {
        using var scope = NewDisposeScope();
        var angles = rand(12, pairs);
        var rotation = new Rotation(angles.cos(), angles.sin(), interleaved);

        Compare(dtype, [[5, 3, 16]], (numerics, x) => numerics.Rotate(x[0].clone(), rotation, new IndexList([0L, 1, 11, 4, 4])));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void SiluAndSum_AreTheKernels(ScalarType dtype)
    {
        Compare(dtype, [[5, 33], [5, 33]], (numerics, x) => numerics.SiluMultiply(x[0], x[1]));
        Compare(dtype, [[5, 33], [5, 33]], (numerics, x) => numerics.Sum(x[0], x[1]));
    }

    [Theory]
    [InlineData(ScalarType.Float32, false)]
    [InlineData(ScalarType.BFloat16, false)]
    [InlineData(ScalarType.Float32, true)]
    [InlineData(ScalarType.BFloat16, true)]
    public void Linear_IsTheKernels(ScalarType dtype, bool transposed)
    {
        Compare(dtype, [[7, 24], transposed ? [24, 10] : [10, 24], [10]], (numerics, x) =>
        {
            using var packed = Pack(x[1], transposed);
            return numerics.Linear(x[0], new Map(x[1], x[2], transposed, packed));
        });
        Compare(dtype, [[7, 24], transposed ? [24, 10] : [10, 24]], gradients: false, of: (numerics, x) =>
        {
            using var packed = Pack(x[1], transposed);
            return numerics.Linear(x[0], new Map(x[1], null, transposed, packed), single: true);
        });
    }

    [Theory]
    [InlineData(ScalarType.Float32, 2, null, null)]
    [InlineData(ScalarType.BFloat16, 4, null, null)]
    [InlineData(ScalarType.Float32, 1, 3, null)]
    [InlineData(ScalarType.Float32, 2, 3, 1.5)]
    public void Attend_PackedSequences_IsTheKernels(ScalarType dtype, int groups, int? window, double? cap)
    {
        var scores = new ScoreShape(0.3, window, cap);

        Compare(dtype, [[13, 4, 8], [13, groups, 8], [13, groups, 8]], (numerics, x) =>
            numerics.Attend(x[0], x[1], x[2], scores, new SequenceLayout([5, 1, 3, 3, 1]), null));
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1f)]
    [InlineData(ScalarType.BFloat16, 1f)]
    [InlineData(ScalarType.Float32, 1 / 0.7f)]
    public void LogProbs_AreTheKernels(ScalarType dtype, float scale)
    {
        using var scope = NewDisposeScope();
        var targets = tensor([3L, 0, 18, 7, 7]);
        var entropies = new List<float[]>();

        Compare(dtype, [[5, 24], [19, 24], [19]], (numerics, x) =>
        {
            using var packed = Pack(x[1], transposed: false);
            var entropy = zeros(5);
            var logProbs = numerics.LogProbs(x[0], new Map(x[1], x[2], false, packed), targets, entropy, scale);
            entropies.Add(entropy.data<float>().ToArray());
            return logProbs;
        });

        Assert.Equal(4, entropies.Count);
        Assert.All(entropies, all => Assert.All(all.Zip(entropies[0]), pair => Assert.Equal(pair.Second, pair.First, 1e-4f)));
    }

    [Fact]
    public void Scripts_EveryOne_Compiles()
    {
        // The common ones run in every other test; those of GPUs have schemas here, and no kernels.
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var x = zeros(2, 1, 8, dtype: ScalarType.BFloat16);
        var bounds = tensor([0, 2]);

        foreach (var (name, arguments) in new (string, object[])[]
        {
            ("wide_product", [zeros(2, 3, dtype: ScalarType.BFloat16), zeros(3, 4, dtype: ScalarType.BFloat16)]),
            ("attend", [x, x, x, bounds, 2L, 1.0, -1L]),
            ("attend_cache", [x, x, x, bounds, bounds, tensor([1]), 2L, 1.0, -1L]),
        })
        {
            var error = Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => LibTorchScripts.CallOnGpu(name, arguments));
            Assert.Contains("CPU", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Determinism_OnAndOff_IsTaken()
    {
        Determinism.Set(on: true);
        var on = Determinism.IsOn;
        Determinism.Set(on: false);

        Assert.True(on);
        Assert.False(Determinism.IsOn);
    }

    /// <summary>Runs an operation by both backends, on the same numbers, without gradients and with.</summary>
    private static void Compare(
        ScalarType dtype, long[][] shapes, Func<INumericBackend, Tensor[], Tensor> of, bool gradients = true)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11, CPU);
        var values = shapes.Select(shape => randn(shape, generator: generator).to(dtype)).ToArray();
        var tolerance = dtype == ScalarType.Float32 ? Single : Brain;
        using (no_grad())
        {
            Near(of(KernelBackend.Instance, Copies(false)), of(LibraryBackend.Instance, Copies(false)), tolerance);
        }

        if (!gradients)
        {
            return;
        }

        var (own, library) = (Copies(true), Copies(true));
        var (a, b) = (of(KernelBackend.Instance, own), of(LibraryBackend.Instance, library));
        Near(a, b, tolerance);
        var upstream = randn(a.shape, generator: generator).to(a.dtype);
        a.backward([upstream]);
        b.backward([upstream]);
        foreach (var (x, y) in own.Zip(library))
        {
            Near(x.grad!, y.grad!, tolerance); // Every argument takes part.
            Assert.True(x.grad!.abs().max().to(ScalarType.Float32).item<float>() > 0);
        }

        Tensor[] Copies(bool required) => [.. values.Select(value => value.clone().requires_grad_(required))];
    }

    private static void Near(Tensor expected, Tensor actual, double tolerance)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        Assert.Equal(expected.dtype, actual.dtype);
        var (a, b) = (expected.detach().to(ScalarType.Float64), actual.detach().to(ScalarType.Float64));
        var size = a.abs().max().item<double>();
        Assert.InRange((a - b).abs().max().item<double>(), 0, tolerance * Math.Max(size, 1e-6));
    }

    private static PackedWeight Pack(Tensor weight, bool transposed)
    {
        using var own = weight.detach();
        var (outputs, depth) = transposed ? ((int)weight.shape[1], (int)weight.shape[0]) : ((int)weight.shape[0], (int)weight.shape[1]);
        return PackedWeight.From(own, 0, outputs, depth, transposed ? 1L : depth, transposed ? outputs : 1L);
    }

    private sealed record Map(Tensor Matrix, Tensor? Offset, bool IsTransposed, PackedWeight? Packed) : ILinearMap
    {
        public bool TakesFastest => false;
    }
}
