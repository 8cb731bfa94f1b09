using static TorchSharp.torch;

namespace Reft.Numerics.Kernels;

/// <summary>Dropout with gradients on any device; no mask is kept, since the backward pass draws it again.</summary>
internal static class TrainingDropout
{
    /// <summary>Drops elements of x [N, D].</summary>
    /// <param name="x">X.</param>
    /// <param name="kernel">Drops.</param>
    /// <param name="keys">The rows' keys [N].</param>
    public static Tensor Apply(Tensor x, DropoutKernel kernel, ulong[] keys) => Function.apply(x, new Job(kernel, keys));

    private sealed record Job(DropoutKernel Kernel, ulong[] Keys)
    {
        public Tensor Drop(Tensor x)
        {
            using var scope = NewDisposeScope();
            if (!TrainingKernels.Accept(x))
            {
                return (x * Drop(ones(x.shape)).to(x.dtype).to(x.device)).MoveToOuterDisposeScope();
            }

            var dropped = x.clone();
            if (x.dtype == ScalarType.Float32)
            {
                Run<float, Single32>(dropped);
            }
            else
            {
                Run<ushort, Brain16>(dropped);
            }

            return dropped.MoveToOuterDisposeScope();
        }

        private unsafe void Run<T, TElement>(Tensor x)
            where T : unmanaged
            where TElement : IElement<T>
        {
            var data = TensorMemory.Pointer<T>(x);
            var width = (int)x.shape[1];
            CpuKernels.Workers.For(Keys.Length, n => Kernel.Apply<T, TElement>(data + ((long)n * width), width, 0, Keys[n]));
        }
    }

    private sealed class Function : autograd.SingleTensorFunction<Function>
    {
        public override string Name => "ReftDropout";

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("job", vars[1]);
            return ((Job)vars[1]).Drop((Tensor)vars[0]);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            using var scope = NewDisposeScope();
            var gradient = ((Job)ctx.get_data("job")).Drop(grad_output.contiguous());
            return [gradient.MoveToOuterDisposeScope(), null!]; // TorchSharp takes null for "no gradient".
        }
    }
}
