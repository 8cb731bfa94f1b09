using System.Globalization;
using Reft.Algorithms;
using Reft.Training.Runs;

namespace Reft.Replay;

/// <summary>Compares what was worked out again with what is stored, bit by bit.</summary>
internal static class ReplayProof
{
    /// <summary>The first difference of a step, in words; null for none.</summary>
    /// <param name="stored">The step.</param>
    /// <param name="replayed">Its trajectories, worked out again.</param>
    /// <param name="figures">The figures that came with them.</param>
    public static string? Difference(StoredStep stored, IReadOnlyList<Trajectory> replayed, StepMetrics figures)
    {
        var hash = RolloutLog.Hash(replayed);
        return stored.Hash != hash
            ? $"step {stored.Step}: the rollouts' ids and log-probabilities hash to {hash}, metrics.jsonl says {stored.Hash}"
            : stored.Trajectories.Zip(replayed, (before, after) => Difference(stored.Step, before, after))
                .FirstOrDefault(difference => difference is not null)
                ?? figures.All.Where(figure => stored.Figures.TryGetValue(figure.Key, out var was) && !was.Equals(figure.Value))
                    .Select(figure => string.Create(
                        CultureInfo.InvariantCulture, $"step {stored.Step}: {figure.Key} is {figure.Value}, {stored.Figures[figure.Key]} is stored"))
                    .FirstOrDefault();
    }

    private static string? Difference(long step, Trajectory before, Trajectory after)
    {
        var where = $"step {step}, sample {before.Rollout.SampleId}";
        var (old, now) = (before.Rollout, after.Rollout);
        if (old.Verdict != now.Verdict)
        {
            return $"{where}: the verdict is {now.Verdict?.Outcome} ({OneLine.Of(now.Verdict?.Detail ?? "")}), "
                + $"{old.Verdict?.Outcome} ({OneLine.Of(old.Verdict?.Detail ?? "")}) is stored";
        }

        if (!old.Reward.Equals(now.Reward))
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"{where}: the reward of its verdict is {now.Reward}, {old.Reward} is stored");
        }

        if (!old.Weight.Equals(now.Weight))
        {
            return string.Create(CultureInfo.InvariantCulture, $"{where}: its weight is {now.Weight}, {old.Weight} is stored");
        }

        return Difference(where, "rewards", before.Rewards, after.Rewards)
            ?? Difference(where, "advantages", before.Advantages, after.Advantages)
            ?? Difference(where, "returns", before.Returns, after.Returns);
    }

    /// <summary>Equals, and not ==: what is not a number equals itself, and is written as null.</summary>
    private static string? Difference<T>(string where, string name, T[] stored, T[] now)
        where T : struct
    {
        if (stored.Length != now.Length)
        {
            return $"{where}: {now.Length} {name}, {stored.Length} are stored";
        }

        var t = Enumerable.Range(0, now.Length).FirstOrDefault(t => !stored[t].Equals(now[t]), -1);
        return t < 0
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"{where}: {name}[{t}] is {now[t]}, {stored[t]} is stored");
    }
}
