using Reft.Supervision;
using Reft.Verification.Rewards;

namespace Reft.Outside;

/// <summary>A reward.</summary>
public sealed record LengthReward : IReward
{
    /// <inheritdoc/>
    public string Name => "length";

    /// <inheritdoc/>
    public string Summary => "for short responses";

    /// <summary>The most characters that are paid for, at least 1.</summary>
    [Option("the most characters that are paid for", AtLeast = 1)]
    public int Most { get; init => field = InRange.Of(this, value); } = 100;

    /// <inheritdoc/>
    public double Pay(JudgedSample sample) => sample.Response.Length <= Most ? 1 : 0;
}
