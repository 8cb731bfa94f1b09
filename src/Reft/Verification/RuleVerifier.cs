using Reft.Answers;
using Reft.Verification.Audits;

namespace Reft.Verification;

/// <summary>
/// Verifies responses that no number ends by a rule of their task: what the known answer says of a response as a whole, without space round it.
/// </summary>
public sealed class RuleVerifier : IVerifier
{
    /// <inheritdoc/>
    public AnswerStyle Style => AnswerStyle.Number;

    /// <inheritdoc/>
    public bool EndsInAnswer => false;

    /// <summary>The shortest response that says an answer.</summary>
    public required Func<string, string> Say { get; init; }

    /// <summary>Answers that are wrong for sure beside a right one.</summary>
    public required Func<string, IEnumerable<string>> Wrong { get; init; }

    /// <summary>Why a known answer cannot be used; null where it can.</summary>
    public required Func<string, string?> Refuse { get; init; }

    /// <summary>What a response says, beside the known answer.</summary>
    public required Func<string, string, Finding> Judge { get; init; }

    /// <inheritdoc/>
    public string Completion(string solution, string answer) => solution.Trim();

    /// <inheritdoc/>
    public string Saying(string answer) => Say(answer);

    /// <inheritdoc/>
    public IEnumerable<string> WrongAnswers(string answer) => Wrong(answer);

    /// <inheritdoc/>
    public string? WhyUnreadable(string answer) => Refuse(answer);

    /// <inheritdoc/>
    public IEnumerable<AuditProbe> Probes(AuditOptions options) =>
    [
        new("the empty completion", 0, _ => [""]),
        new("white space", 0, _ => [" \n\t\n "]),
        new("the prompt echoed back", 0, problem => [AnswerFormat.Prompt(problem.Question)]),
        new("the question", 0, problem => [problem.Question]),
        new("a right response twice", 0, problem => [Say(problem.Answer) + Say(problem.Answer)]),
    ];

    /// <inheritdoc/>
    public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default) => Verdicts.Judge(
        samples,
        sample => Refuse(sample.Answer) is { } reason ? new Finding(Outcome.Error, null, $"the known answer '{Excerpt.Of(sample.Answer)}' cannot be read: {reason}")
            : (sample.Given + sample.Completion).Trim() is { Length: > 0 } response ? Judge(response, sample.Answer)
            : new Finding(Outcome.NoAnswer, null, "nothing is written"),
        cancellation: cancellation);
}
