using System.Runtime.Intrinsics;
using Reft.Numerics.Kernels;

namespace Reft.Tests.Numerics.Kernels;

public sealed class ExponentialTests
{
    [Fact]
    public void Of_WholeRange_IsWithinTwoUnitsOfTheLastPlace()
    {
        var worst = 0.0;
        for (var x = -87f; x < 88.7f; x += 0.00037f)
        {
            var exact = Math.Exp(x);
            var unit = (double)MathF.BitIncrement((float)exact) - (float)exact;
            worst = Math.Max(worst, Math.Abs(Of(x) - exact) / unit);
        }

        Assert.InRange(worst, 0, 2);
    }

    [Theory]
    [InlineData(float.NegativeInfinity, 0f)]
    [InlineData(-1e30f, 0f)]
    [InlineData(-105f, 0f)]
    [InlineData(0f, 1f)]
    [InlineData(88.8f, float.PositiveInfinity)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NaN, float.NaN)]
    public void Of_EdgeCase_IsExact(float x, float expected) => Assert.Equal(expected, Of(x));

    [Fact]
    public void Of_Subnormals_AreNear()
    {
        for (var x = -103f; x < -87.4f; x += 0.1f)
        {
            Assert.Equal(Math.Exp(x), Of(x), 2e-45);
        }
    }

    private static float Of(float x) => Exponential.Of(Vector512.Create(x))[3];
}
