using Reft.Algorithms;
using Reft.Rollouts;

namespace Reft.Training;

/// <summary>
/// How far a sampler that is not the policy is from it, in the tokens that it drew. μ is the sampler, as it says itself, π the policy; d = log π - log μ.
/// </summary>
internal static class SamplerMetrics
{
    /// <summary>The KL of the sampler to the policy that is always at least 0 in a sample.</summary>
    public const string Kl = "sampler/kl_k3";

    /// <summary>How much likelier the draws are than the policy's own.</summary>
    public const string Surprise = "sampler/surprise_gap";

    /// <summary>What that may be by chance, and by as much as the log-probabilities differ.</summary>
    public const string SurpriseLimit = "sampler/surprise_limit";

    private const string Group = "Sampler";
    private const double Errors = 6;

    /// <summary>What is written of rollouts that another sampler drew.</summary>
    public static IReadOnlyList<Metric> All { get; } =
    [
        new("sampler/kl_k1", "mean over drawn tokens of -d: KL(μ‖π) without bias, and below 0 by chance")
        {
            IsSometimes = true, Chart = new(Group, "KL of the sampler to the policy") { Label = "k1" },
        },
        new(Kl, "mean over drawn tokens of exp d - 1 - d: the same with less variance, never below 0")
        {
            IsSometimes = true,
            Chart = new(Group, "KL of the sampler to the policy") { Label = "k3" },
            Healthy = new("sampler-drifts", "the sampler is not quite the policy", "look whether its weights are the policy's, then at its dtype and its kernels") { Most = 0.002 },
        },
        new("sampler/ratio_mean", "mean over drawn tokens of π/μ: 1 but for chance; below it where the sampler leaves tokens out")
        {
            IsSometimes = true, Chart = new(Group, "Ratio of policy to sampler") { Label = "mean" },
        },
        new("sampler/ratio_max", "the greatest π/μ, before it is truncated") { IsSometimes = true },
        new("sampler/gap_max", "the greatest |d|, in nats") { IsSometimes = true },
        new("sampler/weight_mean", "mean over drawn tokens of the weights of their advantages") { IsSometimes = true },
        new("sampler/truncated_share", "share of drawn tokens whose weight is below π/μ: truncated") { IsSometimes = true },
        new(Surprise, "mean over drawn tokens of -log π less the entropy of π: 0 but for chance where they are drawn from π, whatever μ is said to be")
        {
            IsSometimes = true, Chart = new(Group, "Surprise of the draws less the policy's entropy") { Label = "gap" },
        },
        new(SurpriseLimit, "6 standard errors of it, and √(2 KL) of its deviations, which is what a sampler as far away as it says can be off by") { IsSometimes = true },
    ];

    /// <summary>Measures a step's rollouts; nothing where the policy drew them itself.</summary>
    public static void Measure(IReadOnlyList<ScoredRollout> rollouts, StepMetrics metrics)
    {
        var drawn = rollouts.Where(rollout => rollout.Entropies.Length > 0).SelectMany(Tokens).ToArray();
        if (drawn.Length == 0)
        {
            return;
        }

        var ratios = drawn.Select(token => ImportanceWeights.Ratio(token.Gap)).ToArray();
        var kl = drawn.Zip(ratios, (token, ratio) => ratio - 1 - token.Gap).Average();
        metrics.Set("sampler/kl_k1", drawn.Average(token => -token.Gap));
        metrics.Set(Kl, kl);
        metrics.Set("sampler/ratio_mean", ratios.Average());
        metrics.Set("sampler/ratio_max", ratios.Max());
        metrics.Set("sampler/gap_max", drawn.Max(token => Math.Abs(token.Gap)));
        metrics.Set("sampler/weight_mean", drawn.Average(token => (double)token.Weight));
        metrics.Set("sampler/truncated_share", drawn.Zip(ratios, (token, ratio) => token.IsTruncated(ratio) ? 1.0 : 0).Average());
        var mean = drawn.Average(token => token.Surprise);
        // Given what went before, each token's surprise less its entropy has the mean 0: the sum is a martingale, and its variance the sum of squares.
        var deviation = Math.Sqrt(drawn.Average(token => token.Surprise * token.Surprise));
        metrics.Set(Surprise, mean);
        metrics.Set(SurpriseLimit, deviation * ((Errors / Math.Sqrt(drawn.Length)) + Math.Sqrt(2 * Math.Max(0, kl))));
    }

    private static IEnumerable<Token> Tokens(ScoredRollout rollout)
    {
        for (var t = 0; t < rollout.Roles.Length; t++)
        {
            if (rollout.Roles[t] == TokenRole.Sampled)
            {
                yield return new Token(
                    (double)rollout.LogProbs[t] - rollout.SamplerLogProbs[t], rollout.ImportanceWeights[t], -(double)rollout.LogProbs[t] - rollout.Entropies[t]);
            }
        }
    }

    private readonly record struct Token(double Gap, float Weight, double Surprise)
    {
        public bool IsTruncated(double ratio) => Weight < (float)ratio;
    }
}
