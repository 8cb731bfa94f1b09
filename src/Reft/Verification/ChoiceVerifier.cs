using Reft.Answers;

namespace Reft.Verification;

/// <summary>
/// Verifies chains of thought in words that end in an option's letter. Under the paper's policy there is always an
/// answer, right or wrong, as in the official program.
/// </summary>
/// <param name="policy">How answers are read.</param>
/// <param name="options">The option letters that there are, in lower case.</param>
internal sealed class ChoiceVerifier(AnswerPolicy policy = AnswerPolicy.Exact, string options = "abcde") : IVerifier
{
    private readonly AnswerExtractor _extractor = new(policy, AnswerStyle.Choice) { Options = options };

    /// <inheritdoc/>
    public AnswerStyle Style => AnswerStyle.Choice;

    /// <inheritdoc/>
    public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default) =>
        Verdicts.Judge(samples, Judge, cancellation: cancellation);

    /// <inheritdoc/>
    public string? WhyUnreadable(string answer)
    {
        var gold = _extractor.ReadGold(answer);
        return gold.Text is null
            ? gold.Reason
            : gold.Text.Length == 1 && options.Contains(gold.Text[0], StringComparison.Ordinal)
                ? null
                : $"'{gold.Text}' is none of the options {options}";
    }

    private Finding Judge(Sample sample)
    {
        if (WhyUnreadable(sample.Answer) is { } reason)
        {
            return Golds.Unreadable(sample.Answer, reason);
        }

        // It can be read, so it has a text.
        return Golds.CompareLetters(
            _extractor.Read(sample.Given + sample.Completion), _extractor.ReadGold(sample.Answer).Text!);
    }
}
