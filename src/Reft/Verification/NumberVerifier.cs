using Reft.Answers;

namespace Reft.Verification;

/// <summary>Verifies chains of thought in words that end in a number (N-CoT).</summary>
/// <param name="policy">How answers are read and compared.</param>
/// <param name="tolerance">The exact policy's tolerance; null takes the default.</param>
/// <param name="kinds">Under the exact policy: the types of answers that are allowed; null or none for all but text.</param>
internal sealed class NumberVerifier(
    AnswerPolicy policy = AnswerPolicy.Exact, Tolerance? tolerance = null, IReadOnlyList<AnswerKind>? kinds = null) : IVerifier
{
    private readonly AnswerComparison _comparison = new(tolerance);
    private readonly AnswerExtractor _extractor = new(policy, AnswerStyle.Number) { Kinds = kinds ?? [] };

    /// <inheritdoc/>
    public AnswerStyle Style => AnswerStyle.Number;

    /// <summary>Under the exact policy: whether a last sentence without any mark is read too.</summary>
    public bool Anywhere
    {
        get => _extractor.Anywhere;
        init => _extractor = new AnswerExtractor(policy, AnswerStyle.Number) { Anywhere = value, Kinds = kinds ?? [] };
    }

    /// <inheritdoc/>
    public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default) =>
        Verdicts.Judge(samples, Judge, cancellation: cancellation);

    /// <inheritdoc/>
    public string? WhyUnreadable(string answer) => Golds.WhyUnreadable(_extractor.ReadGold(answer));

    private Finding Judge(Sample sample)
    {
        var gold = _extractor.ReadGold(sample.Answer);
        if (Golds.WhyUnreadable(gold) is { } reason)
        {
            return Golds.Unreadable(sample.Answer, reason);
        }

        var text = sample.Given.Length == 0 ? sample.Completion : sample.Given + sample.Completion;
        return Golds.Compare(_extractor.Read(text), gold, _comparison);
    }
}
