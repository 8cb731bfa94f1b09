using System.Buffers;
using Reft.Numerics;

namespace Reft.Evaluation.Voting;

/// <summary>What one problem's n samples say of drawing k of them.</summary>
internal static class SampleAccuracy
{
    /// <summary>Up to so many subsets all are counted; of more, so many are drawn.</summary>
    public const int MostSubsets = 2000;

    // Names the draws of subsets. It is no option: nobody should look for the seed that pleases.
    private const ulong SubsetKey = 0x5B5E_7A11;

    /// <summary>
    /// pass@k without bias (<see href="https://arxiv.org/abs/2107.03374"/>, equation 1): the share of subsets of k samples with
    /// a correct one, <c>1 - C(n-c, k) / C(n, k)</c>.
    /// </summary>
    /// <param name="samples">n, at least k.</param>
    /// <param name="correct">c, in [0, n].</param>
    /// <param name="k">k, at least 1.</param>
    public static double PassAt(int samples, int correct, int k)
    {
        Check(samples, k);
        ArgumentOutOfRangeException.ThrowIfNegative(correct);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(correct, samples);
        var none = 1.0;
        for (var i = 0; i < k; i++)
        {
            none *= Math.Max(0, samples - correct - i) / (double)(samples - i);
        }

        return 1 - none;
    }

    /// <summary>
    /// maj@k: the share of subsets of k samples whose majority is right. All subsets are counted where they are at most
    /// <see cref="MostSubsets"/>, else as many are drawn, by a stream that depends on n and k alone.
    /// </summary>
    /// <param name="ballot">The problem's votes.</param>
    /// <param name="k">k, from 1 to the ballot's samples.</param>
    public static double MajorityAt(Ballot ballot, int k)
    {
        ArgumentNullException.ThrowIfNull(ballot);
        return ShareOfSubsets(ballot.Samples, k, subset => ballot.MajorityIsRight(subset));
    }

    /// <summary>The share of subsets of k of n samples for which something holds; all are counted, or many are drawn.</summary>
    internal static double ShareOfSubsets(int samples, int k, Predicate<int[]> holds)
    {
        Check(samples, k);
        var subset = Enumerable.Range(0, k).ToArray();
        var right = 0L;
        var subsets = 0L;
        if (Subsets(samples, k) <= MostSubsets)
        {
            do
            {
                right += holds(subset) ? 1 : 0;
                subsets++;
            }
            while (Next(subset, samples));
        }
        else
        {
            var random = new CounterRandom(CounterRandom.Hash(SubsetKey, (ulong)samples, (ulong)k));
            var places = ArrayPool<int>.Shared.Rent(samples);
            for (; subsets < MostSubsets; subsets++)
            {
                Draw(random, places.AsSpan(0, samples), subset);
                right += holds(subset) ? 1 : 0;
            }

            ArrayPool<int>.Shared.Return(places);
        }

        return (double)right / subsets;
    }

    /// <summary>C(n, k), as far as it is at most <see cref="MostSubsets"/>; beyond that, something larger.</summary>
    private static double Subsets(int samples, int k)
    {
        var count = 1.0;
        for (var i = 1; i <= Math.Min(k, samples - k); i++)
        {
            count = count * (samples - i + 1) / i;
        }

        return Math.Round(count);
    }

    /// <summary>The next subset in lexical order; false after the last.</summary>
    private static bool Next(int[] subset, int samples)
    {
        var i = subset.Length - 1;
        while (i >= 0 && subset[i] == samples - subset.Length + i)
        {
            i--;
        }

        if (i < 0)
        {
            return false;
        }

        subset[i]++;
        for (var j = i + 1; j < subset.Length; j++)
        {
            subset[j] = subset[j - 1] + 1;
        }

        return true;
    }

    /// <summary>A subset without replacement, in sampling order.</summary>
    private static void Draw(CounterRandom random, Span<int> places, int[] subset)
    {
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = i;
        }

        for (var i = 0; i < subset.Length; i++)
        {
            var other = i + random.Below(places.Length - i);
            (places[i], places[other]) = (places[other], places[i]);
        }

        places[..subset.Length].CopyTo(subset);
        Array.Sort(subset);
    }

    private static void Check(int samples, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, samples);
    }
}
