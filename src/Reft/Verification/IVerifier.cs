using Reft.Answers;

namespace Reft.Verification;

/// <summary>Decides what completions answered. Make the result with <see cref="Verdicts.Judge"/>.</summary>
public interface IVerifier
{
    /// <summary>What kind of answer this verifier reads.</summary>
    AnswerStyle Style { get; }

    /// <summary>One verdict for every sample, under its id. A bad answer is a verdict, never an exception.</summary>
    Verdicts Verify(IReadOnlyList<Sample> samples, CancellationToken cancellation = default);

    /// <summary>Why a known answer cannot be read, or null where it can. Ask before anything is trained.</summary>
    string? WhyUnreadable(string answer);
}
