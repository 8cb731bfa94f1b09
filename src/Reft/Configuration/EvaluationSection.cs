namespace Reft.Configuration;

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

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => new RangeErrors(path)
        .AtLeast("everyEpochs", EveryEpochs, 1)
        .AtLeast("everySteps", EverySteps, 1)
        .AtLeast("maxTokens", MaxTokens, 1)
        .AtLeast("samples", Samples, 0)
        .Check(Temperature >= 1e-4, "temperature", Temperature, "at least 0.0001; the greedy sample is there besides")
        .AtLeast("slots", Slots, 1)
        .All;
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

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => new RangeErrors(path)
        .AtLeast("everySteps", EverySteps, 1)
        .AtLeast("keep", Keep, 1)
        .Check(KeepEpochs.All(epoch => epoch >= 1), "keepEpochs", KeepEpochs.FirstOrDefault(e => e < 1), "at least 1")
        .Check(Repeated is null, "keepEpochs", Repeated, "given once; it is there twice")
        .All;

    private int? Repeated => KeepEpochs.GroupBy(epoch => epoch).FirstOrDefault(group => group.Count() > 1)?.Key;
}
