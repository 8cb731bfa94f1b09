namespace Reft.Configuration;

/// <summary>What an outcome reward model learns.</summary>
public sealed record RewardModelSection
{
    /// <summary>A file of <c>reft sample</c>: samples of the training problems, and of the dev problems to choose by; required.</summary>
    [Option("a file of `reft sample`, of the same problems; every text of a problem is learned once", Note = "required")]
    public string? Samples { get; init; }

    /// <summary>The most different samples of a training problem, the first ones; absent for all.</summary>
    [Option("the most different samples of a training problem, the first ones; absent for all", AtLeast = 1)]
    public int? MostPerProblem { get; init => field = InRange.Of(this, value); }
}
