using Reft.Numerics;
using Reft.Problems;

namespace Reft.Rollouts.Features;

/// <summary>
/// What problems look like, from their questions alone: the measures of their structure, and which words stand beside which. A model's
/// sentence embedding is not needed, and nothing of the answer is seen.
/// </summary>
internal static class TextFeatures
{
    // Of a few thousand word pairs hardly two meet in a bucket, and the components of 256 are found in less than a second.
    private const int Buckets = 256;

    /// <summary>The features of every problem: structure and words, each part with a total variance of about 1.</summary>
    /// <returns>Features [problems, measures + buckets].</returns>
    public static double[][] Of(IReadOnlyList<Problem> problems)
    {
        var structure = Standardised([.. problems.Select(problem => Structure(problem.Question))]);
        var words = Words(problems);
        var scale = 1 / Math.Sqrt(structure.Length == 0 ? 1 : structure[0].Length);
        return [.. structure.Zip(words, (measures, counts) => (double[])[.. measures.Select(value => value * scale), .. counts])];
    }

    /// <summary>log(1 + n) of a question's characters, words, lines, numbers, digits, signs, and of its largest number's digits.</summary>
    internal static double[] Structure(string question)
    {
        var parts = Parts(question).ToArray();
        var numbers = parts.Where(part => char.IsAsciiDigit(part[0])).ToArray();
        int[] counts =
        [
            question.Length,
            parts.Count(part => char.IsLetter(part[0])),
            question.Count(c => c == '\n'),
            numbers.Length,
            numbers.Sum(number => number.Length),
            parts.Count(part => !char.IsLetterOrDigit(part[0])),
            numbers.Select(number => number.Length).DefaultIfEmpty(0).Max(),
        ];
        return [.. counts.Select(count => Math.Log(1 + count))];
    }

    /// <summary>Columns with mean 0 and variance 1; what is the same for all becomes 0.</summary>
    internal static double[][] Standardised(double[][] rows)
    {
        if (rows.Length == 0)
        {
            return [];
        }

        var columns = Enumerable.Range(0, rows[0].Length).Select(c =>
        {
            var mean = rows.Average(row => row[c]);
            var deviation = Math.Sqrt(rows.Average(row => (row[c] - mean) * (row[c] - mean)));
            // A column whose deviation is that of rounding is constant.
            return (Mean: mean, Scale: deviation > 1e-9 * (1 + Math.Abs(mean)) ? 1 / deviation : 0);
        }).ToArray();
        return [.. rows.Select(row => row.Select((value, c) => (value - columns[c].Mean) * columns[c].Scale).ToArray())];
    }

    /// <summary>Words and pairs of neighbours, a number by its count of digits: (1 + log n) log(N / problems that have it), hashed, of length 1.</summary>
    private static double[][] Words(IReadOnlyList<Problem> problems)
    {
        var counted = problems.Select(problem => Terms(problem.Question).CountBy(term => term, StringComparer.Ordinal).ToArray()).ToArray();
        var having = counted.SelectMany(terms => terms.Select(term => term.Key)).CountBy(term => term, StringComparer.Ordinal)
            .ToDictionary(StringComparer.Ordinal);
        return [.. counted.Select(terms =>
        {
            var row = new double[Buckets];
            foreach (var (term, count) in terms)
            {
                var hash = CounterRandom.Hash(0, term);
                var weight = (1 + Math.Log(count)) * Math.Log((double)problems.Count / having[term]);
                // The sign keeps what meets in a bucket from adding up.
                row[(int)(hash % Buckets)] += (hash >> 63) == 0 ? weight : -weight;
            }

            var length = Math.Sqrt(row.Sum(value => value * value));
            return length == 0 ? row : [.. row.Select(value => value / length)];
        })];
    }

    private static IEnumerable<string> Terms(string question)
    {
        var before = "^";
        foreach (var part in Parts(question))
        {
            var word = char.IsAsciiDigit(part[0]) ? FormattableString.Invariant($"#{part.Length}") : part.ToUpperInvariant();
            yield return word;
            yield return $"{before} {word}";
            before = word;
        }
    }

    /// <summary>Runs of letters, runs of digits, and every other sign alone.</summary>
    private static IEnumerable<string> Parts(string question)
    {
        for (var start = 0; start < question.Length;)
        {
            var end = start + 1;
            while (end < question.Length && Kind(question[start]) is var kind and > 0 && Kind(question[end]) == kind)
            {
                end++;
            }

            if (!char.IsWhiteSpace(question[start]))
            {
                yield return question[start..end];
            }

            start = end;
        }
    }

    private static int Kind(char c) => char.IsAsciiDigit(c) ? 1 : char.IsLetter(c) ? 2 : 0;
}
