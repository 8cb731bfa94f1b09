using static TorchSharp.torch;

namespace Reft.Tests.Numerics;

/// <summary>
/// How far float32 may lead from the exact value, by the lengths of its sums: what a test may allow on any processor,
/// whatever order its libraries sum in.
/// </summary>
internal static class Float32Bounds
{
    /// <summary>Half a unit of the last place, relatively.</summary>
    public const double Unit = 1.0 / (1 << 24);

    // For all but 10⁻⁷ of sums.
    private const double Lambda = 6;

    /// <summary>
    /// The error of a sum of n terms over Σ|terms|: roundings are as good as random and add up to λ √n u (Higham and Mary 2019,
    /// A new approach to probabilistic rounding error analysis).
    /// </summary>
    public static double Likely(long terms) => Lambda * Math.Sqrt(terms) * Unit;

    /// <summary>The error of a sum of n terms over Σ|terms| whatever befalls: n u. For sums of libraries, whose terms may be all of one sign.</summary>
    public static double Worst(long terms) => terms * Unit;

    /// <summary>Half a unit of the last place of a dtype, relatively.</summary>
    public static double UnitOf(ScalarType dtype) => dtype == ScalarType.BFloat16 ? 1.0 / (1 << 8) : Unit;

    /// <summary>Fails where a result is further from the exact values than the bounds.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="actual">The result.</param>
    /// <param name="exact">The exact values, float64.</param>
    /// <param name="bound">How far each may be, float64.</param>
    public static void AssertWithin(string what, Tensor actual, Tensor exact, Tensor bound)
    {
        var worst = ((actual.detach().to(ScalarType.Float64) - exact).abs() / (bound + 1e-30)).max().item<double>();
        Assert.True(worst <= 1, $"{what}: off by {worst:g3} of what float32 allows"); // NaN fails too.
    }

    /// <summary>Fails where a product of matrices is further from the exact one than its sums allow.</summary>
    /// <param name="what">What it is.</param>
    /// <param name="actual">The product, rounded to its dtype.</param>
    /// <param name="a">A [N, K].</param>
    /// <param name="b">B [K, M].</param>
    /// <param name="offset">What is added [M]; null for nothing.</param>
    public static void AssertProduct(string what, Tensor actual, Tensor a, Tensor b, Tensor? offset = null)
    {
        using var scope = NewDisposeScope();
        var (x, y) = (a.detach().to(ScalarType.Float64), b.detach().to(ScalarType.Float64));
        var (exact, sum) = (x.mm(y), x.abs().mm(y.abs()));
        if (offset is not null)
        {
            exact = exact + offset.detach().to(ScalarType.Float64);
            sum = sum + offset.detach().to(ScalarType.Float64).abs();
        }

        AssertWithin(what, actual, exact, (sum * Likely(x.shape[1] + 1)) + (exact.abs() * UnitOf(actual.dtype)));
    }
}
