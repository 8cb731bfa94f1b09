namespace Reft.Evaluation;

/// <summary>How a model is evaluated: always greedily, and with samples besides where they are asked for.</summary>
public sealed record EvaluationOptions
{
    /// <summary>The most tokens of a completion, its stop token included; at least 1.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Tokens that end a completion; at least one, or every completion would count as truncated.</summary>
    public required IReadOnlyList<int> StopTokens { get; init; }

    /// <summary>Sequences that are decoded at once, at least 1; changes nothing but speed and memory.</summary>
    public int Slots { get; init; } = 64;

    /// <summary>Samples of each problem besides the greedy completion; 0 for none.</summary>
    public int Samples { get; init; }

    /// <summary>Divides the logits of the samples; at least 1e-4.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Only the k most likely tokens can be sampled; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the likeliest tokens that together reach this probability can be sampled; 1 for all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Only tokens at least this times as likely as the likeliest can be sampled; 0 for all.</summary>
    public double MinP { get; init; }

    /// <summary>The seed of the samples.</summary>
    public ulong Seed { get; init; }

    /// <summary>What is wrong with the options, each line beginning with its path; empty when nothing is.</summary>
    public IEnumerable<string> Validate(string path)
    {
        foreach (var error in EvaluationSampling.Sampled(this).Validate(path))
        {
            yield return error;
        }

        if (Slots < 1)
        {
            yield return $"{path}slots is {Slots}: it must be at least 1";
        }

        if (Samples < 0)
        {
            yield return $"{path}samples is {Samples}: it must be at least 0 (0 is greedy only)";
        }

        if (Samples > 0 && Temperature == 0)
        {
            yield return $"{path}temperature is 0 with {Samples} samples, which would all be the greedy completion: "
                + "it must be at least 0.0001";
        }

        if (StopTokens.Count == 0)
        {
            yield return $"{path}stop-tokens is empty: name the tokens that end a completion";
        }
    }
}
