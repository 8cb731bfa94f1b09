using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Configuration;
using Reft.Methods;
using Reft.Supervision;

namespace Reft.Outside;

/// <summary>The options of <see cref="FixtureMethod"/>.</summary>
public sealed record FixtureOptions
{
    /// <summary>The fewest tokens of a completion, at least 0.</summary>
    [Option("the fewest tokens of a completion", AtLeast = 0)]
    public int LeastTokens { get; init => field = InRange.Of(this, value); }
}

/// <summary>A method from the ground up: this file is all of it, and a line in a catalog.</summary>
public sealed class FixtureMethod : IMethod
{
    /// <inheritdoc/>
    public string Name => "fixture";

    /// <inheritdoc/>
    public string Summary => "samples, which it learns whether they are right or not";

    /// <inheritdoc/>
    public string Citation => "nobody";

    /// <inheritdoc/>
    public OptionsSection Options { get; } = new("fixture", new FixtureOptions());

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads { get; } = [.. MethodKeys.Writes, .. MethodKeys.RollsOut];

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas => Algorithm().Formulas;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => Algorithm().Metrics;

    /// <inheritdoc/>
    public IEnumerable<Contradiction> Contradictions(RunConfig config) => config.Options<FixtureOptions>().LeastTokens > config.Rollouts.MaxTokens
        ? [new Contradiction("is more than a completion has", "fixture.leastTokens", "rollouts.maxTokens")]
        : [];

    /// <inheritdoc/>
    public MethodSetup Create(MethodParts parts)
    {
        var source = parts.Rollouts();
        return new MethodSetup(parts.Policy(), source.Rollouts, Algorithm())
        {
            UpdatesPerStep = 1,
            Notes = source.Notes,
            Inputs = source.Inputs,
        };
    }

    private static ComposedAlgorithm Algorithm() => new(new AlgorithmParts
    {
        Preparation = new Imitation(),
        Weighting = new AggregatedWeighting(Aggregation.TokenMean, 1),
        Terms = [new LogLikelihood()],
    });
}
