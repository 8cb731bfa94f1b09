using Reft.Configuration;
using Reft.Methods;
using Reft.Runs;
using Reft.Supervision;
using Reft.Verification.Rewards;

var catalog = Catalog.Default with { Rewards = [.. Catalog.Default.Rewards, new Brevity()] };
foreach (var config in new[] { "warmup.yaml", "reward.yaml" })
{
    using var run = TrainingRun.Prepare(ConfigFile.Load(config, sets: args, catalog).Config);
    await foreach (var step in run.StepsAsync())
    {
        Console.WriteLine($"{config} {step.Step + 1}/{run.Steps}: " + (config == "warmup.yaml" ? $"loss {step["loss/nll"]:F3}" : $"reward {step["reward/terminal"]:F3}"));
    }
}

/// <summary>Pays for short responses.</summary>
internal sealed record Brevity : IReward
{
    public string Name => "brevity";
    public string Summary => "for short responses";

    [Option("the most characters that are paid for", AtLeast = 1)]
    public int Most { get; init => field = InRange.Of(this, value); } = 20;

    [Option("what a short response is worth", Above = 0)]
    public double Weight { get; init => field = InRange.Of(this, value); } = 0.5;

    public double Pay(JudgedSample sample) => sample.Response.Length <= Most ? Weight : 0;
}
