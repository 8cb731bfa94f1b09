using Reft.Answers;

namespace Reft.Problems.Generated;

/// <summary>A made problem with its exact answer and both kinds of solution.</summary>
/// <param name="Id">Its split and its number from 0.</param>
/// <param name="Question">The question.</param>
/// <param name="Value">The exact answer.</param>
/// <param name="Natural">The solution in words (N-CoT): a line with its computation for every step.</param>
/// <param name="Program">The solution as a program (P-CoT).</param>
/// <param name="Structure">The steps and their numbers, without the words; it decides the split.</param>
/// <param name="Steps">How many steps there are.</param>
internal sealed record GeneratedProblem(
    string Id, string Question, Rational Value, string Natural, string Program, string Structure, int Steps)
{
    /// <summary>The problem with the solution of one style.</summary>
    /// <param name="style"><see cref="AnswerStyle.Number"/> or <see cref="AnswerStyle.Program"/>.</param>
    public Problem ToProblem(AnswerStyle style) => new(
        Id,
        Question,
        Value.ToString(),
        style switch
        {
            AnswerStyle.Number => Natural,
            AnswerStyle.Program => Program,
            _ => throw new InputException(
                "the built-in generator makes no multiple-choice problems; use number or program"),
        })
    {
        Group = Structure,
    };
}
