namespace Reft.Rollouts.Features;

/// <summary>What an <see cref="OrdinalRegression"/> is fitted with.</summary>
internal sealed record OrdinalRegressionOptions
{
    /// <summary>C, what a violated margin costs beside the weights' length, above 0.</summary>
    public double Penalty { get; init; } = 1;

    /// <summary>p in (0, 2], the power of the length of an example's violations.</summary>
    public double Power { get; init; } = 2;

    /// <summary>ε, the most that an example costs, above 0; null for no limit, the plain machine.</summary>
    public double? Cap { get; init; } = 4;
}

/// <summary>
/// Linear ordinal regression with a capped loss (CSVOR, <see href="https://arxiv.org/abs/2404.16616"/>): a score <c>w·x</c> and parallel thresholds b, all of which an
/// example of level y has to be on the right side of, with a margin: <c>ξ_j = max(0, 1 - s_j (w·x - b_j))</c>, <c>s_j = ±1</c> as y lies above threshold j or
/// not. What is minimised is <c>½‖w‖² + C Σ_i min(‖ξ_i‖₂^p, ε)</c>, by weighing examples again and again: one beyond the cap has the weight 0, so that a
/// wrong label stops to count. Of the paper only a summary was at hand; that the norm inside is the Euclidean one, and ε, are guesses.
/// </summary>
/// <param name="Weights">w [D].</param>
/// <param name="Thresholds">b [levels - 1].</param>
/// <param name="Counted">The weight of every example in the last round, 0 for an outlier.</param>
/// <param name="Objectives">What is minimised, after every round; it never rises.</param>
internal sealed record OrdinalRegression(double[] Weights, double[] Thresholds, double[] Counted, IReadOnlyList<double> Objectives)
{
    private const int MostRounds = 100;
    private const int MostNewtonSteps = 200;

    // Rounds the corner of ‖ξ‖^p with p < 2, whose slope has no bound at 0; nothing for p = 2.
    private const double Corner = 1e-6;

    // Keeps thresholds that no example needs where they are, and the system of equations solvable.
    private const double ThresholdRidge = 1e-8;

    /// <summary>The score of a point, the greater the higher its level.</summary>
    public double Score(double[] point)
    {
        var sum = 0.0;
        for (var c = 0; c < Weights.Length; c++)
        {
            sum += Weights[c] * point[c];
        }

        return sum;
    }

    /// <summary>The level of a point: how many thresholds its score is above.</summary>
    public int Level(double[] point)
    {
        var score = Score(point);
        return Thresholds.Count(threshold => score > threshold);
    }

    /// <summary>Fits the model.</summary>
    /// <param name="points">Points [N, D].</param>
    /// <param name="levels">The level of each, in [0, <paramref name="count"/>).</param>
    /// <param name="count">How many levels there are, at least 2.</param>
    /// <param name="options">The loss.</param>
    public static OrdinalRegression Fit(double[][] points, int[] levels, int count, OrdinalRegressionOptions options)
    {
        var data = new Data(points, levels, points[0].Length, count - 1, options);
        var counted = points.Select(_ => 1.0).ToArray();
        var solution = Solve(data, counted, new double[data.Width + data.Cuts]);
        var objectives = new List<double> { data.Objective(solution) };
        for (var round = 0; round < MostRounds; round++)
        {
            var next = data.Slopes(solution);
            if (next.SequenceEqual(counted))
            {
                break;
            }

            counted = next;
            solution = Solve(data, counted, solution);
            objectives.Add(data.Objective(solution));
            if (options.Power != 2 && objectives[^2] - objectives[^1] <= 1e-12 * Math.Abs(objectives[^2]))
            {
                break; // Below 2 weights come ever nearer and need not settle.
            }
        }

        return new OrdinalRegression(solution[..data.Width], solution[data.Width..], counted, objectives);
    }

    /// <summary>
    /// The minimum of <c>½‖w‖² + C Σ_i d_i ‖ξ_i‖²</c> by Newton's method with halved steps: the function is convex and piecewise quadratic, so that few are needed.
    /// </summary>
    private static double[] Solve(Data data, double[] counted, double[] start)
    {
        var at = start;
        var value = data.Weighed(at, counted);
        for (var step = 0; step < MostNewtonSteps; step++)
        {
            var (gradient, curvature) = data.Derivatives(at, counted);
            if (gradient.Max(Math.Abs) <= 1e-10)
            {
                break;
            }

            var move = Cholesky(curvature, gradient);
            var (length, slope) = (1.0, gradient.Zip(move, (g, m) => g * m).Sum());
            var (next, lower) = Try(length);
            while (lower > value - (1e-4 * length * slope) && length > 1e-12)
            {
                length /= 2;
                (next, lower) = Try(length);
            }

            if (lower >= value)
            {
                break; // What is left is rounding.
            }

            (at, value) = (next, lower);

            (double[] Next, double Value) Try(double share)
            {
                double[] moved = [.. at.Zip(move, (a, m) => a - (share * m))];
                return (moved, data.Weighed(moved, counted));
            }
        }

        return at;
    }

