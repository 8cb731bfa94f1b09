namespace Reft.Rollouts;

/// <summary>
/// Truncated importance weights (Ionides 2008; for samplers apart from trainers Yao 2025, "Your efficient RL framework secretly brings you
/// off-policy RL training"): <c>min(π/μ, C)</c>, π the policy that is trained and μ the sampler. The truncation bounds the variance, at the price of a
/// bias towards the sampler where π is more than C times μ.
/// </summary>
internal static class ImportanceWeights
{
    // As of the ratio of an update: what is beyond is a fault, not a weight.
    private const double MostLog = 20;

    /// <summary>A weight for each token, <c>min(π_t/μ_t, C)</c> [T].</summary>
    /// <param name="policy">log π of drawn tokens [T].</param>
    /// <param name="sampler">log μ of them [T].</param>
    /// <param name="truncation">C, above 0.</param>
    public static float[] OfTokens(float[] policy, float[] sampler, double truncation) =>
        [.. policy.Zip(sampler, (p, s) => (float)Math.Min(Ratio((double)p - s), truncation))];

    /// <summary>One weight for all tokens of a sequence, <c>min(Π_t π_t/μ_t, C)</c> [T].</summary>
    /// <param name="policy">log π of drawn tokens [T].</param>
    /// <param name="sampler">log μ of them [T].</param>
    /// <param name="truncation">C, above 0.</param>
    public static float[] OfSequence(float[] policy, float[] sampler, double truncation)
    {
        var weight = (float)Math.Min(Ratio(policy.Zip(sampler, (p, s) => (double)p - s).Sum()), truncation);
        return [.. policy.Select(_ => weight)];
    }

    /// <summary>π/μ of a difference of logarithms.</summary>
    public static double Ratio(double log) => Math.Exp(Math.Clamp(log, -MostLog, MostLog));
}
