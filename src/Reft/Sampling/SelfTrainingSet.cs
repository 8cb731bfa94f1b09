using Reft.Answers;
using Reft.Inputs;
using Reft.Numerics;
using Reft.Problems;

namespace Reft.Sampling;

/// <summary>Which of a problem's correct and different samples offline self-training keeps.</summary>
internal enum SamplePick
{
    /// <summary>The first ones drawn, as the official program does.</summary>
    First,

    /// <summary>Random ones, as the paper says.</summary>
    Random,
}

/// <summary>What a set was made of.</summary>
/// <param name="Problems">Problems with at least one solution.</param>
/// <param name="Kept">Samples that became solutions.</param>
/// <param name="Gold">Gold solutions beside them.</param>
/// <param name="Wrong">Samples that were not correct.</param>
/// <param name="Repeated">Correct samples with the text of another one of the problem.</param>
/// <param name="Surplus">Correct and different samples beyond the limit.</param>
internal sealed record SelfTrainingCounts(int Problems, int Kept, int Gold, int Wrong, int Repeated, int Surplus);

/// <summary>
/// The training set of offline self-training (ReFT, section 4.2): the verified-correct samples of every problem, each text
/// once, at most so many, and the gold solution, once, unless a sample equals it.
/// </summary>
internal static class SelfTrainingSet
{
    /// <summary>Makes the problems: one a solution.</summary>
    /// <param name="samples">The samples' file.</param>
    /// <param name="gold">Problems with gold solutions; empty for none.</param>
    /// <param name="style">What answers are.</param>
    /// <param name="policy">How answers were read: under the paper's policy a solution is what follows the last trigger.</param>
    /// <param name="most">The most samples of a problem.</param>
    /// <param name="pick">Which of more.</param>
    /// <param name="seed">The seed of random ones.</param>
    /// <param name="wanted">The problems whose samples are meant, by id; null for all.</param>
    /// <exception cref="InputException">A line is not a verified sample.</exception>
    public static (IReadOnlyList<Problem> Problems, SelfTrainingCounts Counts) Make(
        string samples, IReadOnlyList<Problem> gold, AnswerStyle style, AnswerPolicy policy, int most, SamplePick pick, ulong seed,
        IReadOnlySet<string>? wanted = null)
    {
        var solutions = gold.Where(p => p.HasSolution).ToDictionary(p => p.Id, StringComparer.Ordinal);
        var problems = new List<Problem>();
        var counts = new SelfTrainingCounts(0, 0, 0, 0, 0, 0);
        foreach (var group in SampleLine.Read(samples).Where(line => wanted?.Contains(line.Id) ?? true)
            .GroupBy(line => line.Id, StringComparer.Ordinal))
        {
            var correct = group.Where(line => line.IsCorrect).Select(line => ToProblem(line, style, policy)).ToArray();
            var different = correct.DistinctBy(problem => problem.Solution, StringComparer.Ordinal).ToArray();
            var kept = Pick(different, most, pick, CounterRandom.Hash(seed, group.Key));
            problems.AddRange(kept);
            var known = solutions.GetValueOrDefault(group.Key);
            var isNew = known is not null && !kept.Any(problem => problem.Solution == known.Solution!.Trim()); // It has one: selected.
            if (isNew)
            {
                problems.Add(known!); // Not null: checked above.
            }

            counts = new SelfTrainingCounts(
                counts.Problems + (kept.Length > 0 || isNew ? 1 : 0), counts.Kept + kept.Length, counts.Gold + (isNew ? 1 : 0),
                counts.Wrong + group.Count() - correct.Length, counts.Repeated + correct.Length - different.Length,
                counts.Surplus + different.Length - kept.Length);
        }

        return (problems, counts);
    }

    /// <summary>Writes problems as JSON lines that a run's config can name.</summary>
    public static void Write(string path, IReadOnlyList<Problem> problems) =>
        AtomicFile.WriteJsonLines(path, problems, RunJson.Line, (json, problem) =>
        {
            json.WriteString("id", problem.Id);
            json.WriteString("question", problem.Question);
            json.WriteString("solution", problem.Solution);
            json.WriteString("answer", problem.Answer);
            if (problem.Group is not null)
            {
                json.WriteString("group", problem.Group);
            }
        });

    private static Problem[] Pick(Problem[] all, int most, SamplePick pick, ulong key)
    {
        if (pick == SamplePick.Random && all.Length > most)
        {
            new CounterRandom(key).Shuffle(all);
        }

        return [.. all.Take(most)];
    }

    /// <summary>A completion as data would hold it: the answer's line, which every solution in words gets, comes off.</summary>
    private static string Solution(string completion, AnswerStyle style)
    {
        var end = style == AnswerStyle.Program ? -1 : completion.LastIndexOf(AnswerFormat.AnswerTrigger, StringComparison.Ordinal);
        return (end < 0 ? completion : completion[..end]).Trim();
    }

    private static Problem ToProblem(SampleLine line, AnswerStyle style, AnswerPolicy policy) =>
        new($"{line.Id}#{line.Sample}", line.Question, line.Answer, Solution(
            policy == AnswerPolicy.Paper ? PaperText.Response(line.Completion).ToString() : line.Completion, style));
}
