using Reft.Answers;

namespace Reft.Problems.Generated;

/// <summary>The generator as a source of problems.</summary>
/// <param name="generator">Makes the problems.</param>
/// <param name="split">Which of the three sets.</param>
/// <param name="count">How many.</param>
/// <param name="style">Which solution they carry: words or a program.</param>
internal sealed class GeneratedSource(ProblemGenerator generator, GeneratedSplit split, int count, AnswerStyle style)
    : IProblemSource
{
    /// <inheritdoc/>
    public IReadOnlyList<Problem> Load() =>
        [.. generator.Generate(split, count)
            .Select((problem, index) => problem.ToProblem(style) with { Row = index + 1 })];
}
