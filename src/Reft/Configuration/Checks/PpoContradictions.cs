using System.Globalization;
using Reft.Algorithms;

namespace Reft.Configuration.Checks;

/// <summary>Values of losses that go unread or fight each other.</summary>
internal static class PpoContradictions
{
    // Both losses have the same constant length.
    private static readonly PpoOptions _defaults = new();

    /// <summary>The contradictions of a config.</summary>
    public static IEnumerable<Contradiction> Of(RunConfig config)
    {
        var unread = MethodSections.UnreadBy(config.Method);
        return
        [
            .. unread.Contains("ppo") ? [] : Kl(config.Ppo.Kl).Concat(Ppo(config)),
            .. unread.Contains("selfTraining") ? [] : SelfTraining(config),
            .. unread.Contains("crossEntropy") ? []
                : Length("crossEntropy", config.CrossEntropy.Aggregation, config.CrossEntropy.ConstantLength),
        ];
    }

    private static IEnumerable<Contradiction> SelfTraining(RunConfig config)
    {
        var (options, training) = (config.SelfTraining, config.Training);
        var sequences = (long)training.BatchSize * (config.Rollouts.SamplesPerProblem + (options.GoldWeight > 0 ? 1 : 0));
        if (options.MiniBatch > sequences)
        {
            yield return new(
                string.Create(CultureInfo.InvariantCulture,
                    $"is {options.MiniBatch}, but a step has at most {sequences} sequences; 0 takes them all at once"),
                "selfTraining.miniBatch",
                "training.batchSize",
                "rollouts.samplesPerProblem");
        }
    }

    private static IEnumerable<Contradiction> Kl(KlOptions kl)
    {
        if (kl.Target is null && kl.Horizon != _defaults.Kl.Horizon)
        {
            yield return new(
                "is how fast the coefficient adapts, but without a target it is fixed; give ppo.kl.target, or remove it",
                "ppo.kl.horizon",
                "ppo.kl.target");
        }

        if (kl.Target is not null && kl.Coefficient == 0)
        {
            yield return new(
                "cannot be reached from a coefficient of 0, which stays 0; start above it, or remove the target",
                "ppo.kl.target",
                "ppo.kl.coefficient");
        }
    }

    private static IEnumerable<Contradiction> Ppo(RunConfig config)
    {
        var (ppo, training, rollouts) = (config.Ppo, config.Training, config.Rollouts);
        var sequences = (long)training.BatchSize * rollouts.SamplesPerProblem;
        if (ppo.MiniBatch > sequences)
        {
            yield return new(
                string.Create(CultureInfo.InvariantCulture,
                    $"is {ppo.MiniBatch}, but a step has {sequences} sequences; 0 takes them all at once"),
                "ppo.miniBatch",
                "training.batchSize",
                "rollouts.samplesPerProblem");
        }

        if (ppo.TruncationReward != 0 && ppo.Truncation != TruncationPolicy.FixedPenalty)
        {
            yield return new(
                "is read only with ppo.truncation fixedPenalty; set that, or remove it",
                "ppo.truncationReward",
                "ppo.truncation");
        }

        foreach (var contradiction in Length("ppo", ppo.Aggregation, ppo.ConstantLength))
        {
            yield return contradiction;
        }
    }

    private static IEnumerable<Contradiction> Length(string section, Aggregation aggregation, int length)
    {
        if (length != _defaults.ConstantLength && aggregation != Aggregation.SequenceSumConstant)
        {
            yield return new(
                $"is read only with {section}.aggregation sequenceSumConstant; set that, or remove it",
                $"{section}.constantLength",
                $"{section}.aggregation");
        }
    }
}
