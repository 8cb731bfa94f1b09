using System.Globalization;
using Reft.Numerics;

namespace Reft.Problems.Generated;

/// <summary>What generators of short tasks share: no problem twice, disjoint splits whatever the seed, and the checks of options.</summary>
internal static class ProblemDraws
{
    // Part of the published behaviour: another salt would move problems between the splits.
    private const ulong SplitSalt = 0x7A_5C_0FFE;
    private const int MaxAttempts = 10_000;

    /// <summary>Draws the problems of a generator; each gets an id, and is a group of its own.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="seed">The seed of the draws; the splits do not depend on it.</param>
    /// <param name="make">Makes one problem, whose question says all of it.</param>
    /// <exception cref="InputException">There are fewer different problems.</exception>
    public static IReadOnlyList<Problem> Draw(IProblemGenerator generator, ulong seed, Func<CounterRandom, Problem> make)
    {
        var problems = new List<Problem>(generator.Count);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (problems.Count < generator.Count)
        {
            var index = problems.Count;
            var random = new CounterRandom(CounterRandom.Hash(seed, (ulong)generator.Split, (ulong)index));
            var found = Enumerable.Range(0, MaxAttempts).Select(_ => make(random))
                .FirstOrDefault(problem => SplitOf(generator.Name, problem.Question) == generator.Split && seen.Add(problem.Question))
                ?? throw new InputException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{generator.Name} has no more than about {index} different problems of split {Word(generator.Split)}; allow longer ones"));
            problems.Add(found with
            {
                Id = string.Create(CultureInfo.InvariantCulture, $"{Word(generator.Split)}_{index}"),
                Group = found.Question,
                Row = index + 1,
            });
        }

        return problems;
    }

    /// <summary>The split of a problem, by a hash of its question: half are to train on, a quarter each dev and test, since tasks may be few.</summary>
    public static GeneratedSplit SplitOf(string name, string question) => (CounterRandom.Hash(SplitSalt, $"{name} {question}") % 4) switch
    {
        < 2 => GeneratedSplit.Train,
        2 => GeneratedSplit.Dev,
        _ => GeneratedSplit.Test,
    };

    private static string Word(GeneratedSplit split) => split.ToString().ToLowerInvariant();
}
