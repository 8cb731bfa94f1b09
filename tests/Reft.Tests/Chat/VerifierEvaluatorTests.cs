using Microsoft.Extensions.AI;
using Microsoft.Extensions.AI.Evaluation;
using Reft.Answers;
using Reft.Chat;
using Reft.Verification;

namespace Reft.Tests.Chat;

/// <summary>Verifiers as evaluators of Microsoft.Extensions.AI.</summary>
public sealed class VerifierEvaluatorTests
{
    private static readonly ChatMessage[] Asked = [new(ChatRole.User, "What is 3 + 4?")];

    [Theory]
    [InlineData("3 + 4 is 7. The answer is 7.", "7", true, "Correct", "7")]
    [InlineData("The answer is 8.", "7", false, "Incorrect", "8")]
    [InlineData("I do not know.", "7", false, "NoAnswer", null)]
    public async Task Evaluate_KnownAnswer_SaysWhatTheVerifierSays(string said, string known, bool isCorrect, string outcome, string? answer)
    {
        IEvaluator evaluator = new VerifierEvaluator(Verifiers.Create(AnswerStyle.Number));

        var result = await evaluator.EvaluateAsync(Asked, new ChatResponse(new ChatMessage(ChatRole.Assistant, said)), additionalContext: [new KnownAnswer(known)]);

        var correct = result.Get<BooleanMetric>(VerifierEvaluator.CorrectMetric);
        Assert.Equal(isCorrect, correct.Value);
        Assert.Equal(!isCorrect, correct.Interpretation!.Failed);
        Assert.Equal(outcome, result.Get<StringMetric>(VerifierEvaluator.OutcomeMetric).Value);
        Assert.Equal(answer, result.Get<StringMetric>(VerifierEvaluator.AnswerMetric).Value);
        Assert.Equal(evaluator.EvaluationMetricNames.Order(), result.Metrics.Keys.Order());
    }

    [Fact]
    public async Task Evaluate_NoKnownAnswer_HasNoValueAndSaysWhy()
    {
        var evaluator = new VerifierEvaluator(Verifiers.Create(AnswerStyle.Number));

        var result = await evaluator.EvaluateAsync(Asked, new ChatResponse(new ChatMessage(ChatRole.Assistant, "The answer is 7.")));

        var correct = result.Get<BooleanMetric>(VerifierEvaluator.CorrectMetric);
        Assert.Null(correct.Value);
        Assert.Contains(correct.Diagnostics!, one => one.Severity == EvaluationDiagnosticSeverity.Error);
    }
}
