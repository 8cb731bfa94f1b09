using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Tests.Numerics.Kernels;

/// <summary>The products of training against float64, to within what float32 sums of their lengths allow.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed unsafe class TrainingProductsTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 50, 33)]
    [InlineData(64, 48, 16)]
    [InlineData(65, 97, 100)]
    [InlineData(1030, 17, 49)]
    [InlineData(2100, 130, 200)]
    public void Add_AnyShape_IsTheDoublePrecisionSum(int depth, int rows, int columns)
    {
        using var scope = NewDisposeScope();
        var a = tensor(KernelData.Singles(1, depth * rows), [depth, rows]);
        var b = tensor(KernelData.Singles(2, depth * columns), [depth, columns]);
        var expected = a.to(ScalarType.Float64).t().mm(b.to(ScalarType.Float64));
        var sizes = a.to(ScalarType.Float64).abs().t().mm(b.to(ScalarType.Float64).abs()) + 1;

        foreach (var threads in new[] { 1, 3 })
        {
            using var workers = new Workers(threads);
            var sum = ones(rows, columns);
            OuterProduct.Add<float, Single32, float, Single32>(
                workers, TensorMemory.Pointer<float>(a), TensorMemory.Pointer<float>(b), depth, rows, columns,
                TensorMemory.Pointer<float>(sum));

            Float32Bounds.AssertWithin("sum", sum, expected + 1, (sizes * Float32Bounds.Likely(depth)) + ((expected + 1).abs() * Float32Bounds.Unit));
        }
    }

    [Theory]
    [InlineData(ScalarType.Float32, false, true)]
    [InlineData(ScalarType.Float32, true, true)]
    [InlineData(ScalarType.Float32, true, false)]
    [InlineData(ScalarType.BFloat16, false, false)]
    [InlineData(ScalarType.BFloat16, true, true)]
    public void Linear_ValuesAndGradients_AreThoseOfFloat64(ScalarType dtype, bool transposed, bool withBias)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        const int Inputs = 53, Outputs = 70, Rows = 130;
        var x = randn([Rows, Inputs], generator: generator).to(dtype).requires_grad_();
        var weight = randn(transposed ? [Inputs, Outputs] : [Outputs, Inputs], generator: generator).to(dtype).requires_grad_();
        var bias = withBias ? randn([Outputs], generator: generator).to(dtype).requires_grad_() : null;
        var upstream = randn([Rows, Outputs], generator: generator).to(dtype);
        using var packed = Pack(weight, Outputs, Inputs, transposed);

        var own = TrainingProducts.Linear(x, weight, bias, packed, transposed);
        own.backward([upstream]);

        var map = transposed ? weight : weight.t();
        Float32Bounds.AssertProduct("values", own, x, map, bias);
        Float32Bounds.AssertProduct("input's gradient", x.grad!, upstream, map.t());
        var ofWeight = transposed ? weight.grad! : weight.grad!.t();
        Float32Bounds.AssertProduct("weight's gradient", ofWeight, x.t(), upstream);
        if (bias is not null)
        {
            Float32Bounds.AssertProduct("bias's gradient", bias.grad!.unsqueeze(0), ones(1, Rows), upstream);
        }
    }

    [Fact]
    public void Linear_FrozenWeight_GetsNoGradient()
    {
        using var scope = NewDisposeScope();
        var x = ones(4, 3).requires_grad_();
        var weight = ones(2, 3);
        using var packed = Pack(weight, 2, 3, transposed: false);

        TrainingProducts.Linear(x, weight, null, packed, transposed: false).sum().backward();

        Assert.Null(weight.grad);
        Assert.Equal(2, x.grad![3, 2].item<float>());
    }

    private static PackedWeight Pack(Tensor weight, int outputs, int inputs, bool transposed)
    {
        var (outputStride, depthStride) = transposed ? (1L, (long)outputs) : (inputs, 1L);
        return weight.dtype == ScalarType.Float32
            ? PackedWeight.From(TensorMemory.Pointer<float>(weight), outputs, inputs, outputStride, depthStride)
            : PackedWeight.From(TensorMemory.Pointer<ushort>(weight), outputs, inputs, outputStride, depthStride);
    }
}
