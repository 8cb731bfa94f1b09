using Reft.Problems;
using Reft.Verification;

namespace Reft.Cli.Verbs;

/// <summary>What was read from one completion; the outcome is null where no right answer is known.</summary>
internal sealed record AnswerFinding(string? Answer, Outcome? Outcome, string Detail);

/// <summary>Reads single completions for <c>reft extract</c>, and judges those whose right answer is known.</summary>
internal sealed class AnswerReader(AnswerPolicy policy, AnswerStyle style, bool anywhere)
{
    private readonly AnswerExtractor _extractor = new(policy, style) { Anywhere = anywhere };
    private readonly IVerifier _verifier = style == AnswerStyle.Number
        ? new NumberVerifier(policy) { Anywhere = anywhere }
        : Verifiers.Create(style, policy);

    public string? WhyUnreadable(string gold) => _verifier.WhyUnreadable(gold);

    public AnswerFinding Read(string completion, string? gold, CancellationToken cancellation)
    {
        if (gold is not null)
        {
            var verdict = _verifier.Verify([new Sample("0", completion, gold)], cancellation)[0];
            return new AnswerFinding(verdict.Answer, verdict.Outcome, verdict.Detail);
        }

        var reading = _extractor.Read(completion);
        return new AnswerFinding(reading.Text, null, reading.Reason);
    }
}
