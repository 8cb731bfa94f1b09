using System.Text.Json;

namespace Reft.Reporting;

/// <summary>One evaluation, without its items.</summary>
/// <param name="Step">After which step.</param>
/// <param name="Set">dev or test.</param>
/// <param name="Model">The hash of the weights.</param>
/// <param name="Style">What the model writes.</param>
/// <param name="Policy">How answers are compared.</param>
/// <param name="Greedy">Greedy completions; null where there were none.</param>
/// <param name="Sampled">Sampled completions; null where there were none.</param>
internal sealed record EvaluationResult(
    long Step, string Set, string? Model, string? Style, string? Policy, EvaluationScore? Greedy, EvaluationScore? Sampled);

/// <summary>What one way of decoding scored.</summary>
/// <param name="Accuracy">Strict accuracy; null where nothing was evaluated.</param>
/// <param name="Low">The lower end of its 95% interval.</param>
/// <param name="High">The upper end.</param>
/// <param name="N">Of how many completions.</param>
/// <param name="Reward">The mean reward.</param>
/// <param name="Shares">The shares of the outcomes, and of truncated completions.</param>
/// <param name="Sampling">How it was sampled, by the options' names.</param>
internal sealed record EvaluationScore(
    double? Accuracy, double? Low, double? High, long? N, double? Reward,
    IReadOnlyDictionary<string, double> Shares, IReadOnlyDictionary<string, string> Sampling)
{
    /// <summary>Reads the <c>greedy</c> or <c>sampled</c> of an evaluation.</summary>
    public static EvaluationScore? Read(JsonElement evaluation, string name)
    {
        if (evaluation.Find(name) is not { ValueKind: JsonValueKind.Object } part)
        {
            return null;
        }

        var accuracy = part.Find("accuracy") ?? default;
        var shares = part.Find("shares") is { ValueKind: JsonValueKind.Object } found
            ? found.EnumerateObject().Where(share => share.Value.ValueKind == JsonValueKind.Number)
                .ToDictionary(share => share.Name, share => share.Value.GetDouble())
            : [];
        return new EvaluationScore(
            accuracy.Number("value"), accuracy.Number("low"), accuracy.Number("high"), accuracy.Integer("n"),
            part.Number("reward"), shares, part.Find("sampling")?.Flatten() ?? []);
    }
}
