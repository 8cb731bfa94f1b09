namespace Reft.Composition.Configuration;

/// <summary>When and how the model is evaluated on dev.</summary>
public sealed record EvaluationSection
{
    /// <summary>Evaluates after every so many epochs; absent for never. Not with <see cref="EverySteps"/>.</summary>
    public int? EveryEpochs { get; init; }

    /// <summary>Evaluates after every so many steps; absent for never.</summary>
    public long? EverySteps { get; init; }

    /// <summary>The most tokens of a completion.</summary>
    public int MaxTokens { get; init; } = 400;

    /// <summary>Samples of each problem besides the greedy one; 0 for none.</summary>
    public int Samples { get; init; }

    /// <summary>Divides the logits of those samples.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Sequences that are decoded at once.</summary>
    public int Slots { get; init; } = 64;
}

/// <summary>When checkpoints are written and which are kept.</summary>
public sealed record CheckpointSection
{
    /// <summary>Writes one after every so many steps; absent for only at evaluations and at the end.</summary>
    public long? EverySteps { get; init; }

    /// <summary>How many of the newest are kept, at least 1; the best on dev is kept besides.</summary>
    public int Keep { get; init; } = 2;

    /// <summary>Epochs after which the weights are kept for good, as <c>checkpoints/epoch-0002</c>.</summary>
    public IReadOnlyList<int> KeepEpochs { get; init; } = [];
}
