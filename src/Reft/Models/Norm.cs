using Reft.Numerics;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>A norm over the last dimension; statistics are float32 whatever the dtype.</summary>
internal sealed class Norm(NormKind kind, Parameter? weight, Parameter? bias, double epsilon, int width)
{
    /// <summary>Normalises every row of x [.., width].</summary>
    public Tensor Forward(Tensor x)
    {
        if (kind == NormKind.Layer)
        {
            return is_grad_enabled() && TrainingKernels.Accept(x)
                ? TrainingKernels.LayerNorm(x, weight?.Value, bias?.Value, epsilon)
                : nn.functional.layer_norm(x, [width], weight?.Value, bias?.Value, epsilon);
        }

        var scale = weight!.Value; // An RMS norm always has one.
        if (CpuKernels.Accept(x))
        {
            return CpuKernels.RmsNorm(x, scale, epsilon);
        }

        if (TrainingKernels.Accept(x))
        {
            return TrainingKernels.RmsNorm(x, scale, epsilon);
        }

        using var scope = NewDisposeScope();
        var wide = x.to(ScalarType.Float32);
        var mean = wide.Power(2).mean([-1L], keepdim: true);
        return (scale * (wide * rsqrt(mean.Plus(epsilon))).to(x.dtype)).MoveToOuterDisposeScope();
    }
}
