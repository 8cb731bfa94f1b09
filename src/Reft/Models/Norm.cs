using Reft.Numerics;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>A norm over the last dimension; statistics are float32 whatever the dtype.</summary>
/// <param name="kind">Which norm.</param>
/// <param name="weight">w [width]; null for none.</param>
/// <param name="bias">b [width]; null for none.</param>
/// <param name="epsilon">Is added to the mean square, or the variance.</param>
/// <param name="width">The last dimension.</param>
/// <param name="aroundOne">Whether a root mean square norm multiplies by 1 + w, not w.</param>
internal sealed class Norm(NormKind kind, Parameter? weight, Parameter? bias, double epsilon, int width, bool aroundOne)
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
        return aroundOne ? AroundOne(x, scale) : RootMeanSquare(x, scale);
    }

    private Tensor RootMeanSquare(Tensor x, Tensor scale)
    {
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

    /// <summary>The result is rounded once: 1 + w has more digits than a bfloat16 keeps.</summary>
    private Tensor AroundOne(Tensor x, Tensor offset)
    {
        using var scope = NewDisposeScope();
        if (x.dtype == ScalarType.Float32)
        {
            return RootMeanSquare(x, offset.Plus(1)).MoveToOuterDisposeScope();
        }

        var wide = x.to(ScalarType.Float32);
        var scale = offset.to(ScalarType.Float32).Plus(1);
        return RootMeanSquare(wide, scale).to(x.dtype).MoveToOuterDisposeScope();
    }
}