    /// <summary>Solves A x = b for a positive definite A.</summary>
    internal static double[] Cholesky(double[][] matrix, double[] right)
    {
        var n = right.Length;
        var lower = matrix.Select(row => row.ToArray()).ToArray();
        for (var r = 0; r < n; r++)
        {
            for (var c = 0; c <= r; c++)
            {
                var sum = lower[r][c];
                for (var k = 0; k < c; k++)
                {
                    sum -= lower[r][k] * lower[c][k];
                }

                lower[r][c] = r == c ? Math.Sqrt(sum) : sum / lower[c][c];
            }
        }

        var x = right.ToArray();
        for (var r = 0; r < n; r++)
        {
            for (var k = 0; k < r; k++)
            {
                x[r] -= lower[r][k] * x[k];
            }

            x[r] /= lower[r][r];
        }

        for (var r = n - 1; r >= 0; r--)
        {
            for (var k = r + 1; k < n; k++)
            {
                x[r] -= lower[k][r] * x[k];
            }

            x[r] /= lower[r][r];
        }

        return x;
    }

    /// <summary>The examples; a solution is w and then b.</summary>
    private sealed record Data(double[][] Points, int[] Levels, int Width, int Cuts, OrdinalRegressionOptions Options)
    {
        public double Objective(double[] solution) =>
            Ridge(solution) + (Options.Penalty * Points.Select((_, i) => Math.Min(Cost(Squared(solution, i)), Options.Cap ?? double.PositiveInfinity)).Sum());

        public double Weighed(double[] solution, double[] counted) =>
            Ridge(solution) + (Options.Penalty * Points.Select((_, i) => counted[i] == 0 ? 0 : counted[i] * Squared(solution, i)).Sum());

        /// <summary>The slope of every example's capped cost in ‖ξ‖²: the parabola through it lies above the cost, which is concave in ‖ξ‖².</summary>
        public double[] Slopes(double[] solution) => [.. Points.Select((_, i) =>
        {
            var squared = Squared(solution, i);
            return Cost(squared) > Options.Cap ? 0 : Options.Power / 2 * Math.Pow(squared + CornerOf, (Options.Power / 2) - 1);
        })];

        public (double[] Gradient, double[][] Curvature) Derivatives(double[] solution, double[] counted)
        {
            var gradient = solution.Select((value, c) => RidgeOf(c) * value).ToArray();
            var curvature = solution.Select((_, r) => solution.Select((_, c) => r == c ? RidgeOf(r) : 0).ToArray()).ToArray();
            for (var i = 0; i < Points.Length; i++)
            {
                var (scale, score, pull, active) = (2 * Options.Penalty * counted[i], Score(solution, i), 0.0, 0);
                for (var j = 0; scale > 0 && j < Cuts; j++)
                {
                    if (Violation(solution, i, j, score) is > 0 and var violation)
                    {
                        var (sign, b) = (Sign(i, j), Width + j);
                        gradient[b] += scale * sign * violation;
                        curvature[b][b] += scale;
                        (pull, active) = (pull + (sign * violation), active + 1);
                        for (var c = 0; c < Width; c++)
                        {
                            curvature[b][c] -= scale * Points[i][c];
                        }
                    }
                }

                for (var r = 0; active > 0 && r < Width; r++)
                {
                    gradient[r] -= scale * pull * Points[i][r];
                    for (var c = 0; c <= r; c++)
                    {
                        curvature[r][c] += scale * active * Points[i][r] * Points[i][c];
                    }
                }
            }

            return (gradient, curvature); // Its lower half; the factorisation reads no more.
        }

        private double CornerOf => Options.Power == 2 ? 0 : Corner;

        private double Cost(double squared) => Math.Pow(squared + CornerOf, Options.Power / 2) - Math.Pow(CornerOf, Options.Power / 2);

        private double RidgeOf(int place) => place < Width ? 1 : ThresholdRidge;

        private double Ridge(double[] solution) => 0.5 * solution.Select((value, c) => RidgeOf(c) * value * value).Sum();

        private int Sign(int i, int j) => Levels[i] > j ? 1 : -1;

        private double Violation(double[] solution, int i, int j, double score) => 1 - (Sign(i, j) * (score - solution[Width + j]));

        private double Score(double[] solution, int i)
        {
            var sum = 0.0;
            for (var c = 0; c < Width; c++)
            {
                sum += solution[c] * Points[i][c];
            }

            return sum;
        }

        private double Squared(double[] solution, int i)
        {
            var (score, sum) = (Score(solution, i), 0.0);
            for (var j = 0; j < Cuts; j++)
            {
                if (Violation(solution, i, j, score) is > 0 and var violation)
                {
                    sum += violation * violation;
                }
            }

            return sum;
        }
    }
}
