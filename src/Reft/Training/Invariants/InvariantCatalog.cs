using Reft.Algorithms;

namespace Reft.Training.Invariants;

/// <summary>Every invariant that is checked after a step. docs/invariants.md explains each.</summary>
internal static class InvariantCatalog
{
    /// <summary>Checked where it can still prevent the update: by the algorithm itself.</summary>
    public const string FirstRatio = "first-ratio";

    /// <summary>Checked by another thread.</summary>
    public const string Watchdog = "watchdog";

    private const string Verdicts = "verdict/correct_share";
    private const double KlRounding = 0.02;

    /// <summary>Every id that can be turned off.</summary>
    public static IReadOnlyList<string> Ids { get; } =
        [Watchdog, .. Create(new InvariantOptions()).Select(invariant => invariant.Id)];

    /// <summary>The figure that each of them looks at; null for what every run has.</summary>
    public static IReadOnlyDictionary<string, string?> Figures { get; } = new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        [FirstRatio] = RatioMeter.FirstRatio,
        ["mask-sum"] = "mask/loss_tokens",
        ["verdict-count"] = Verdicts,
        ["not-finite"] = "optimizer/skipped",
        ["weights-still"] = "optimizer/changed_share",
        ["kl-negative"] = "kl/k1_sequence",
        ["kl-collapse"] = "kl/k1_sequence",
        ["entropy-collapse"] = "policy/entropy",
        ["reward-stuck"] = Verdicts,
        ["reward-collapse"] = Verdicts,
        ["error-verdicts"] = "verdict/error_share",
        ["sampler-differs"] = SamplerMetrics.Kl,
        ["sampler-draws"] = SamplerMetrics.Surprise,
        ["tensor-leak"] = null,
        [Watchdog] = null,
    };

    /// <summary>The invariants with their limits.</summary>
    public static IReadOnlyList<Invariant> Create(InvariantOptions options)
    {
        var peak = new RewardPeak(options.RewardCollapse);
        return
        [
            new("mask-sum", "the loss counted other tokens than the policy drew",
                "This is a fault of the algorithm: its weights must be 0 exactly where a token was not sampled.", 1, 1,
                step => Equal(step["mask/loss_tokens"], step["mask/sampled_tokens"])),
            new("verdict-count", "not every sample has a verdict",
                "This is a fault of the rollout source or the verifier: rewards could belong to other samples.", 1, 1,
                VerdictCount),
            new("not-finite", "a loss or gradient was not finite, and its optimizer step was left out",
                "Lower the learning rate, or compute in fp32.", 1, options.SkippedSteps,
                step => Above(step["optimizer/skipped"], 0)),
            new("weights-still", "an optimizer step changed no weight",
                "Raise the learning rate: at this one every update rounds to nothing.", 1, 3, WeightsStill),
            new("kl-negative", "the mean KL to the reference is significantly below 0, which no KL is",
                "The policy's log-probabilities are not those of the distribution that it draws from: run 'reft check'.", 1, 5,
                step => NegativeKl(step, options.NegativeKlErrors)),
            new("kl-collapse", "the policy has left its reference",
                "[Raise {kl.coefficient} or ]lower the learning rate.", 1, 3,
                step => Above(step["kl/k1_sequence"], options.KlLimit)),
            new("entropy-collapse", "the policy hardly varies any more",
                "[Raise {kl.coefficient} or ]lower the learning rate; more rollouts will all be the same.", 1, 0,
                step => Below(step["policy/entropy"], options.EntropyFloor)),
            new("reward-stuck", "no sample earned anything for many steps",
                "Look at the rollouts: warm up longer, or mend the prompt, the style or the verifier.",
                options.RewardStuckSteps, options.RewardStuckSteps, RewardStuck),
            new("reward-collapse", "the policy solves much less than it once did: it has collapsed",
                "[Raise {kl.coefficient} (0 often collapses) or ]lower the learning rate, and go on from an earlier checkpoint.", 1, 5,
                // Behind hints of changing length a share says nothing of the policy.
                step => double.IsNaN(step["rollout/hint_mean"]) ? peak.Measure(step) : null) { Memory = peak },
            new("hints-ratchet", "hints shrank by luck: from what is left of them hardly anything is solved, and they are never given back",
                "Set rollouts.curriculum.threshold above what guessing the last step earns, or rollouts.curriculum.widensBelow above 0.", 20, 0,
                Ratchet),
            new("error-verdicts", "too many verdicts are errors, not answers",
                "Look at their details in rollouts.jsonl: programs that cannot run, or answers that cannot be read.", 1, 0,
                step => Above(step["verdict/error_share"], options.ErrorShare)),
            new("sampler-differs", "the server's log-probabilities are not the policy's: it draws from another distribution, or tells another's",
                "Look whether its weights are the policy's (sampler/kl_k3 grows with stale ones), at its dtype, tokenizer and temperature, and whether it "
                + "tells log-probabilities behind the temperature (vLLM: --logprobs-mode processed_logprobs).", 1, 1,
                step => Above(step[SamplerMetrics.Kl], options.SamplerKl)),
            new("sampler-draws", "the server does not draw by the log-probabilities that it tells: its tokens are too likely, or too unlikely",
                "A filter that rollouts.server did not ask for is at work, such as top_p, top_k, a penalty or another temperature: look at its defaults.", 1, 2,
                step => double.IsNaN(step[SamplerMetrics.Surprise]) ? null
                    : new Measured(Math.Abs(step[SamplerMetrics.Surprise]), step[SamplerMetrics.SurpriseLimit], Math.Abs(step[SamplerMetrics.Surprise]) > step[SamplerMetrics.SurpriseLimit])),
            new("tensor-leak", "the number of live tensors grows from step to step",
                "This is a fault of Reft or of an algorithm of yours: memory will run out.", 20, 0,
                step => Above(step.Timings["memory/tensor_growth"], 0)) { IsOfTheProcess = true },
        ];
    }

    private static Measured? Above(double figure, double limit) =>
        double.IsNaN(figure) ? null : new Measured(figure, limit, figure > limit);

    private static Measured? Below(double figure, double limit) =>
        double.IsNaN(figure) ? null : new Measured(figure, limit, figure < limit);

    private static Measured? Equal(double figure, double limit) =>
        double.IsNaN(figure) ? null : new Measured(figure, limit, figure != limit);

    private static Measured? VerdictCount(TrainingStep step)
    {
        var drawn = step.Trajectories.Where(t => t.Rollout.LogProbs.Length > 0).ToArray();
        return drawn.Length == 0
            ? null
            : Equal(drawn.Count(t => t.Rollout.Verdict?.SampleId == t.Rollout.SampleId), drawn.Length);
    }

    private static Measured? WeightsStill(TrainingStep step)
    {
        var moves = step["optimizer/learning_rate"] > 0 && step["optimizer/skipped"] == 0
            && step["optimizer/gradient_norm"] > 0;
        var share = step["optimizer/changed_share"];
        return moves ? new Measured(share, 0, share == 0) : null;
    }

    // Before the first update the KL is 0 but for rounding, which has no spread to speak of.
    private static Measured? NegativeKl(TrainingStep step, double errors) =>
        Below(step["kl/k1_sequence"], -(errors * step["kl/k1_sequence_se"]) - KlRounding);

    /// <summary>Many problems were solved once, behind hints that are now far shorter.</summary>
    private static Measured? Ratchet(TrainingStep step) => step["hints/solved_share"] > 0.3 && step["hints/high_mean"] < 0.7
        ? Below(step["verdict/correct_share"], 0.1)
        : null;

    private static Measured? RewardStuck(TrainingStep step)
    {
        var judged = step.Trajectories.Where(t => t.Rollout.Verdict is not null).ToArray();
        if (judged.Length == 0)
        {
            return null;
        }

        var best = judged.Max(t => t.Rollout.Reward);
        return new Measured(best, 0, best <= 0);
    }
}
