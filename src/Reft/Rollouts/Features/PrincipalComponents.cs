namespace Reft.Rollouts.Features;

/// <summary>Principal components by Jacobi's rotations: exact, in a fixed order, the same on any number of threads.</summary>
internal static class PrincipalComponents
{
    private const int MostSweeps = 60;

    /// <summary>
    /// The points' coordinates along the directions of greatest variance, centred, divided by one number so that their variances sum to 1. Directions
    /// without variance are left out; each points to where its greatest loading is positive.
    /// </summary>
    /// <param name="points">Points [N, D], D a few hundred at most.</param>
    /// <param name="most">The most directions, at least 1.</param>
    /// <returns>Coordinates [N, at most <paramref name="most"/>]; without columns where all points are the same.</returns>
    public static double[][] Of(double[][] points, int most)
    {
        if (points.Length == 0)
        {
            return [];
        }

        var width = points[0].Length;
        var mean = Enumerable.Range(0, width).Select(c => points.Average(point => point[c])).ToArray();
        var centred = points.Select(point => point.Select((value, c) => value - mean[c]).ToArray()).ToArray();
        var (values, vectors) = Eigen(Covariance(centred));
        var kept = Enumerable.Range(0, width).OrderByDescending(i => values[i]).ThenBy(i => i).Take(most)
            .Where(i => values[i] > 1e-10 * Math.Max(values.Max(), double.Epsilon) && values[i] > 1e-18).ToArray();
        var scale = 1 / Math.Sqrt(kept.Sum(i => values[i]));
        var signs = kept.Select(i => Enumerable.Range(0, width).Select(r => vectors[r][i]).MaxBy(Math.Abs) < 0 ? -scale : scale).ToArray();
        return [.. centred.Select(point => kept.Select((i, k) => signs[k] * Along(point, vectors, i)).ToArray())];
    }

    /// <summary>The eigenvalues of a symmetric matrix and its eigenvectors, as columns of an orthogonal matrix.</summary>
    internal static (double[] Values, double[][] Vectors) Eigen(double[][] matrix)
    {
        var n = matrix.Length;
        var a = matrix.Select(row => row.ToArray()).ToArray();
        // Rows of its transpose, so that a rotation reads memory in order.
        var v = Enumerable.Range(0, n).Select(r => Enumerable.Range(0, n).Select(c => r == c ? 1.0 : 0).ToArray()).ToArray();
        var whole = a.Sum(row => row.Sum(value => value * value));
        for (var sweep = 0; sweep < MostSweeps && OffDiagonal(a) > 1e-26 * whole; sweep++)
        {
            for (var p = 0; p < n - 1; p++)
            {
                for (var q = p + 1; q < n; q++)
                {
                    Rotate(a, v, p, q);
                }
            }
        }

        return ([.. a.Select((row, i) => row[i])], [.. Enumerable.Range(0, n).Select(r => v.Select(vector => vector[r]).ToArray())]);
    }

    private static double Along(double[] point, double[][] vectors, int direction)
    {
        var sum = 0.0;
        for (var c = 0; c < point.Length; c++)
        {
            sum += point[c] * vectors[c][direction];
        }

        return sum;
    }

    private static double[][] Covariance(double[][] centred)
    {
        var width = centred[0].Length;
        var sums = Enumerable.Range(0, width).Select(_ => new double[width]).ToArray();
        foreach (var point in centred)
        {
            for (var r = 0; r < width; r++)
            {
                if (point[r] != 0)
                {
                    for (var c = 0; c < width; c++)
                    {
                        sums[r][c] += point[r] * point[c];
                    }
                }
            }
        }

        return [.. sums.Select(row => row.Select(value => value / centred.Length).ToArray())];
    }

    private static double OffDiagonal(double[][] a) => a.Select((row, r) => row.Where((_, c) => c != r).Sum(value => value * value)).Sum();

    /// <summary>Golub and Van Loan, algorithm 8.5.1: the rotation that makes a[p, q] zero.</summary>
    private static void Rotate(double[][] a, double[][] v, int p, int q)
    {
        if (a[p][q] == 0)
        {
            return;
        }

        var tau = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        var t = (tau >= 0 ? 1 : -1) / (Math.Abs(tau) + Math.Sqrt(1 + (tau * tau)));
        var c = 1 / Math.Sqrt(1 + (t * t));
        var s = t * c;
        for (var k = 0; k < a.Length; k++)
        {
            (a[k][p], a[k][q]) = ((c * a[k][p]) - (s * a[k][q]), (s * a[k][p]) + (c * a[k][q]));
        }

        Turn(a[p], a[q], c, s);
        Turn(v[p], v[q], c, s);
        (a[p][q], a[q][p]) = (0, 0);
    }

    private static void Turn(double[] first, double[] second, double c, double s)
    {
        for (var k = 0; k < first.Length; k++)
        {
            (first[k], second[k]) = ((c * first[k]) - (s * second[k]), (s * first[k]) + (c * second[k]));
        }
    }
}
