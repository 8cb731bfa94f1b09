using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// A layer that keeps only its input for the backward pass and computes the rest again there
/// (<see href="https://arxiv.org/abs/1604.06174"/>): memory for time, and the same gradients to the last bit.
/// </summary>
internal static class RecomputedLayer
{
    /// <summary>The layer's result for the residual stream x [N, D].</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="x">Its input; taken for one that requires gradients, since the layer's parameters may need them.</param>
    /// <param name="pass">The forward pass.</param>
    public static Tensor Forward(DecoderLayer layer, Tensor x, LayerPass pass)
    {
        using var scope = NewDisposeScope();
        // The graph knows of x alone: without a gradient for it the layer's parameters would get none.
        var input = x.requires_grad ? x : x.detach().requires_grad_();
        return Function.apply(input, layer, pass).MoveToOuterDisposeScope();
    }

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => "ReftRecomputedLayer";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (x, layer, pass) = ((Tensor)vars[0], (DecoderLayer)vars[1], (LayerPass)vars[2]);
            ctx.save_for_backward([x]);
            ctx.save_data("layer", layer);
            ctx.save_data("pass", pass);
            using var scope = NewDisposeScope();
            // With gradients, as in the backward pass: the choice of kernels depends on it. This graph ends here.
            using var recorded = enable_grad();
            return layer.Forward(x.detach(), pass).detach().MoveToOuterDisposeScope();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var (layer, pass) = ((DecoderLayer)ctx.get_data("layer"), (LayerPass)ctx.get_data("pass"));
            using var scope = NewDisposeScope();
            using var recorded = enable_grad();
            var x = ctx.get_saved_variables()[0].detach().requires_grad_();
            layer.Forward(x, pass).backward([grad_output]); // The parameters' gradients are added to in here.
            var gradient = x.grad ?? throw new InvalidOperationException("a layer's result does not depend on its input");
            return [gradient.MoveToOuterDisposeScope(), null!, null!]; // TorchSharp takes null for "no gradient".
        }
    }
}
