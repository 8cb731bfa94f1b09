using Reft.Algorithms;
using Reft.Configuration;
using Reft.Methods;
using Reft.Models;

namespace Reft.Tests.Methods;

/// <summary>The options of <see cref="FixtureMethod"/>.</summary>
public sealed record FixtureOptions
{
    /// <summary>The fewest tokens of a question, at least 0.</summary>
    public int LeastTokens { get; init; }

    public IReadOnlyList<string> Validate(string path) =>
        LeastTokens >= 0 ? [] : [$"{path}.leastTokens is {LeastTokens}: it must be at least 0"];
}

/// <summary>A method of somebody else's: this file is all of it, and a line in a catalog.</summary>
internal sealed class FixtureMethod : IMethod
{
    public string Name => "fixture";

    public string Summary => "samples, which it learns whether they are right or not";

    public string Citation => "nobody";

    public OptionsSection Options { get; } = new("fixture", new FixtureOptions());

    public IReadOnlyList<string> Reads { get; } = [.. MethodKeys.Writes, .. MethodKeys.RollsOut];

    public IEnumerable<Contradiction> Contradictions(RunConfig config) => config.Options<FixtureOptions>().LeastTokens > config.Rollouts.MaxTokens
        ? [new Contradiction("is more than a completion has", "fixture.leastTokens", "rollouts.maxTokens")]
        : [];

    public MethodSetup Create(MethodParts parts)
    {
        var source = PolicySource.Create(parts);
        return new MethodSetup(new Policy(parts.Model.Model.Decoder), source.Rollouts, CrossEntropy.Create(new CrossEntropyOptions()))
        {
            UpdatesPerStep = 1,
            Notes = source.Notes,
            Inputs = source.Inputs,
        };
    }
}
