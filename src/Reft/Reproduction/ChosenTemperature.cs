using System.Text.Json;
using Reft.Configuration;
using Reft.Evaluation.Voting;
using Reft.Inputs;
using Reft.Sampling;

namespace Reft.Reproduction;

/// <summary>A temperature, and the share of dev problems whose majority of samples was right at it.</summary>
internal sealed record TriedTemperature(double Temperature, double Majority);

/// <summary>The temperature that dev chose for a method's samples.</summary>
/// <param name="Temperature">The one chosen.</param>
/// <param name="Tried">All of them.</param>
internal sealed record ChosenTemperature(double Temperature, IReadOnlyList<TriedTemperature> Tried)
{
    /// <summary>The one whose majority is right most often, the first of equals.</summary>
    public static ChosenTemperature Of(IReadOnlyList<TriedTemperature> tried) => new(tried.MaxBy(t => t.Majority)!.Temperature, tried); // There is one.

    /// <summary>What was written; null where nothing was.</summary>
    public static ChosenTemperature? Read(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize<ChosenTemperature>(File.ReadAllText(path), RunJson.Indented) : null;

    /// <summary>The share of problems whose majority of samples is right.</summary>
    public static double Majority(string samples, AnswersSection answers, int k) => SampleLine.Read(samples)
        .GroupBy(line => line.Id, StringComparer.Ordinal)
        .Average(group => SampleAccuracy.MajorityAt(
            Ballot.Of([.. group.Select(line => line.Verdict)], group.First().Answer, answers.Style, answers.Policy), k));

    /// <summary>Writes it.</summary>
    public void Write(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, RunJson.Indented) + "\n");
}
