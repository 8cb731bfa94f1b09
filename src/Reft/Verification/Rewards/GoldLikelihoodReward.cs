namespace Reft.Verification.Rewards;

/// <summary>
/// How likely the known answer is behind a sample's own thinking, <c>exp(mean_t log π(y_t | x, z))</c>: the reward of LatentR3
/// (<see href="https://arxiv.org/abs/2505.19092"/>, section 4.3) for thoughts in words. Nothing is verified, and a thinking that only makes the answer likelier is paid too.
/// </summary>
internal sealed record GoldLikelihoodReward : IReward
{
    /// <inheritdoc/>
    public string Name => "goldLikelihood";

    /// <inheritdoc/>
    public string Summary => "for how likely the known answer is behind a sample's own thinking";

    /// <summary>For a certain one, above 0.</summary>
    [Option("for a known answer of probability 1 a token; less in proportion to the geometric mean of its tokens' probabilities", Above = 0)]
    public double Worth { get; init => field = InRange.Of(this, value); } = 1;

    /// <inheritdoc/>
    public bool ReadsKnownAnswer => true;

    /// <inheritdoc/>
    public double Pay(JudgedSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return Worth * sample.KnownLikelihood;
    }
}
