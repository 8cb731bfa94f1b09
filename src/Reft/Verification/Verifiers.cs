using Reft.Answers;
using Reft.Problems;
using Reft.Python;

namespace Reft.Verification;

/// <summary>The verifiers by the style of answer that they read.</summary>
public static class Verifiers
{
    /// <summary>Creates the verifier of a style with its defaults.</summary>
    /// <param name="style">What answers are.</param>
    /// <param name="policy">How they are read and compared.</param>
    /// <param name="kinds">Style number, policy exact: the types of answers that are allowed; null or none for all but text.</param>
    public static IVerifier Create(
        AnswerStyle style, AnswerPolicy policy = AnswerPolicy.Exact, IReadOnlyList<AnswerKind>? kinds = null) => style switch
        {
            AnswerStyle.Number => new NumberVerifier(policy, kinds: kinds),
            AnswerStyle.Choice => new ChoiceVerifier(policy),
            AnswerStyle.Program => new ProgramVerifier(new ManagedEngine(), policy),
            _ => throw new InputException($"there is no verifier of style '{style}'"),
        };

    /// <summary>
    /// The style that problems seem to be of: program where the first solution begins with <c>def solution</c>, choice
    /// where
    /// every answer is one letter, else number.
    /// </summary>
    public static AnswerStyle Guess(IReadOnlyList<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        var first = problems.FirstOrDefault(problem => problem.HasSolution)?.Solution ?? "";
        return first.TrimStart().StartsWith("def solution", StringComparison.Ordinal)
            ? AnswerStyle.Program
            : problems.Count > 0 && problems.All(problem => problem.Answer.Trim() is { Length: 1 } letter
                && char.IsAsciiLetter(letter[0]))
                ? AnswerStyle.Choice
                : AnswerStyle.Number;
    }
}
