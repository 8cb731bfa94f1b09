using Reft.Answers;
using Reft.Problems;
using Reft.Problems.Files;
using Reft.Verification.Audits;

namespace Reft.Hosting.Verbs;

/// <summary>What <c>reft verify</c> was asked to audit.</summary>
internal sealed record VerifyRequest
{
    public required ProblemRequest Problems { get; init; }

    /// <summary>The file to look for shared questions in; null where none was named.</summary>
    public string? Other { get; init; }

    public AnswerPolicy Policy { get; init; }

    public required AuditOptions Audit { get; init; }

    // Loading has refused the case without either.
    public string Name => Problems.Builtin ? "the built-in generator" : Problems.File!;

    /// <summary>The questions that the other file shares; null where no other file was named.</summary>
    public IReadOnlyList<SharedQuestion>? Shared(IReadOnlyList<Problem> problems) => Other is null
        ? null
        : RepeatedQuestions.Across(
            problems, new ProblemFile(Other, Problems.Options with { Format = null }).Load());
}
