using Reft.Generation;

namespace Reft.Evaluation;

/// <summary>How the two parts of an evaluation draw their tokens.</summary>
internal static class EvaluationSampling
{
    public static SamplingOptions Greedy(EvaluationOptions options) =>
        Sampled(options) with { Temperature = 0, TopK = 0, TopP = 1, MinP = 0 };

    public static SamplingOptions Sampled(EvaluationOptions options) => new()
    {
        Temperature = options.Temperature,
        TopK = options.TopK,
        TopP = options.TopP,
        MinP = options.MinP,
        MaxTokens = options.MaxTokens,
        StopTokens = options.StopTokens,
        Seed = options.Seed,
    };
}
