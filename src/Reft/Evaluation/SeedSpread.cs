namespace Reft.Evaluation;

/// <summary>
/// A figure over training runs that differ in their seed alone. Its interval is about what another run would give; the
/// intervals of <see cref="Intervals"/> are about other problems, and neither holds the other.
/// </summary>
/// <param name="Mean">The mean over the runs.</param>
/// <param name="StandardDeviation">The sample standard deviation, with n − 1; null for one run.</param>
/// <param name="Low">The lower end of Student's 95% interval of the mean; null for one run.</param>
/// <param name="High">The upper end; null for one run.</param>
/// <param name="N">How many runs.</param>
internal sealed record SeedSpread(double Mean, double? StandardDeviation, double? Low, double? High, int N)
{
    private const double Confidence = 0.95;

    /// <summary><c>mean ± t · s/√n</c> with t from Student's distribution of n − 1 degrees of freedom.</summary>
    /// <param name="values">One figure a run; at least one.</param>
    public static SeedSpread Of(IReadOnlyList<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfZero(values.Count, nameof(values));
        var n = values.Count;
        var mean = values.Average();
        if (n == 1)
        {
            return new SeedSpread(mean, null, null, null, 1);
        }

        var deviation = Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (n - 1));
        var half = StudentQuantile(n - 1) * deviation / Math.Sqrt(n);
        return new SeedSpread(mean, deviation, mean - half, mean + half, n);
    }

    /// <summary>The t with <c>P(|T| &lt; t) = 0.95</c>.</summary>
    internal static double StudentQuantile(int freedom)
    {
        var (low, high) = (0.0, Math.PI / 2);
        for (var halving = 0; halving < 60; halving++)
        {
            var middle = (low + high) / 2;
            (low, high) = Within(middle, freedom) < Confidence ? (middle, high) : (low, middle);
        }

        return Math.Sqrt(freedom) * Math.Tan(low);
    }

    /// <summary>
    /// <c>P(|T| &lt; √ν tan θ)</c>, a finite sum for whole ν (Abramowitz and Stegun, 26.7.3 and 26.7.4;
    /// <see href="https://dlmf.nist.gov/8.17"/>).
    /// </summary>
    private static double Within(double theta, int freedom)
    {
        var (sine, cosine) = Math.SinCos(theta);
        var isOdd = freedom % 2 == 1;
        var term = isOdd ? cosine : 1.0;
        var sum = 0.0;
        for (var i = isOdd ? 1 : 0; i <= freedom - 2; i += 2)
        {
            sum += term;
            term *= cosine * cosine * (i + 1) / (i + 2);
        }

        return isOdd ? 2 / Math.PI * (theta + (sine * sum)) : sine * sum;
    }
}
