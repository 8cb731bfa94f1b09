using Reft.Hosting;
using Reft.Supervision;
using Reft.Verification.Rewards;

return await ReftHost.RunAsync(args, new Brevity());

/// <summary>Pays for short responses.</summary>
internal sealed record Brevity : IReward
{
    public string Name => "brevity";
    public string Summary => "for short responses";

    [Option("the most characters that are paid for", AtLeast = 1)]
    public int Most { get; init => field = InRange.Of(this, value); } = 40;

    [Option("what a short response is worth", Above = 0)]
    public double Weight { get; init => field = InRange.Of(this, value); } = 0.5;

    public double Pay(JudgedSample sample) => sample.Response.Length <= Most ? Weight : 0;
}
