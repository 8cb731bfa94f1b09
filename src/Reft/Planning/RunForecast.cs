namespace Reft.Planning;

/// <summary>Token lengths of one kind of text.</summary>
/// <param name="Name">prompt, solution, or both together.</param>
/// <param name="Lengths">Every length, ascending.</param>
/// <param name="Limit">The most that the run takes.</param>
internal sealed record LengthForecast(string Name, IReadOnlyList<int> Lengths, int Limit)
{
    /// <summary>How many are longer than the limit.</summary>
    public int Over => Lengths.Count(length => length > Limit);

    /// <summary>The length that a share of the texts does not exceed, by nearest rank.</summary>
    /// <param name="share">In (0, 1].</param>
    public int Quantile(double share) =>
        Lengths.Count == 0 ? 0 : Lengths[Math.Max(0, (int)Math.Ceiling(share * Lengths.Count) - 1)];
}

/// <summary>Bytes of one part of a run's memory.</summary>
/// <param name="Part">What.</param>
/// <param name="Bytes">How many.</param>
internal sealed record MemoryForecast(string Part, long Bytes);

/// <summary>What a run would do, found without training: everything is read, and two steps are tried and thrown away.</summary>
internal sealed record RunForecast
{
    /// <summary>Problems to train on, to choose by, and to look at once.</summary>
    public required IReadOnlyList<int> Problems { get; init; }

    /// <summary>How long prompts and solutions are.</summary>
    public required IReadOnlyList<LengthForecast> Lengths { get; init; }

    /// <summary>Training steps.</summary>
    public required long Steps { get; init; }

    /// <summary>Steps that the learning rate is scheduled for.</summary>
    public required long ScheduledSteps { get; init; }

    /// <summary>Optimizer steps.</summary>
    public required long Updates { get; init; }

    /// <summary>Steps of an epoch.</summary>
    public required long StepsPerEpoch { get; init; }

    /// <summary>Memory by part, activations as an estimate; logits come on top.</summary>
    public required IReadOnlyList<MemoryForecast> Memory { get; init; }

    /// <summary>Seconds of the second of the two tried steps.</summary>
    public required double SecondsPerStep { get; init; }

    /// <summary>What the second step spent its seconds on.</summary>
    public required StepCost Step { get; init; }

    /// <summary>A step of several ranks, where it was asked for; by their number.</summary>
    public IReadOnlyList<RankStep> Ranks { get; init; } = [];

    /// <summary>Evaluations on dev; their time is not in <see cref="Seconds"/>.</summary>
    public required int Evaluations { get; init; }

    /// <summary>How prompts are made and what ends completions, in words.</summary>
    public required string Prompt { get; init; }

    /// <summary>What the user should know.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Bytes of all parts together.</summary>
    public long Bytes => Memory.Sum(part => part.Bytes);

    /// <summary>Seconds of all steps, without evaluations.</summary>
    public double Seconds => SecondsPerStep * Steps;
}
