using System.Text.Json.Serialization;

namespace Reft.Generation;

/// <summary>How tokens are drawn. Every field that draws is explicit: none has a hidden default.</summary>
public sealed record SamplingOptions
{
    private const double LeastTemperature = 1e-4;

    /// <summary>Divides the logits; 0 takes the most likely token. 0 or in [1e-4, ∞).</summary>
    public required double Temperature { get; init; }

    /// <summary>Only the k most likely tokens can be drawn; 0 for all.</summary>
    public required int TopK { get; init; }

    /// <summary>Only the smallest set of most likely tokens whose probabilities reach this can be drawn; 1 for all, in (0, 1].</summary>
    public required double TopP { get; init; }

    /// <summary>Only tokens at least this times as likely as the likeliest can be drawn; 0 for all, in [0, 1].</summary>
    public required double MinP { get; init; }

    /// <summary>The most tokens a completion may have, its stop token included; at least 1.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Tokens that end a completion; they belong to it.</summary>
    public required IReadOnlyList<int> StopTokens { get; init; }

    /// <summary>The seed of the draws.</summary>
    public required ulong Seed { get; init; }

    /// <summary>
    /// Whether log-probabilities are those of the distribution before the filters, as a policy that is trained evaluates its tokens; else those of
    /// the one that tokens were drawn from.
    /// </summary>
    [JsonIgnore] // It changes nothing of what is drawn, and stands in no file.
    public bool ScoresUnfiltered { get; init; }

    /// <summary>Whether each token is simply the most likely one.</summary>
    public bool IsGreedy => Temperature == 0;

    /// <summary>Every error of the options, each in words; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path)
    {
        var errors = new List<string>();
        // Below the least one float32 logits divided by it overflow; nobody can tell the draws from greedy ones.
        Check(Temperature == 0 || (Temperature >= LeastTemperature && double.IsFinite(Temperature)), "temperature",
            Temperature, "0 (greedy) or at least 0.0001");
        Check(TopK >= 0, "top-k", TopK, "at least 0 (0 is off)");
        Check(TopP is > 0 and <= 1, "top-p", TopP, "above 0 and at most 1 (1 is off)");
        Check(MinP is >= 0 and <= 1, "min-p", MinP, "between 0 and 1 (0 is off)");
        Check(MaxTokens >= 1, "max-tokens", MaxTokens, "at least 1");
        return errors;

        void Check(bool holds, string name, IFormattable value, string expected)
        {
            if (!holds)
            {
                var shown = value.ToString(null, System.Globalization.CultureInfo.InvariantCulture);
                errors.Add($"{path}{name} is {shown}: it must be {expected}");
            }
        }
    }
}
