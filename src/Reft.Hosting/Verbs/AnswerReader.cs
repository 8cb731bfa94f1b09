using Reft.Answers;
using Reft.Python;
using Reft.Verification;

namespace Reft.Hosting.Verbs;

/// <summary>
/// What was read from one completion; the outcome is null where an answer was read and none is known.
/// </summary>
internal sealed record AnswerFinding(string? Answer, Outcome? Outcome, string Detail);

/// <summary>Reads single completions for <c>reft extract</c>, and judges those whose right answer is known.</summary>
internal sealed class AnswerReader(AnswerPolicy policy, AnswerStyle style, bool anywhere)
{
    private readonly AnswerExtractor _extractor = new(policy, style) { Anywhere = anywhere };
    private readonly ProgramReader _programs = new(new ManagedEngine(), policy, new ProgramLimits());
    private readonly IVerifier _verifier = style == AnswerStyle.Number
        ? new NumberVerifier(policy) { Anywhere = anywhere }
        : Verifiers.Create(style, policy);

    /// <summary>Whether input that is not JSON is one completion of many lines, not one a line.</summary>
    public bool OneText => style == AnswerStyle.Program;

    public string? WhyUnreadable(string gold) => _verifier.WhyUnreadable(gold);

    public AnswerFinding Read(string completion, string? gold, CancellationToken cancellation)
    {
        if (gold is not null)
        {
            var verdict = _verifier.Verify([new Sample("0", completion, gold)], cancellation)[0];
            return new AnswerFinding(verdict.Answer, verdict.Outcome, verdict.Detail);
        }

        if (style == AnswerStyle.Program)
        {
            var (failure, value) = _programs.Read(completion, asLetter: false, cancellation);
            return Unjudged(value, failure);
        }

        return Unjudged(_extractor.Read(completion), null);
    }

    private static AnswerFinding Unjudged(Reading reading, Outcome? failure) =>
        new(reading.Text, failure ?? (reading.Text is null ? Outcome.NoAnswer : null), reading.Reason);
}
