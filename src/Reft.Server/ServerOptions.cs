namespace Reft.Server;

/// <summary>What a server takes, and how it draws where a request does not say.</summary>
public sealed record ServerOptions
{
    /// <summary>Who asks must show it as <c>Authorization: Bearer …</c>; null for nobody.</summary>
    public string? Key { get; init; }

    /// <summary>The most bytes of a request's body, at least 1.</summary>
    public long MaxBody { get; init; } = 4L << 20;

    /// <summary>The most tokens of a completion, at least 1; null for what the context has room for.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>The most completions of one request, at least 1.</summary>
    public int MaxChoices { get; init; } = 128;

    /// <summary>Divides the logits where a request does not say; 0 is greedy.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Where a request does not say: only the k likeliest tokens; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Where a request does not say: only the likeliest tokens that together reach this; 1 for all.</summary>
    public double TopP { get; init; } = 1;

    /// <summary>Where a request does not say: only tokens at least this times as likely as the likeliest; 0 for all.</summary>
    public double MinP { get; init; }

    /// <summary>
    /// Whoever asks may put in weights from folders in this one, by <c>/update_weights_from_disk</c>, and every answer says which weights drew it;
    /// null for nobody.
    /// </summary>
    public string? WeightsFrom { get; init; }

    /// <summary>Every error of the options, each in words; empty if there is none.</summary>
    /// <param name="path">Stands before each name.</param>
    public IReadOnlyList<string> Validate(string path)
    {
        var drawing = new Generation.SamplingOptions
        {
            Temperature = Temperature,
            TopK = TopK,
            TopP = TopP,
            MinP = MinP,
            MaxTokens = MaxTokens ?? 1,
            StopTokens = [],
            Seed = 0,
        };
        var errors = new List<string>(drawing.Validate(path));
        if (Key is { Length: 0 })
        {
            errors.Add($"{path}key is empty: leave it out, or name one");
        }

        if (WeightsFrom is not null && !Directory.Exists(WeightsFrom))
        {
            errors.Add($"{path}weights-from is {OneLine.Quote(WeightsFrom)}: there is no such folder");
        }

        if (MaxBody < 1)
        {
            errors.Add($"{path}max-body is {MaxBody}: it must be at least 1");
        }

        if (MaxChoices < 1)
        {
            errors.Add($"{path}max-choices is {MaxChoices}: it must be at least 1");
        }

        return errors;
    }
}
