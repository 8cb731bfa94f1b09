using System.Diagnostics;
using Reft.Answers;
using Reft.Problems;
using Reft.Problems.Files;

namespace Reft.Verification.Audits;

/// <summary>
/// Tries a verifier on problems whose answers are known, before anything is trained on its word: right solutions must
/// be
/// Correct, the same solutions beside wrong answers Incorrect, and cheap tricks must not pay.
/// </summary>
internal sealed class VerifierAudit
{
    private readonly IVerifier _verifier;
    private readonly AuditOptions _options;
    private readonly CancellationToken _cancellation;
    private readonly List<AuditCheck> _checks = [];
    private readonly Stopwatch _clock = new();
    private long _verdicts;

    private VerifierAudit(IVerifier verifier, AuditOptions options, CancellationToken cancellation)
    {
        _verifier = verifier;
        _options = options;
        _cancellation = cancellation;
    }

    /// <summary>Audits a verifier on problems.</summary>
    /// <exception cref="InputException">The options are wrong.</exception>
    public static AuditReport Run(
        IVerifier verifier,
        IReadOnlyList<Problem> problems,
        AuditOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        ArgumentNullException.ThrowIfNull(problems);
        return new VerifierAudit(verifier, Whole.Of(options ?? new AuditOptions(), "audit"), cancellation).Run(problems);
    }

    /// <summary>Audits a verifier on a file's problems, and what the file says beside them.</summary>
    /// <exception cref="InputException">The options are wrong.</exception>
    public static AuditReport Run(
        IVerifier verifier, IReadOnlyList<Problem> problems, IReadOnlyList<ColumnNote> notes, AuditOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(notes);
        var report = Run(verifier, problems, options, cancellation);
        AuditRow[] rows = [.. notes.Select(note => new AuditRow(note.Row, note.Column, "", note.Detail))];
        var columns = new AuditCheck("columns that a prompt may lack, or that are misread", rows.Length, rows.Length, 0, rows);
        return report with { Checks = [columns, .. report.Checks] };
    }

    private AuditReport Run(IReadOnlyList<Problem> problems)
    {
        var readable = CheckGolds(problems);
        CheckCharacters(problems);
        CheckSolutions(readable);
        if (_verifier.EndsInAnswer)
        {
            CheckConclusions(readable);
        }

        var probed = Spread(readable, _options.MaxProbed);
        CheckWrongGolds(probed);
        foreach (var probe in _verifier.Probes(_options))
        {
            CheckProbe(probe, probed);
        }

        CheckRepeats(problems);
        return new AuditReport(
            problems.Count, problems.Count(problem => problem.HasSolution), _checks, _verdicts,
                _clock.Elapsed.TotalSeconds);
    }

    /// <summary>U+FFFD stands where a character was lost: a minus sign, a half, a currency.</summary>
    private void CheckCharacters(IReadOnlyList<Problem> problems)
    {
        const char Replacement = '\uFFFD';
        var lost = problems.Select(problem => (Problem: problem, Where: string.Join(", ", new[]
        {
            ("question", problem.Question), ("answer", problem.Answer), ("solution", problem.Solution ?? ""),
        }.Where(part => part.Item2.Contains(Replacement, StringComparison.Ordinal)).Select(part => part.Item1))));
        Add("lost characters (U+FFFD)", problems.Count, 0,
            lost.Where(pair => pair.Where.Length > 0).Select(pair => RowOf(pair.Problem, $"in the {pair.Where}")));
    }

    private List<Problem> CheckGolds(IReadOnlyList<Problem> problems)
    {
        var reasons = problems.Select(problem => _verifier.WhyUnreadable(problem.Answer)).ToList();
        Add("known answers that cannot be read", problems.Count, 0,
            problems.Zip(reasons).Where(pair => pair.Second is not null)
                .Select(pair => RowOf(pair.First, pair.Second!)));
        return [.. problems.Zip(reasons).Where(pair => pair.Second is null).Select(pair => pair.First)];
    }

