namespace Reft.Tests.Numerics;

/// <summary>Derivatives by definition, in double.</summary>
internal static class FiniteDifferences
{
    /// <summary>
    /// Central differences of a function at a point, by every coordinate. With steps of 1e-5 the rest of the series is below
    /// 1e-9 and the rounding of doubles about 1e-10, for functions and derivatives of order 1.
    /// </summary>
    public static double[] Of(Func<double[], double> function, double[] at, double step = 1e-5) =>
        [.. Enumerable.Range(0, at.Length).Select(i =>
            (function(Moved(at, i, step)) - function(Moved(at, i, -step))) / (2 * step))];

    /// <summary>Fails unless every pair is within an absolute distance.</summary>
    public static void AssertNear(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double tolerance)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual[i]) <= tolerance, // NaN fails too.
                $"entry {i}: {expected[i]} expected, {actual[i]} found, {tolerance} allowed");
        }
    }

    public static double[] Wide(float[] values) => [.. values.Select(v => (double)v)];

    private static double[] Moved(double[] at, int index, double step)
    {
        var moved = at.ToArray();
        moved[index] += step;
        return moved;
    }
}
