using Reft.Answers;
using Reft.Ranks;
using Reft.Verification.Audits;

namespace Reft.Verification;

/// <summary>A verifier whose samples are shared out among ranks; each is judged once, and all get every verdict.</summary>
/// <param name="inner">Judges.</param>
/// <param name="ranks">The ranks, which ask together.</param>
internal sealed class SharedVerifier(IVerifier inner, RankGroup ranks) : IVerifier, IDisposable
{
    /// <inheritdoc/>
    public AnswerStyle Style => inner.Style;

    /// <inheritdoc/>
    public bool EndsInAnswer => inner.EndsInAnswer;

    /// <inheritdoc/>
    public Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var verdicts = ranks.Share(samples.Count, ranks.Of, own => Judge([.. own.Select(place => samples[place])], cancellation), Write, (_, reader) => Read(reader));
        var place = 0;
        return Verdicts.Judge(samples, _ => verdicts[place++], cancellation: cancellation); // One worker: in the samples' order.
    }

    /// <inheritdoc/>
    public string Completion(string solution, string answer) => inner.Completion(solution, answer);

    /// <inheritdoc/>
    public string Saying(string answer) => inner.Saying(answer);

    /// <inheritdoc/>
    public IEnumerable<AuditProbe> Probes(AuditOptions options) => inner.Probes(options);

    /// <inheritdoc/>
    public IEnumerable<string> WrongAnswers(string answer) => inner.WrongAnswers(answer);

    /// <inheritdoc/>
    public string? WhyUnreadable(string answer) => inner.WhyUnreadable(answer);

    /// <inheritdoc/>
    public void Dispose() => (inner as IDisposable)?.Dispose();

    private IReadOnlyList<Finding> Judge(IReadOnlyList<Sample> samples, CancellationToken cancellation) =>
        [.. inner.Verify(samples, cancellation).Select(verdict => new Finding(verdict.Outcome, verdict.Answer, verdict.Detail))];

    private static void Write(Finding finding, BinaryWriter writer)
    {
        writer.Write((byte)finding.Outcome);
        writer.Write(finding.Answer is not null);
        writer.Write(finding.Answer ?? "");
        writer.Write(finding.Detail);
    }

    private static Finding Read(BinaryReader reader)
    {
        var outcome = (Outcome)reader.ReadByte();
        var hasAnswer = reader.ReadBoolean();
        var answer = reader.ReadString();
        return new Finding(outcome, hasAnswer ? answer : null, reader.ReadString());
    }
}
