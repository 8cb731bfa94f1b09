using Reft.Answers;
using Reft.Problems;

namespace Reft.Verification.Audits;

/// <summary>What a model that knows the answer would write.</summary>
internal static class GoldCompletions
{
    /// <summary>
    /// The solution in its format, or, where there is none, the shortest completion that says the answer.
    /// </summary>
    public static string For(AnswerStyle style, Problem problem) => problem.Solution is { } solution
        ? AnswerFormat.Completion(style, solution, problem.Answer)
        : Saying(style, problem.Answer);

    /// <summary>The shortest completion that says an answer.</summary>
    public static string Saying(AnswerStyle style, string answer) => style == AnswerStyle.Program
        ? $"{ProgramText.Header}{ProgramText.Indent}return {Literal(answer)}"
        : AnswerFormat.Completion(style, "So.", answer);

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
