using Reft.Numerics.Backends;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// <c>x Wᵀ + b</c> for a frozen W in few bits: it is made whole for the product and again for the gradient of x, and never kept. The products are
/// those of the whole weight, to the bit.
/// </summary>
internal static class QuantizedProduct
{
    /// <summary>Y [N, out] of X [N, in].</summary>
    public static Tensor Linear(Tensor x, Projection projection, INumericBackend numerics) => is_grad_enabled() && x.requires_grad
        ? Function.apply(x, projection, numerics)
        : Forward(x, projection, numerics);

    private static Tensor Forward(Tensor x, Projection projection, INumericBackend numerics)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        var weight = projection.Matrix;
        using var packed = numerics is KernelBackend ? WeightPack.Pack(weight, projection.IsTransposed) : null;
        return numerics.Linear(x.contiguous(), new Whole(weight, projection.Offset, projection.IsTransposed, packed)).MoveToOuterDisposeScope();
    }

    private sealed record Whole(Tensor Matrix, Tensor? Offset, bool IsTransposed, PackedWeight? Packed) : ILinearMap
    {
        public bool TakesFastest => false;
    }

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => "ReftQuantizedLinear";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, projection, numerics) = ((Tensor)vars[0], (Projection)vars[1], (INumericBackend)vars[2]);
            ctx.save_data("projection", projection);
            ctx.save_data("numerics", numerics);
            return Forward(x, projection, numerics);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            var projection = (Projection)ctx.get_data("projection");
            var (upstream, weight) = (grad_output.contiguous(), projection.Matrix);
            var input = ctx.get_data("numerics") is KernelBackend && TrainingProducts.Accept(upstream)
                ? TrainingProducts.InputGradient(upstream, weight, projection.IsTransposed)
                : upstream.mm(projection.IsTransposed ? weight.t() : weight);
            return [input.MoveToOuterDisposeScope(), null!, null!]; // TorchSharp takes null for "no gradient".
        }
    }
}
