namespace Reft.Configuration;

/// <summary>What an outcome reward model learns.</summary>
public sealed record RewardModelSection
{
    /// <summary>A file of <c>reft sample</c>: samples of the training problems, and of the dev problems to choose by; required.</summary>
    public string? Samples { get; init; }

    /// <summary>The most different samples of a training problem, the first ones; absent for all.</summary>
    public int? MostPerProblem { get; init; }

    /// <summary>Every value that is out of range, each line beginning with its path.</summary>
    public IReadOnlyList<string> Validate(string path) => new RangeErrors(path)
        .AtLeast("mostPerProblem", MostPerProblem, 1)
        .All;
}
