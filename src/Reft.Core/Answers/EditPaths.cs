namespace Reft.Answers;

/// <summary>What an edit does.</summary>
internal enum EditKind
{
    /// <summary>Takes a token as it is.</summary>
    Keep,

    /// <summary>Leaves a token out.</summary>
    Delete,

    /// <summary>Puts a token of the target in.</summary>
    Insert,

    /// <summary>Puts a token of the target in the place of another one.</summary>
    Substitute,
}

/// <summary>One edit on the way from a source to a target.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Source">How many tokens of the source are behind it.</param>
/// <param name="Target">How many tokens of the target are there before it.</param>
internal readonly record struct EditStep(EditKind Kind, int Source, int Target);

/// <summary>
/// Ways from one sequence to another by keeping, deleting, inserting and substituting (RISE, ACL 2021): the Levenshtein distance, and the distribution of
/// ways that a model of edits has where it is conditioned on arriving.
/// </summary>
internal static class EditPaths
{
    /// <summary>The least number of deletions, insertions and substitutions.</summary>
    public static int Distance<T>(IReadOnlyList<T> source, IReadOnlyList<T> target)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        var equal = EqualityComparer<T>.Default;
        var before = Enumerable.Range(0, target.Count + 1).ToArray();
        for (var i = 1; i <= source.Count; i++)
        {
            var row = new int[target.Count + 1];
            row[0] = i;
            for (var j = 1; j <= target.Count; j++)
            {
                var aligned = before[j - 1] + (equal.Equals(source[i - 1], target[j - 1]) ? 0 : 1);
                row[j] = Math.Min(aligned, 1 + Math.Min(before[j], row[j - 1]));
            }

            before = row;
        }

        return before[^1];
    }

    /// <summary>
    /// Draws a way in proportion to the product of its edits' weights among all that arrive: a table of sums from the start, sampled backwards. A token is
    /// kept only where it is the target's, and substituted only where it is not.
    /// </summary>
    /// <param name="source">The source [n].</param>
    /// <param name="target">The target [m].</param>
    /// <param name="logWeight">The logarithm of an edit's weight, such as what a model gives it.</param>
    /// <param name="uniform">Numbers in [0, 1).</param>
    /// <param name="logSum">The logarithm of the sum over all ways: how likely the model is to arrive.</param>
    public static IReadOnlyList<EditStep> Sample<T>(
        IReadOnlyList<T> source, IReadOnlyList<T> target, Func<EditStep, double> logWeight, Func<double> uniform, out double logSum)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(logWeight);
        ArgumentNullException.ThrowIfNull(uniform);
        var sums = new double[source.Count + 1, target.Count + 1];
        for (var i = 0; i <= source.Count; i++)
        {
            for (var j = 0; j <= target.Count; j++)
            {
                sums[i, j] = i + j == 0 ? 0 : LogSum([.. Into(source, target, i, j).Select(step => sums[step.Source, step.Target] + logWeight(step))]);
            }
        }

        logSum = sums[source.Count, target.Count];
        var way = new List<EditStep>();
        for (var (i, j) = (source.Count, target.Count); i + j > 0; (i, j) = (way[^1].Source, way[^1].Target))
        {
            var steps = Into(source, target, i, j);
            var left = uniform();
            var taken = steps.FindIndex(step => (left -= Math.Exp(sums[step.Source, step.Target] + logWeight(step) - sums[i, j])) < 0);
            way.Add(steps[taken < 0 ? steps.Count - 1 : taken]); // What rounding left over.
        }

        way.Reverse();
        return way;
    }

    /// <summary>What a source becomes where only the first edits of a way are made, that are no keeping.</summary>
    public static IReadOnlyList<T> Apply<T>(IReadOnlyList<T> source, IReadOnlyList<T> target, IReadOnlyList<EditStep> way, int edits)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(way);
        var made = new List<T>();
        foreach (var step in way)
        {
            var isMade = step.Kind == EditKind.Keep || edits-- > 0;
            switch (step.Kind)
            {
                case EditKind.Insert when isMade:
                case EditKind.Substitute when isMade:
                    made.Add(target[step.Target]);
                    break;
                case EditKind.Keep:
                case EditKind.Substitute:
                case EditKind.Delete when !isMade:
                    made.Add(source[step.Source]);
                    break;
            }
        }

        return made;
    }

    /// <summary>The edits that lead to a cell of the table.</summary>
    private static List<EditStep> Into<T>(IReadOnlyList<T> source, IReadOnlyList<T> target, int i, int j)
    {
        var steps = new List<EditStep>(3);
        if (i > 0 && j > 0)
        {
            var same = EqualityComparer<T>.Default.Equals(source[i - 1], target[j - 1]);
            steps.Add(new EditStep(same ? EditKind.Keep : EditKind.Substitute, i - 1, j - 1));
        }

        if (i > 0)
        {
            steps.Add(new EditStep(EditKind.Delete, i - 1, j));
        }

        if (j > 0)
        {
            steps.Add(new EditStep(EditKind.Insert, i, j - 1));
        }

        return steps;
    }

    private static double LogSum(double[] logs)
    {
        var most = logs.Max();
        return double.IsNegativeInfinity(most) ? most : most + Math.Log(logs.Sum(log => Math.Exp(log - most)));
    }
}
