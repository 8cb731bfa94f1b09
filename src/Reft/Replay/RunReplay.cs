using Reft.Algorithms;
using Reft.Configuration;
using Reft.Inputs;
using Reft.Rollouts;
using Reft.Text;
using Reft.Training.Runs;
using Reft.Verification;
using Reft.Verification.Rewards;

namespace Reft.Replay;

/// <summary>
/// Works a run's rollouts out again, from its files alone and by the functions that trained it: what they were worth, and
/// what they would have been worth under other settings. Without settings it proves that the files say what was trained.
/// </summary>
internal sealed class RunReplay : IDisposable
{
    private const int MostExamples = 5;

    private readonly StepAccuracy _accuracy = new();
    private readonly ReplaySettings _settings;
    private readonly RunFolder _folder;
    private readonly RunConfig _own;
    private readonly RunConfig _changed;
    private readonly PromptTemplate _template;
    private readonly IVerifier? _verifier;
    private readonly ComposedAlgorithm _before;
    private readonly ComposedAlgorithm _after;
    private readonly AdvantagePairs _all = new();
    private readonly List<ReplayedStep> _steps = [];
    private readonly List<VerdictChange> _examples = [];
    private string? _difference;
    private long _tokens;

    private RunReplay(RunFolder folder, ReplaySettings settings)
    {
        (_folder, _settings) = (folder, settings);
        (_own, _changed) = settings.Load(folder);
        _template = _own.Answers.Template;
        _verifier = settings.Verify || _own.Answers != _changed.Answers ? RunVerifier.Create(_changed.Answers) : null;
        (_before, _after) = (Again(_own), Again(_changed));
    }

    /// <summary>Replays a run.</summary>
    /// <exception cref="InputException">It is not a run that can be replayed, or its files cannot be read.</exception>
    public static ReplayResult Run(RunFolder folder, ReplaySettings settings, CancellationToken cancellation)
    {
        using var replay = new RunReplay(folder, settings);
        return replay.Run(cancellation);
    }

    /// <inheritdoc/>
    public void Dispose() => (_verifier as IDisposable)?.Dispose();

    private ReplayResult Run(CancellationToken cancellation)
    {
        var reader = new RolloutReader(_folder);
        foreach (var stored in reader.Steps(_settings.To ?? long.MaxValue))
        {
            cancellation.ThrowIfCancellationRequested();
            Replay(stored, cancellation);
        }

        return _steps.Count == 0
            ? throw new InputException($"{OneLine.Of(_folder.Path)}: has no whole step in that range to replay; look at --from and --to")
            : new ReplayResult
            {
                Settings = _settings.Sets,
                Verified = _verifier is not null,
                Rollouts = _steps.Sum(s => (long)s.Rollouts),
                Tokens = _tokens,
                Difference = _difference,
                Correlation = double.IsFinite(_all.Correlation) ? _all.Correlation : null,
                SignFlips = _all.SignFlips,
                Steps = _steps,
                Examples = _examples,
                Skipped = reader.Skipped,
                Unreplayed = _own.Catalog.Of(_own.Method).Unreplayed,
            };
    }

    private void Replay(StoredStep stored, CancellationToken cancellation)
    {
        var verdicts = _verifier?.Verify([.. stored.Trajectories.Select(Sample)], cancellation);
        var right = stored.Trajectories.Count(t => (verdicts?[t.Rollout.SampleId] ?? t.Rollout.Verdict) is { IsCorrect: true });
        var batch = _accuracy.Next(stored.Step, right, stored.Trajectories.Count);
        var metrics = new StepMetrics();
        // Where nobody asks for another β, the one of each step is known; it need not follow from the steps read here. Where somebody does, earlier
        // steps than the first shown one move an adaptive β too.
        double? coefficient = _settings.ChangesPenalty || !double.IsFinite(stored.KlCoefficient) ? null : stored.KlCoefficient;
        var replayed = _after.Parts.Preparation.Again([.. stored.Trajectories.Select(t => Again(t, verdicts, batch))], coefficient, metrics)
            ?? throw new InputException($"method {_own.Method} does not work stored steps out again");
        if (stored.Step < (_settings.From ?? 0))
        {
            AsStored(stored); // What the run's own preparation keeps from step to step goes on too.
            return;
        }

        _difference ??= ReplayProof.Difference(stored, replayed, metrics);
        Compare(stored, replayed, metrics);
    }

    private Sample Sample(Trajectory trajectory) =>
        new(trajectory.Rollout.SampleId, trajectory.Rollout.Text, trajectory.Rollout.Problem.Answer)
        {
            Given = _template.Given(trajectory.Rollout.Problem.Question),
        };

    private static ComposedAlgorithm Again(RunConfig config) => config.Catalog.Of(config.Method).Again(config)
        ?? throw new InputException($"method {config.Method} does not work stored steps out again");

