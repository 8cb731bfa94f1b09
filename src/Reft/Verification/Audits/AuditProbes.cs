using Reft.Answers;
using Reft.Problems;

namespace Reft.Verification.Audits;

/// <summary>A trick: completions that take no reasoning, and the share of problems that they may solve.</summary>
/// <param name="Name">What it is, as in "solved by …".</param>
/// <param name="Limit">The largest share of problems that it may solve; null where it is only reported.</param>
/// <param name="Completions">The completions for a problem; empty where it cannot be tried.</param>
public sealed record AuditProbe(string Name, double? Limit, Func<Problem, IEnumerable<string>> Completions);

/// <summary>The tricks that are tried on every verifier. Those that say nothing must solve nothing.</summary>
internal static class AuditProbes
{
    public static IEnumerable<AuditProbe> For(IVerifier verifier, AuditOptions options)
    {
        yield return new("the empty completion", 0, _ => [""]);
        yield return new("white space", 0, _ => [" \n\t\n "]);
        yield return new("the prompt echoed back", 0, problem => [AnswerFormat.Prompt(problem.Question)]);
        foreach (var probe in verifier.Style switch
        {
            AnswerStyle.Program => Programs(verifier, options),
            AnswerStyle.Choice => Choices(verifier, options),
            _ => Numbers(verifier, options),
        })
        {
            yield return probe;
        }
    }

    private static IEnumerable<AuditProbe> Numbers(IVerifier verifier, AuditOptions options)
    {
        yield return new("the answer trigger alone", 0, _ =>
            [AnswerFormat.AnswerTrigger, "So." + AnswerFormat.AnswerTrigger]);
        yield return new("the question after the trigger", 0,
            problem => TextNumbers.In(problem.Question).Take(2).Count() == 1
                ? []
                : ["So." + AnswerFormat.AnswerTrigger + problem.Question]);
        yield return new("all the question's numbers at once", 0, problem =>
            TextNumbers.In(problem.Question).Select(number => number.ToString()).ToList() is { Count: > 1 } numbers
                ? [verifier.Saying(string.Join(", ", numbers))]
                : []);
        yield return new("0", options.ZeroLimit, _ => [verifier.Saying("0")]);
        yield return new("some number of the question", null, problem => Echoes(verifier, problem));
    }

    private static IEnumerable<AuditProbe> Programs(IVerifier verifier, AuditOptions options)
    {
        yield return new("the header alone", 0, problem => [ProgramText.HeaderFor(problem.Question.Trim())]);
        yield return new("a program that returns nothing", 0, _ => [$"{ProgramText.Header}{ProgramText.Indent}pass"]);
        yield return new("a program that prints the question", 0, problem =>
            [$"{ProgramText.HeaderFor(problem.Question.Trim())}{ProgramText.Indent}print(solution.__doc__)"]);
        yield return new("a program that returns 0", options.ZeroLimit, _ =>
            [verifier.Saying("0")]);
        yield return new("a program that returns some number of the question", null,
            problem => Echoes(verifier, problem));
    }

    private static IEnumerable<AuditProbe> Choices(IVerifier verifier, AuditOptions options)
    {
        yield return new("the answer trigger alone", 0, _ =>
            [AnswerFormat.AnswerTrigger, "So." + AnswerFormat.AnswerTrigger]);
        yield return new("the question after the trigger", 0,
            problem => ["So." + AnswerFormat.AnswerTrigger + problem.Question.Trim()]);
        yield return new("the whole option list", 0, problem =>
            [verifier.Saying(problem.Question.Trim().Split('\n')[^1])]);
        foreach (var letter in "abcde")
        {
            yield return new($"always '{letter}'", options.LetterLimit,
                _ => [verifier.Saying(letter.ToString())]);
        }
    }

    private static IEnumerable<string> Echoes(IVerifier verifier, Problem problem) =>
        TextNumbers.In(problem.Question).Distinct().Select(number => verifier.Saying(number.ToString()));
}
