using Reft.Answers;
using Reft.Problems;

namespace Reft.Verification.Audits;

/// <summary>What a model that knows the answer would write.</summary>
internal static class GoldCompletions
{
    /// <summary>The solution in the verifier's format, or, where there is none, the shortest completion that says the answer.</summary>
    public static string For(IVerifier verifier, Problem problem) => problem.Solution is { } solution
        ? verifier.Completion(solution, problem.Answer)
        : verifier.Saying(problem.Answer);

    /// <summary>The shortest program that returns an answer.</summary>
    public static string Program(string answer) => $"{ProgramText.Header}{ProgramText.Indent}return {Literal(answer)}";

    private static string Literal(string answer)
    {
        if (!NumberReader.TryParse(answer, out var value))
        {
            return $"'{answer.Trim()}'";
        }

        var text = value.ToString();
        return text.Contains('/', StringComparison.Ordinal) ? text.Replace("/", " / ", StringComparison.Ordinal) : text;
    }
}
