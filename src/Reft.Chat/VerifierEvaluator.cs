using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;
using Reft.Verification;

namespace Reft.Chat;

/// <summary>The known answer that a response is judged by.</summary>
public sealed class KnownAnswer : EvaluationContext
{
    /// <summary>What the context is called.</summary>
    public const string ContextName = "Known answer";

    /// <summary>Makes one.</summary>
    /// <param name="answer">The answer, as the data writes it.</param>
    /// <param name="given">What the prompt already gave of the response, such as a program's header; empty where it gave nothing.</param>
    public KnownAnswer(string answer, string given = "")
        : base(ContextName, answer) => (Answer, Given) = (answer, given);

    /// <summary>The answer, as the data writes it.</summary>
    public string Answer { get; }

    /// <summary>What the prompt already gave of the response.</summary>
    public string Given { get; }
}

/// <summary>
/// A verifier of Reft as an evaluator: it needs no model to judge. A response is judged by the <see cref="KnownAnswer"/> of its context; without
/// one the metrics have no value and say so.
/// </summary>
/// <param name="verifier">The verifier, as <see cref="Verifiers.Create"/> makes it.</param>
public sealed class VerifierEvaluator(IVerifier verifier) : IEvaluator
{
    /// <summary>The metric that says whether the answer is right.</summary>
    public const string CorrectMetric = "Correct";

    /// <summary>The metric that says what happened, in the words of <see cref="Outcome"/>.</summary>
    public const string OutcomeMetric = "Outcome";

    /// <summary>The metric that has the answer which was read.</summary>
    public const string AnswerMetric = "Answer";

    /// <inheritdoc/>
    public IReadOnlyCollection<string> EvaluationMetricNames => [CorrectMetric, OutcomeMetric, AnswerMetric];

    /// <inheritdoc/>
    public ValueTask<EvaluationResult> EvaluateAsync(
        IEnumerable<ChatMessage> messages, ChatResponse modelResponse, ChatConfiguration? chatConfiguration = null,
        IEnumerable<EvaluationContext>? additionalContext = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(modelResponse);
        var correct = new BooleanMetric(CorrectMetric);
        var outcome = new StringMetric(OutcomeMetric);
        var answer = new StringMetric(AnswerMetric);
        if (additionalContext?.OfType<KnownAnswer>().FirstOrDefault() is not { } known)
        {
            correct.AddDiagnostics(EvaluationDiagnostic.Error($"the context has no {nameof(KnownAnswer)}: nothing says what is right"));
            return ValueTask.FromResult(new EvaluationResult(correct, outcome, answer));
        }

        var verdict = verifier.Verify([new Sample("response", modelResponse.Text, known.Answer) { Given = known.Given }], cancellationToken)[0];
        (correct.Value, outcome.Value, answer.Value) = (verdict.IsCorrect, verdict.Outcome.ToString(), verdict.Answer);
        correct.Reason = outcome.Reason = verdict.Detail;
        correct.Interpretation = new EvaluationMetricInterpretation(
            verdict.IsCorrect ? EvaluationRating.Exceptional : EvaluationRating.Unacceptable, failed: !verdict.IsCorrect, verdict.Detail);
        correct.AddOrUpdateContext(known);
        return ValueTask.FromResult(new EvaluationResult(correct, outcome, answer));
    }
}
