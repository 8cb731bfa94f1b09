using Reft.Evaluation.Voting;
using Reft.Problems;
using Reft.Verification;

namespace Reft.Cli.Verbs;

/// <summary>Samples of a file, verified and put together by their problem.</summary>
/// <param name="Ballots">One a problem, in the order of the file.</param>
/// <param name="Fewest">The problem with the fewest samples.</param>
internal sealed record SampleGroups(IReadOnlyList<Ballot> Ballots, string Fewest)
{
    /// <summary>Reads and verifies.</summary>
    /// <exception cref="InputException">A sample has no id or no answer, or an answer cannot be read.</exception>
    public static async Task<SampleGroups> ReadAsync(
        string file, TextReader input, AnswerStyle style, AnswerPolicy policy, CancellationToken cancellation)
    {
        var lines = await CompletionFile.ReadAsync(file, input, oneText: false, cancellation);
        var verifier = Verifiers.Create(style, policy);
        using var held = verifier as IDisposable;
        foreach (var line in lines)
        {
            Check(file, line, verifier);
        }

        var verdicts = verifier.Verify(
            [.. lines.Select(line => new Sample($"{line.Line}", line.Text, line.Answer!))], cancellation); // Not null: checked.
        var groups = lines.GroupBy(line => line.Id!, StringComparer.Ordinal).ToArray(); // Not null: checked.
        if (Array.Find(groups, group => group.DistinctBy(line => line.Answer).Count() > 1) is { } torn)
        {
            throw new InputException(
                $"{OneLine.Of(file)}: the samples of problem {OneLine.Quote(torn.Key)} do not have one and the same answer");
        }

        return new SampleGroups(
            [.. groups.Select(group => Ballot.Of([.. group.Select(line => verdicts[$"{line.Line}"])], style, policy))],
            groups.MinBy(group => group.Count())!.Key); // Not null: a file without samples is refused.
    }

    private static void Check(string file, CompletionLine line, IVerifier verifier)
    {
        var where = $"{OneLine.Of(file)}, sample {line.Line}";
        if (line.Id is null || line.Answer is null)
        {
            throw new InputException(
                $"{where}: lacks {(line.Id is null ? "'id', the problem's" : "'answer' (or 'answer_value')")}");
        }

        if (verifier.WhyUnreadable(line.Answer) is { } why)
        {
            throw new InputException($"{where}: the answer {OneLine.Quote(line.Answer)} cannot be read: {OneLine.Of(why)}");
        }
    }
}
