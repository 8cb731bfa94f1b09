using System.Diagnostics;
using System.IO.Hashing;
using Reft.Configuration;
using Reft.Generation;
using Reft.Models;
using Reft.Training;

namespace Reft.Planning;

/// <summary>Tries two steps, and takes the second apart.</summary>
internal static class StepProbe
{
    private const int Bytes = 1 << 26;

    /// <summary>Tries two steps; the first one also warms caches up.</summary>
    /// <param name="trainer">Does them.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch: its last may have fewer problems, and says little of the others.</param>
    /// <param name="config">The run's config.</param>
    /// <param name="policy">What is trained.</param>
    /// <returns>The seconds of the second, and what they were spent on.</returns>
    public static (double Seconds, StepCost Cost) Try(Trainer trainer, long stepsPerEpoch, RunConfig config, Policy policy)
    {
        trainer.Step(0);
        using var watch = new DecodeWatch();
        var clock = Stopwatch.StartNew();
        var step = trainer.Step(stepsPerEpoch == 2 ? 2 : 1);
        var seconds = clock.Elapsed.TotalSeconds;
        var timings = step.Timings;
        var rollouts = step.Trajectories.Select(trajectory => trajectory.Rollout).Where(rollout => rollout.LogProbs.Length > 0);
        int[][] drawn = [.. rollouts.GroupBy(rollout => rollout.Problem.Id, StringComparer.Ordinal)
            .Select(group => group.Select(rollout => rollout.Sampled.Count(sampled => sampled)).ToArray())];
        var (start, row) = RankForecast.Fit(watch.Steps);
        var (update, optimizer) = (timings["time/update_s"], timings["time/optimizer_s"]);
        var (copy, checksum) = Memory();
        return (seconds, new StepCost
        {
            DecodeBase = start,
            DecodeRow = row,
            Slots = Math.Max(1, config.Rollouts.Slots),
            Drawn = drawn,
            RolloutRest = timings["time/rollout_s"] - watch.Steps.Sum(one => one.Seconds),
            Prepare = timings["time/prepare_s"],
            Updates = step.Updates,
            TokenSeconds = (update - optimizer) / Math.Max(1, step.Updates.Sum(micros => micros.Sum())),
            Optimizer = optimizer,
            Rest = Math.Max(0, seconds - timings["time/rollout_s"] - timings["time/prepare_s"] - update),
            Parameters = policy.Parameters.Sum(parameter => (double)parameter.Count),
            ElementBytes = Forecaster.ElementBytes(config),
            Leaves = config.Training.GradientLeaves,
            IsStaged = !policy.Decoder.Device.HasKernels,
            Cores = Environment.ProcessorCount,
            Threads = Math.Min(TorchSharp.torch.get_num_threads(), Environment.ProcessorCount),
            CopySeconds = copy,
            ChecksumSeconds = checksum,
        });
    }

    /// <summary>Seconds of a byte that is copied, and of one that is summed up; the better of several times.</summary>
    private static (double Copy, double Checksum) Memory()
    {
        const int Times = 5;
        var (from, to) = (new byte[Bytes], new byte[Bytes]);
        var (copy, checksum) = (double.PositiveInfinity, double.PositiveInfinity);
        for (var time = 0; time < Times; time++)
        {
            var clock = Stopwatch.StartNew();
            from.CopyTo(to, 0);
            copy = Math.Min(copy, clock.Elapsed.TotalSeconds / Bytes);
            clock.Restart();
            XxHash3.HashToUInt64(to);
            checksum = Math.Min(checksum, clock.Elapsed.TotalSeconds / Bytes);
        }

        return (copy, checksum);
    }
}
