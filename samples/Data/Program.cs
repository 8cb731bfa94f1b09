// After: reft export runs/first --output data
using System.Globalization;
using System.Text.Json.Serialization;
using Parquet.Serialization;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var steps = (await ParquetSerializer.DeserializeAsync<Step>(Path.Combine(args[0], "metrics.parquet"))).Data;
foreach (var run in steps.GroupBy(step => step.Run))
{
    Console.WriteLine($"{run.Key}: {run.Count()} steps, {run.Average(step => step.Correct):P1} correct, KL {run.Last().Kl:F3} at the end");
}

var rollouts = (await ParquetSerializer.DeserializeAsync<Rollout>(Path.Combine(args[0], "rollouts.parquet"))).Data;
foreach (var outcome in rollouts.GroupBy(rollout => rollout.Outcome).OrderBy(group => group.Key, StringComparer.Ordinal))
{
    Console.WriteLine($"{outcome.Key}: {outcome.Count()} rollouts, {outcome.SelectMany(rollout => rollout.LogProbs ?? []).Average():F4} nats a token");
}

internal sealed class Step
{
    [JsonPropertyName("run")] public string? Run { get; set; }
    [JsonPropertyName("step")] public long? Number { get; set; }
    [JsonPropertyName("verdict/correct_share")] public double? Correct { get; set; }
    [JsonPropertyName("kl/k1_sequence")] public double? Kl { get; set; }
}

internal sealed class Rollout
{
    [JsonPropertyName("outcome")] public string? Outcome { get; set; }
    [JsonPropertyName("logProbs")] public List<float>? LogProbs { get; set; }
}