    private void CheckSolutions(List<Problem> problems)
    {
        var solved = problems.Where(problem => problem.HasSolution).ToList();
        var verdicts =
            Verify(solved.Select(problem => (problem, GoldCompletions.For(_verifier, problem), problem.Answer)));
        Add("solutions that are not Correct", solved.Count, 0,
            solved.Zip(verdicts).Where(pair => !pair.Second.IsCorrect)
                .Select(pair => RowOf(pair.First, $"{pair.Second.Outcome}: {pair.Second.Detail}")));
    }

    private void CheckConclusions(List<Problem> problems)
    {
        var errata = problems.Where(PublishedErrata.Contains).ToList();
        Add("known errors of published data", problems.Count, null,
            errata.Select(problem => RowOf(problem, "its solution ends in another answer, or in words")));
        var solved = problems.Except(errata).Where(problem => problem.HasSolution).ToList();
        var concluded = solved.Select(problem => (Problem: problem, Detail: Conclusions.Contradiction(problem)))
            .Where(pair => pair.Detail is not null).ToList();
        Add("solutions that conclude another answer", solved.Count, 0,
            concluded.Select(pair => RowOf(pair.Problem, pair.Detail!)));
        Add("solutions that do not end in their answer", solved.Count, _options.UnstatedLimit,
            solved.Where(problem => !Conclusions.States(problem))
                .Select(problem => RowOf(problem, "the answer is not among the last line's numbers")));
    }

    private void CheckWrongGolds(List<Problem> problems)
    {
        var trials = problems.SelectMany(problem => _verifier.WrongAnswers(problem.Answer)
            .Select(wrong =>
                (Problem: problem, Completion: GoldCompletions.For(_verifier, problem), Wrong: wrong))).ToList();
        var verdicts = Verify(trials.Select(trial => (trial.Problem, trial.Completion, trial.Wrong)));
        Add("wrong answers that are not Incorrect", trials.Count, 0,
            trials.Zip(verdicts).Where(pair => pair.Second.Outcome != Outcome.Incorrect)
                .Select(pair =>
                    RowOf(pair.First.Problem, $"{pair.Second.Outcome} beside the wrong answer {pair.First.Wrong}")));
    }

    private void CheckProbe(AuditProbe probe, List<Problem> problems)
    {
        var trials = problems.SelectMany(problem => probe.Completions(problem)
            .Select(completion => (Problem: problem, Completion: completion))).ToList();
        var verdicts = Verify(trials.Select(trial => (trial.Problem, trial.Completion, trial.Problem.Answer)));
        var solved = trials.Zip(verdicts).Where(pair => pair.Second.IsCorrect)
            .DistinctBy(pair => pair.First.Problem.Id);
        Add($"solved by {probe.Name}", problems.Count, probe.Limit,
            solved.Select(pair => RowOf(pair.First.Problem, $"Correct: {Excerpt.Of(pair.First.Completion)}")));
    }

    private void CheckRepeats(IReadOnlyList<Problem> problems)
    {
        var repeats = RepeatedQuestions.Within(problems);
        Add("questions asked twice", problems.Count, null,
            repeats.Select(repeat => RowOf(repeat.Problems[^1], AsBefore(repeat.Problems[0], repeat.HasConflict))));
    }

    private static string AsBefore(Problem first, bool conflict) =>
        $"as in row {first.Row}{(conflict ? $", whose answer is {first.Answer}" : "")}";

    private Verdicts Verify(IEnumerable<(Problem Problem, string Completion, string Answer)> trials)
    {
        var samples = trials.Select((trial, index) => new Sample($"{index}", trial.Completion, trial.Answer)).ToList();
        _clock.Start();
        var verdicts = _verifier.Verify(samples, _cancellation);
        _clock.Stop();
        _verdicts += verdicts.Count;
        return verdicts;
    }

    private void Add(string name, int made, double? limit, IEnumerable<AuditRow> found)
    {
        var rows = found.ToList();
        _checks.Add(new AuditCheck(name, made, rows.Count, limit, [.. rows.Take(_options.MaxListed)]));
    }

    private static AuditRow RowOf(Problem problem, string detail) =>
        new(problem.Row, problem.Id, problem.Answer, detail);

    /// <summary>At most so many problems, spread evenly over the list.</summary>
    private static List<Problem> Spread(List<Problem> problems, int most) => problems.Count <= most
        ? problems
        : [.. Enumerable.Range(0, most).Select(i => problems[(int)((long)i * problems.Count / most)])];
}