    private Trajectory Again(Trajectory stored, Verdicts? verdicts, BatchAccuracy batch)
    {
        // Not null: the reader refuses a rollout without one.
        var verdict = verdicts?[stored.Rollout.SampleId] ?? stored.Rollout.Verdict!;
        if (stored.Rollout.KnownLikelihood is null && _changed.Reward.FirstOrDefault(reward => reward.ReadsKnownAnswer) is { } unknown)
        {
            throw new InputException($"reward {unknown.Name} asks how likely known answers were, which this run did not work out");
        }

        var parts = Rewarding.Parts(_changed.Reward, new JudgedSample(
            stored.Rollout.Problem, _template.Given(stored.Rollout.Problem.Question) + stored.Rollout.Text, verdict, _changed.Answers.Style,
            stored.Rollout.IsTruncated)
        {
            Batch = batch,
            KnownLikelihood = stored.Rollout.KnownLikelihood ?? 0,
        });
        var reward = parts.Sum(part => part.Worth);
        if (stored.Rollout.Baseline is not null && _settings.Sets.Count > 0 && !reward.Equals(stored.Rollout.Reward))
        {
            throw new InputException("the settings pay samples otherwise, but the baselines are what greedy completions earned, which are not stored");
        }

        var rollout = stored.Rollout with
        {
            Verdict = verdict,
            Reward = reward,
            RewardParts = Rewarding.Logged(parts),
        };
        return new Trajectory(rollout)
        {
            OldLogProbs = stored.OldLogProbs,
            ReferenceLogProbs = stored.ReferenceLogProbs,
            OldValues = stored.OldValues,
        };
    }

    private void Compare(StoredStep stored, IReadOnlyList<Trajectory> replayed, StepMetrics metrics)
    {
        var pairs = new AdvantagePairs();
        _tokens += stored.Trajectories.Sum(t => (long)t.Sampled.Count(sampled => sampled));
        var (verdicts, rewards) = (0, 0);
        foreach (var (before, after) in stored.Trajectories.Zip(replayed))
        {
            pairs.Add(before, after);
            _all.Add(before, after);
            rewards += before.Rollout.Reward.Equals(after.Rollout.Reward) ? 0 : 1;
            if (before.Rollout.Verdict!.Outcome != after.Rollout.Verdict!.Outcome) // Neither is null, as above.
            {
                verdicts++;
                Note(stored.Step, before, after);
            }
        }

        _steps.Add(new ReplayedStep(
            stored.Step, stored.Trajectories.Count, verdicts, rewards, pairs.Correlation, pairs.SignFlips, pairs.Count,
            Figures(AsStored(stored), _before, stored.KlCoefficient, pairs.Before, stored.ExplainedVariance),
            Figures(replayed, _after, metrics["kl/coefficient"], pairs.After, metrics["value/explained_variance"])));
    }

    private void Note(long step, Trajectory before, Trajectory after)
    {
        if (_examples.Count < MostExamples)
        {
            var (old, now) = (before.Rollout.Verdict!, after.Rollout.Verdict!); // Neither is null, as above.
            _examples.Add(new VerdictChange(
                step, old.SampleId, $"{old.Outcome}", $"{now.Outcome}", now.Detail, after.Rollout.Text.Trim().Split('\n')[^1]));
        }
    }

    /// <summary>The step as it is stored, with what the run left out of the loss; rewards and advantages stay the stored ones.</summary>
    private IReadOnlyList<Trajectory> AsStored(StoredStep stored)
    {
        var again = _before.Parts.Preparation.Again(stored.Trajectories, double.IsFinite(stored.KlCoefficient) ? stored.KlCoefficient : null, new StepMetrics())!; // It has been.
        foreach (var (before, after) in stored.Trajectories.Zip(again))
        {
            (after.Rewards, after.Advantages, after.Returns) = (before.Rewards, before.Advantages, before.Returns);
        }

        return again;
    }

    private ReplayFigures Figures(
        IReadOnlyList<Trajectory> trajectories, ComposedAlgorithm algorithm, double coefficient,
        (double Mean, double Deviation) advantages, double explained)
    {
        // Where there is no ratio, what was drawn at another temperature is learned at 1, and how likely it was then nobody stored.
        var losses = algorithm.Parts.Ratio is null && _own.Rollouts.Temperature != 1
            ? new FirstLosses(double.NaN, double.NaN, double.NaN)
            : ReplayLosses.Of(algorithm, trajectories);
        return new ReplayFigures(
            coefficient, trajectories.Average(t => t.Rollout.Reward), advantages.Mean, advantages.Deviation, losses.Whole, losses.Policy,
            losses.Value, explained);
    }
}
