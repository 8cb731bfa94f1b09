using Reft.Answers;
using Reft.Verification.Audits;

namespace Reft.Verification;

/// <summary>Decides what completions answered. Make the result with <see cref="Verdicts.Judge"/>.</summary>
public interface IVerifier
{
    /// <summary>What kind of answer this verifier reads.</summary>
    AnswerStyle Style { get; }

    /// <summary>One verdict for every sample, under its id. A bad answer is a verdict, never an exception.</summary>
    Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default);

    /// <summary>What a model should write after the prompt where it has a solution; audits try it. The paper's texts unless said otherwise.</summary>
    /// <param name="solution">The solution, in words or as a program.</param>
    /// <param name="answer">Its answer.</param>
    string Completion(string solution, string answer) => AnswerFormat.Completion(Style, solution, answer);

    /// <summary>The shortest completion that says an answer; audits try it.</summary>
    /// <param name="answer">The answer.</param>
    string Saying(string answer) => Style == AnswerStyle.Program ? GoldCompletions.Program(answer) : Completion("So.", answer);

    /// <summary>Whether a right solution ends in its answer, which audits then look for.</summary>
    bool EndsInAnswer => Style == AnswerStyle.Number;

    /// <summary>Cheap tricks that must not pay; audits try them. Those of the style unless said otherwise.</summary>
    IEnumerable<AuditProbe> Probes(AuditOptions options) => AuditProbes.For(this, options);

    /// <summary>Answers that are wrong for sure beside a right one; audits try them. Those of the style unless said otherwise.</summary>
    IEnumerable<string> WrongAnswers(string answer) => WrongGolds.For(Style, answer);

    /// <summary>Why a known answer cannot be read, or null where it can. Ask before anything is trained.</summary>
    string? WhyUnreadable(string answer);
}
