using Reft.Answers;
using Reft.Verification.Audits;

namespace Reft.Verification.Forms;

/// <summary>Words, then the answer between <c>&lt;answer&gt;</c> and <c>&lt;/answer&gt;</c>: one pair of tags, which ends the response.</summary>
internal sealed record TaggedForm : IAnswerForm
{
    private const string Opens = "<answer>";
    private const string Closes = "</answer>";

    /// <inheritdoc/>
    public string Name => "tagged";

    /// <inheritdoc/>
    public string Summary => "words, then the answer in one pair of tags that ends the response";

    /// <inheritdoc/>
    public bool Takes(AnswerStyle style) => style != AnswerStyle.Program;

    /// <inheritdoc/>
    public string Completion(AnswerStyle style, string solution, string answer)
    {
        ArgumentNullException.ThrowIfNull(solution);
        ArgumentNullException.ThrowIfNull(answer);
        return $"{solution.Trim()}\n{Opens}{answer.Trim()}{Closes}";
    }

    /// <inheritdoc/>
    public IVerifier Create(IVerifier plain) => new Verifier(this, plain);

    /// <summary>What the tags hold; null where there is not one pair at the end.</summary>
    private static string? Inside(string response)
    {
        var text = response.AsSpan().TrimEnd();
        var at = text.IndexOf(Opens, StringComparison.Ordinal);
        if (at < 0 || !text.EndsWith(Closes, StringComparison.Ordinal))
        {
            return null;
        }

        var inside = text[(at + Opens.Length)..^Closes.Length];
        return inside.Contains(Opens, StringComparison.Ordinal) || inside.Contains(Closes, StringComparison.Ordinal) || inside.IsWhiteSpace()
            ? null
            : inside.ToString();
    }

    private sealed class Verifier(TaggedForm form, IVerifier plain) : IVerifier, IDisposable
    {
        public AnswerStyle Style => plain.Style;

        public string Completion(string solution, string answer) => form.Completion(Style, solution, answer);

        public bool EndsInAnswer => plain.EndsInAnswer;

        public string? WhyUnreadable(string answer) => plain.WhyUnreadable(answer);

        /// <summary>The plain verifier reads what the tags hold as if it followed the trigger; elsewhere there is no answer.</summary>
        public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default)
        {
            var verdicts = plain.Verify([.. samples.Select(Untagged)], cancellation);
            return Verdicts.Judge(
                samples,
                sample => WhyUnreadable(sample.Answer) is null && Inside(sample.Given + sample.Completion) is null
                    ? new Finding(Outcome.NoAnswer, null, $"no single {Opens}…{Closes} ends the response")
                    : new Finding(verdicts[sample.Id].Outcome, verdicts[sample.Id].Answer, verdicts[sample.Id].Detail),
                cancellation: cancellation);
        }

        public IEnumerable<AuditProbe> Probes(AuditOptions options) => AuditProbes.For(this, options)
            .Append(new("empty tags", 0, _ => [Opens + Closes]))
            .Append(new("the trigger and the answer without tags", 0, problem => [AnswerFormat.Completion(Style, "So.", problem.Answer)]))
            .Append(new("two pairs of tags, one of them right", 0, problem => [$"{Opens}0{Closes} {Opens}{problem.Answer}{Closes}"]));

        public void Dispose() => (plain as IDisposable)?.Dispose();

        private static Sample Untagged(Sample sample) => sample with
        {
            Given = "",
            Completion = "So." + AnswerFormat.AnswerTrigger + (Inside(sample.Given + sample.Completion) ?? ""),
        };
    }
}
