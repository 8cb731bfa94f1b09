using System.Globalization;
using Reft.Answers;
using Reft.Evaluation.Voting;
using Reft.Problems;
using Reft.Verification;
using Reft.Verification.Forms;

namespace Reft.Hosting.Verbs;

/// <summary>The samples of one problem with their verdicts, in sampling order.</summary>
internal sealed record SampleGroup(string Id, IReadOnlyList<CompletionLine> Lines, IReadOnlyList<Verdict> Verdicts)
{
    /// <summary>The problem's known answer.</summary>
    public string Answer => Lines[0].Answer!; // Not null, and the same of all: checked when they were read.
}

/// <summary>Samples of a file, verified and put together by their problem.</summary>
/// <param name="All">One a problem, in the order of the file.</param>
/// <param name="Style">What answers are: as it was given, or guessed.</param>
/// <param name="IsGuessed">Whether the style was guessed.</param>
internal sealed record SampleGroups(IReadOnlyList<SampleGroup> All, AnswerStyle Style, bool IsGuessed)
{
    /// <summary>The sentence's part that says what answers were taken for.</summary>
    public string StyleNote => $"style {$"{Style}".ToLowerInvariant()}{(IsGuessed ? " (guessed; --style sets it)" : "")}";

    /// <summary>The group of each problem: those of one group count as one draw.</summary>
    public IReadOnlyList<string> Groups => [.. All.Select(problem => problem.Lines[0] switch
    {
        { Group: { } group } => group,
        { Question: { } question } => Problem.KeyOf(null, question),
        _ => problem.Id,
    })];

    /// <summary>The problem with the fewest samples.</summary>
    private SampleGroup Fewest => All.MinBy(group => group.Lines.Count)!; // A file without samples is refused.

    /// <summary>Reads and verifies.</summary>
    /// <param name="file">The samples.</param>
    /// <param name="input">Standard input.</param>
    /// <param name="given">What answers are; null to guess: programs where most completions define a solution, else by the answers.</param>
    /// <param name="policy">How answers are read.</param>
    /// <param name="form">The form in which they are given.</param>
    /// <param name="cancellation">Stops the reading and the verification.</param>
    /// <exception cref="InputException">A sample has no id or no answer, or an answer cannot be read.</exception>
    public static async Task<SampleGroups> ReadAsync(
        string file, TextReader input, AnswerStyle? given, AnswerPolicy policy, IAnswerForm form, CancellationToken cancellation)
    {
        var lines = await CompletionFile.ReadAsync(file, input, oneText: false, cancellation);
        var style = given ?? Guess(lines);
        AnswerOptions.Require(form, style);
        var verifier = form.Create(Verifiers.Create(style, policy));
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
            [.. groups.Select(group => new SampleGroup(
                group.Key, [.. group], [.. group.Select(line => verdicts[$"{line.Line}"])]))], style, given is null);
    }

    /// <summary>How many samples a problem a report is made for: what was asked for, else powers of 4 and all.</summary>
    /// <param name="text">Numbers with commas between; null for nothing.</param>
    /// <exception cref="InputException">One is no number, or more than some problem has.</exception>
    public IReadOnlyList<int> Sizes(string? text)
    {
        var (fewest, id) = (Fewest.Lines.Count, Fewest.Id);
        return text is null ? SampleSizes.Of(fewest) :
        [
            .. text.Split(',').Select(part => !int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var k) || k < 1
                ? throw new InputException($"--k: '{part}' is no whole number of at least 1")
                : k > fewest
                    ? throw new InputException($"--k: problem {OneLine.Quote(id)} has {fewest} samples, not {k}")
                    : k),
        ];
    }

    private static AnswerStyle Guess(IReadOnlyList<CompletionLine> lines) =>
        2 * lines.Count(line => line.Text.Contains("def solution", StringComparison.Ordinal)) > lines.Count
            ? AnswerStyle.Program
            : Verifiers.Guess([.. lines.Select(line => new Problem("", "", line.Answer ?? ""))]);

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
