using static TorchSharp.torch;

namespace Reft.Numerics.Kernels;

/// <summary>
/// Linear maps with gradients. Forwards they are the products of generation, to the last bit; the gradients of inputs and
/// weights are summed in float32 whatever the dtype, in one fixed order.
/// </summary>
internal static unsafe class TrainingProducts
{
    /// <summary>Whether these products can take a tensor.</summary>
    public static bool Accept(Tensor x) => TrainingKernels.Accept(x);

    /// <summary><c>x Wᵀ + b</c>.</summary>
    /// <param name="x">X [N, K].</param>
    /// <param name="weight">W [M, K], or [K, M] if transposed.</param>
    /// <param name="bias">b [M], or null.</param>
    /// <param name="packed">W, packed.</param>
    /// <param name="transposed">Whether W is stored [K, M].</param>
    /// <returns>Y [N, M].</returns>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias, PackedWeight packed, bool transposed)
    {
        using var none = empty(0);
        return LinearFunction.apply(x, weight, bias ?? none, packed, transposed);
    }

    /// <summary><c>x Wᵀ + b</c> for a small W, packed for this product alone, with gradients or without.</summary>
    /// <param name="x">X [N, K]; where these products do not take it, libtorch's do.</param>
    /// <param name="weight">W [M, K], of x's dtype.</param>
    /// <param name="bias">b [M], or null.</param>
    /// <returns>Y [N, M].</returns>
    public static Tensor Linear(Tensor x, Tensor weight, Tensor? bias)
    {
        if (!Accept(x))
        {
            return nn.functional.linear(x, weight, bias);
        }

        using var packed = PackedWeight.From(weight, 0, (int)weight.shape[0], (int)weight.shape[1], weight.shape[1], 1);
        return CpuKernels.Accept(x) ? CpuKernels.Linear(x, packed, bias) : Linear(x, weight, bias, packed, transposed: false);
    }

    /// <summary>The gradient of the input: dY W.</summary>
    /// <param name="upstream">dY [N, M], of the weight's dtype or float32.</param>
    /// <param name="weight">W [M, K], or [K, M] if transposed.</param>
    /// <param name="transposed">Whether W is stored [K, M].</param>
    /// <returns>dX [N, K], of the upstream's dtype.</returns>
    public static Tensor InputGradient(Tensor upstream, Tensor weight, bool transposed)
    {
        var (outputs, inputs) = ((int)upstream.shape[1], (int)(weight.numel() / upstream.shape[1]));
        var (outputStride, depthStride) = transposed ? ((long)outputs, 1L) : (1L, (long)inputs);
        using var packed = PackedWeight.From(weight, 0, inputs, outputs, outputStride, depthStride);
        return CpuKernels.Linear(upstream, packed, null);
    }

    /// <summary><c>Aᵀ B</c> in float32 [M, K], for A [N, M] and B [N, K].</summary>
    public static Tensor WeightGradient(Tensor a, Tensor b)
    {
        var sum = zeros(a.shape[1], b.shape[1]);
        AddWeightGradient(a, b, sum);
        return sum;
    }

    /// <summary><c>C += Aᵀ B</c> for A [N, M], B [N, K] and C [M, K] in float32.</summary>
    public static void AddWeightGradient(Tensor a, Tensor b, Tensor sum)
    {
        var (depth, rows, columns) = ((int)a.shape[0], (int)a.shape[1], (int)b.shape[1]);
        var target = TensorMemory.Pointer<float>(sum);
        if (a.dtype == ScalarType.Float32 && b.dtype == ScalarType.Float32)
        {
            OuterProduct.Add<float, Single32, float, Single32>(
                CpuKernels.Workers, TensorMemory.Pointer<float>(a), TensorMemory.Pointer<float>(b), depth, rows, columns, target);
        }
        else if (a.dtype == ScalarType.Float32)
        {
            OuterProduct.Add<float, Single32, ushort, Brain16>(
                CpuKernels.Workers, TensorMemory.Pointer<float>(a), TensorMemory.Pointer<ushort>(b), depth, rows, columns, target);
        }
        else
        {
            OuterProduct.Add<ushort, Brain16, ushort, Brain16>(
                CpuKernels.Workers, TensorMemory.Pointer<ushort>(a), TensorMemory.Pointer<ushort>(b), depth, rows, columns, target);
        }
    }

    private sealed class LinearFunction : autograd.SingleTensorFunction<LinearFunction>
    {
        public override string Name => "ReftLinear";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, weight, bias) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
            ctx.save_for_backward([x, weight]);
            ctx.save_data("transposed", vars[4]);
            ctx.save_data("input", x.requires_grad);
            ctx.save_data("weight", weight.requires_grad);
            ctx.save_data("bias", bias.requires_grad);
            return CpuKernels.Linear(x, (PackedWeight)vars[3], bias.numel() == 0 ? null : bias);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using var scope = NewDisposeScope();
            var saved = ctx.get_saved_variables();
            var (x, weight, transposed) = (saved[0], saved[1], (bool)ctx.get_data("transposed"));
            var upstream = grad_output.contiguous();
            Tensor? input = null, weights = null, bias = null;
            if ((bool)ctx.get_data("input"))
            {
                input = InputGradient(upstream, weight, transposed).MoveToOuterDisposeScope();
            }

            if ((bool)ctx.get_data("weight"))
            {
                weights = (transposed ? WeightGradient(x, upstream) : WeightGradient(upstream, x))
                    .to(weight.dtype).MoveToOuterDisposeScope();
            }

            if ((bool)ctx.get_data("bias"))
            {
                bias = TrainingKernels.ColumnSums(upstream).to(upstream.dtype).MoveToOuterDisposeScope();
            }

            return [input!, weights!, bias!, null!, null!]; // TorchSharp takes null for "no gradient".
        }
    }
}
