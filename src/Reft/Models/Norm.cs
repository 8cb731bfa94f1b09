using Reft.Numerics;
using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>A norm over the last dimension; statistics are float32 whatever the dtype.</summary>
/// <param name="numerics">The operations.</param>
/// <param name="kind">Which norm.</param>
/// <param name="weight">w [width]; null for none.</param>
/// <param name="bias">b [width]; null for none.</param>
/// <param name="epsilon">Is added to the mean square, or the variance.</param>
/// <param name="aroundOne">Whether a root mean square norm multiplies by 1 + w, not w.</param>
internal sealed class Norm(
    INumericBackend numerics, NormKind kind, Parameter? weight, Parameter? bias, double epsilon, bool aroundOne)
{
    /// <summary>Normalises every row of x [.., width].</summary>
    public Tensor Forward(Tensor x)
    {
        if (kind == NormKind.Layer)
        {
            return numerics.LayerNorm(x, weight?.Value, bias?.Value, epsilon);
        }

        var scale = weight!.Value; // An RMS norm always has one.
        return aroundOne ? AroundOne(x, scale) : numerics.RmsNorm(x, scale, epsilon);
    }

    /// <summary>The result is rounded once: 1 + w has more digits than a bfloat16 keeps.</summary>
    private Tensor AroundOne(Tensor x, Tensor offset)
    {
        using var scope = NewDisposeScope();
        if (x.dtype == ScalarType.Float32)
        {
            return numerics.RmsNorm(x, offset.Plus(1), epsilon).MoveToOuterDisposeScope();
        }

        var wide = x.to(ScalarType.Float32);
        var scale = offset.to(ScalarType.Float32).Plus(1);
        return numerics.RmsNorm(wide, scale, epsilon).to(x.dtype).MoveToOuterDisposeScope();
    }
}
