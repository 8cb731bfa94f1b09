using Reft.Answers;
using Reft.Verification.Audits;

namespace Reft.Verification.Forms;

/// <summary>
/// Thoughts and answers in turn (<see cref="AnswerSegments"/>), as often as the model likes; the last answer is judged
/// (<see href="https://arxiv.org/abs/2505.19640"/>). A response that is not made of whole turns has no answer.
/// </summary>
internal sealed record InterleavedForm : IAnswerForm
{
    /// <inheritdoc/>
    public string Name => "interleaved";

    /// <inheritdoc/>
    public string Summary => "thoughts and answers in turn, each in its tags; the last answer is judged";

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => style == AnswerStyle.Number;

    /// <summary>A solution that is written in turns is taken as it is; another is one thought.</summary>
    public string Completion(AnswerStyle style, string solution, string answer)
    {
        ArgumentNullException.ThrowIfNull(solution);
        ArgumentNullException.ThrowIfNull(answer);
        return AnswerSegments.Read(solution) is [.., var last] && last == answer.Trim() ? solution.Trim() : AnswerSegments.Write(solution.Trim(), answer.Trim());
    }

    /// <inheritdoc/>
    public IVerifier Create(IVerifier plain) => new Verifier(this, plain);

    private sealed class Verifier(InterleavedForm form, IVerifier plain) : IVerifier, IDisposable
    {
        public AnswerStyle Style => plain.Style;

        public string Completion(string solution, string answer) => form.Completion(Style, solution, answer);

        public string? WhyUnreadable(string answer) => plain.WhyUnreadable(answer);

        /// <summary>The plain verifier reads the last answer as if it followed the trigger.</summary>
        public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default)
        {
            var verdicts = plain.Verify([.. samples.Select(Plain)], cancellation);
            return Verdicts.Judge(
                samples,
                sample => WhyUnreadable(sample.Answer) is null && Last(sample) is null
                    ? new Finding(Outcome.NoAnswer, null, "it is not made of whole turns of a thought and an answer")
                    : new Finding(verdicts[sample.Id].Outcome, verdicts[sample.Id].Answer, verdicts[sample.Id].Detail),
                cancellation: cancellation);
        }

        public IEnumerable<AuditProbe> Probes(AuditOptions options) => AuditProbes.For(this, options)
            .Append(new("an answer without a thought", 0, problem => [$"<answer>{problem.Answer}</answer>"]))
            .Append(new("words behind the last turn", 0, problem => [AnswerSegments.Write("So.", problem.Answer) + " or so"]))
            .Append(new("a turn inside a thought", 0, problem => [AnswerSegments.Write(AnswerSegments.Write("So.", "0"), problem.Answer)]));

        public void Dispose() => (plain as IDisposable)?.Dispose();

        private static string? Last(Sample sample) => AnswerSegments.Read(sample.Given + sample.Completion)?[^1];

        private static Sample Plain(Sample sample) => sample with
        {
            Given = "",
            Completion = "So." + AnswerFormat.AnswerTrigger + (Last(sample) ?? ""),
        };
    }
}
