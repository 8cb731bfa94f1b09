using Reft.Answers;
using Reft.Evaluation;
using Reft.Problems;
using Reft.Text;

namespace Reft.Sampling;

/// <summary>A model that draws samples of problems into a file.</summary>
/// <param name="Evaluator">Completes and verifies, by <see cref="Options"/>.</param>
/// <param name="Options">How samples are drawn.</param>
/// <param name="Model">The model's hash.</param>
/// <param name="Template">The prompts.</param>
/// <param name="Policy">How answers are read.</param>
/// <param name="Tokenizer">The model's tokenizer.</param>
internal sealed record SampleDrawing(
    Evaluator Evaluator, EvaluationOptions Options, string Model, PromptTemplate Template, AnswerPolicy Policy, Tokenizer Tokenizer)
{
    /// <summary>The name of the form in which answers are given; null for the style's own, and where a config says it.</summary>
    public string? Form { get; init; }

    /// <summary>Draws what the file lacks.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problems">The problems, in the order of the file.</param>
    /// <param name="onProgress">Told in words how far it is.</param>
    /// <param name="cancellation">Stops; what is written stays.</param>
    public SampleSummary Fill(
        string path, IReadOnlyList<Problem> problems, Action<string> onProgress, CancellationToken cancellation)
    {
        var settings = SampleSettings.Of(Model, problems, Template, Policy, Template.Mark(Tokenizer), Options) with { Form = Form };
        var done = 0;
        return new SampleFile(path, settings, problem => Template.Given(problem.Question)).Fill(
            problems,
            portion => Evaluator.Sample(
                portion,
                progress => onProgress(FormattableString.Invariant(
                    $"{done} of {problems.Count} problems, {progress.Done} of {progress.Total} samples of the next {portion.Count}")),
                cancellation),
            // Enough at a time to keep the slots full.
            Math.Max(1, 4 * Options.Slots / Options.Samples), count => done = count, cancellation);
    }
}
