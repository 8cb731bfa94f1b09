using Reft.Problems;
using Reft.Problems.Files;
using Reft.Problems.Generated;
using Reft.Verification;
using Reft.Verification.Audits;

namespace Reft.Cli.Verbs;

/// <summary>What <c>reft verify</c> was asked to audit.</summary>
internal sealed record VerifyRequest
{
    public string? File { get; init; }

    /// <summary>The file to look for shared questions in; null where none was named.</summary>
    public string? Other { get; init; }

    public AnswerStyle? Style { get; init; }

    public AnswerPolicy Policy { get; init; }

    public required ProblemFileOptions Options { get; init; }

    public required AuditOptions Audit { get; init; }

    public bool Builtin { get; init; }

    public required GeneratorOptions Generator { get; init; }

    public int Count { get; init; }

    public string Name => Builtin ? "the built-in generator" : File!; // Load has refused the case without either.

    /// <summary>The problems, and the style given or guessed.</summary>
    public (IReadOnlyList<Problem> Problems, AnswerStyle Style) Load()
    {
        if (Builtin == File is not null)
        {
            throw new InputException(Builtin
                ? $"both '{File}' and --builtin are given; name one"
                : "nothing to verify; name a file, or use --builtin");
        }

        if (Builtin)
        {
            if (Count < 1)
            {
                throw new InputException($"--count is {Count}; it must be at least 1");
            }

            var made = Style ?? AnswerStyle.Number;
            return (new GeneratedSource(new ProblemGenerator(Generator), GeneratedSplit.Train, Count, made)
                .Load(), made);
        }

        var options = Style == AnswerStyle.Program ? Options with { Gsm8kSolution = Gsm8kSolution.Program } : Options;
        var problems = new ProblemFile(File!, options).Load(); // Not null: checked above.
        return (problems, Style ?? Verifiers.Guess(problems));
    }

    /// <summary>The questions that the other file shares; null where no other file was named.</summary>
    public IReadOnlyList<SharedQuestion>? Shared(IReadOnlyList<Problem> problems) => Other is null
        ? null
        : RepeatedQuestions.Across(
            problems, new ProblemFile(Other, Options with { Format = ProblemFormat.Auto }).Load());
}
