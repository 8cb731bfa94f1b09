using System.Globalization;
using Reft.Answers;
using Reft.Evaluation;
using Reft.Verification;

namespace Reft.Tests.Evaluation;

/// <summary>Evaluations made by hand.</summary>
internal static class Evaluations
{
    /// <summary>Problems p0, p1, … with known answers 0, 1, …, right or wrong as given.</summary>
    public static EvaluationResult Of(params bool[] right) => new()
    {
        Step = 3,
        Set = "dev",
        Model = "0123456789abcdef",
        Style = AnswerStyle.Number,
        Policy = AnswerPolicy.Exact,
        Greedy = Part(right),
        Sampled = null,
    };

    public static EvaluationPart Part(bool[] right) => Part(right.Select((r, i) => Item(i, 0, r)));

    public static EvaluationPart Part(IEnumerable<EvaluationItem> items)
    {
        EvaluationItem[] all = [.. items];
        return EvaluationPart.Of(
            EvaluationSampling.Sampled(LearnedModel.Options), all, all.Select(item => item.IsCorrect ? 1.0 : 0.1));
    }

    public static EvaluationItem Item(int problem, int sample, bool right) => new()
    {
        Problem = string.Create(CultureInfo.InvariantCulture, $"p{problem}"),
        Sample = sample,
        Prompt = "Question:\n…",
        Completion = "naïve “quoted” \u2028 <b>",
        Tokens = 3,
        Finish = EvaluationFinish.Stop,
        Outcome = right ? Outcome.Correct : Outcome.Incorrect,
        Answer = right ? string.Create(CultureInfo.InvariantCulture, $"{problem}") : null,
        Gold = string.Create(CultureInfo.InvariantCulture, $"{problem}"),
        Detail = "",
    };
}
