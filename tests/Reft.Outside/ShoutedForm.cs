using Reft.Answers;
using Reft.Verification;
using Reft.Verification.Forms;

namespace Reft.Outside;

/// <summary>A form of answers with a verifier of its own: the response ends in the answer and an exclamation mark.</summary>
public sealed record ShoutedForm : IAnswerForm
{
    /// <inheritdoc/>
    public string Name => "shouted";

    /// <inheritdoc/>
    public string Summary => "words, then the answer and an exclamation mark";

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <inheritdoc/>
    public string Completion(AnswerStyle style, string solution, string answer) => $"{solution.Trim()}\n{answer.Trim()}!";

    /// <inheritdoc/>
    public IVerifier Create(IVerifier plain) => new Verifier(this, plain);

    private sealed class Verifier(ShoutedForm form, IVerifier plain) : IVerifier
    {
        public AnswerStyle Style => plain.Style;

        public bool EndsInAnswer => false;

        public string Completion(string solution, string answer) => form.Completion(Style, solution, answer);

        public string? WhyUnreadable(string answer) => plain.WhyUnreadable(answer);

        public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default) => plain.Verify(
            [.. samples.Select(sample => sample with { Completion = Plain(sample.Completion) })], cancellation);

        /// <summary>What the plain verifier reads.</summary>
        private string Plain(string completion) => completion.TrimEnd() is [.. var text, '!']
            ? plain.Completion("So.", text.Split('\n')[^1])
            : "";
    }
}
