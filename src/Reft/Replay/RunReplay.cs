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
    private readonly KlController? _kl;
    private readonly AdvantagePairs _all = new();
    private readonly List<ReplayedStep> _steps = [];
    private readonly List<VerdictChange> _examples = [];
    private string? _difference;

    private RunReplay(RunFolder folder, ReplaySettings settings)
    {
        (_folder, _settings) = (folder, settings);
        (_own, _changed) = settings.Load(folder);
        _template = _own.Answers.Template;
        _verifier = settings.Verify || _own.Answers != _changed.Answers ? RunVerifier.Create(_changed.Answers) : null;
        // Where nobody asks for another β, the one of each step is known; it need not follow from the steps read here.
        _kl = _own.Options<PpoOptions>().Kl == _changed.Options<PpoOptions>().Kl ? null : new KlController(_changed.Options<PpoOptions>().Kl);
    }

    /// <summary>Replays a run.</summary>
    /// <exception cref="InputException">It is not a run of reft, or its files cannot be read.</exception>
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
                Tokens = _all.Count,
                Difference = _difference,
                Correlation = double.IsFinite(_all.Correlation) ? _all.Correlation : null,
                SignFlips = _all.SignFlips,
                Steps = _steps,
                Examples = _examples,
                Skipped = reader.Skipped,
            };
    }

    private void Replay(StoredStep stored, CancellationToken cancellation)
    {
        var verdicts = _verifier?.Verify([.. stored.Trajectories.Select(Sample)], cancellation);
        var right = stored.Trajectories.Count(t => (verdicts?[t.Rollout.SampleId] ?? t.Rollout.Verdict) is { IsCorrect: true });
        var batch = _accuracy.Next(stored.Step, right, stored.Trajectories.Count);
        var replayed = stored.Trajectories.Select(t => Again(t, verdicts, batch)).ToArray();
        var metrics = new StepMetrics();
        var coefficient = _kl?.Coefficient ?? stored.KlCoefficient;
        var sequenceKl = Ppo.Preparation(_changed.Options<PpoOptions>(), reference: null).SetTargets(replayed, coefficient, metrics);
        // Earlier steps than the first shown one move an adaptive β too.
        _kl?.Update(sequenceKl, replayed.Length);
        if (stored.Step < (_settings.From ?? 0))
        {
            return;
        }

        _difference ??= ReplayProof.Difference(stored, replayed);
        Compare(stored, replayed, metrics, coefficient);
    }

    private Sample Sample(Trajectory trajectory) =>
        new(trajectory.Rollout.SampleId, trajectory.Rollout.Text, trajectory.Rollout.Problem.Answer)
        {
            Given = _template.Given(trajectory.Rollout.Problem.Question),
        };

    private Trajectory Again(Trajectory stored, Verdicts? verdicts, BatchAccuracy batch)
    {
        // Not null: the reader refuses a rollout without one.
        var verdict = verdicts?[stored.Rollout.SampleId] ?? stored.Rollout.Verdict!;
        var parts = Rewarding.Parts(_changed.Reward, new JudgedSample(
            stored.Rollout.Problem, _template.Given(stored.Rollout.Problem.Question) + stored.Rollout.Text, verdict, _changed.Answers.Style,
            stored.Rollout.IsTruncated)
        {
            Batch = batch,
        });
        var rollout = stored.Rollout with
        {
            Verdict = verdict,
            Reward = parts.Sum(part => part.Worth),
            RewardParts = Rewarding.Logged(parts),
        };
        return new Trajectory(rollout)
        {
            OldLogProbs = stored.OldLogProbs,
            ReferenceLogProbs = stored.ReferenceLogProbs,
            OldValues = stored.OldValues,
            LeftOut = Ppo.Preparation(_changed.Options<PpoOptions>(), reference: null).Rewards.LeavesOut(rollout),
        };
    }

    private void Compare(StoredStep stored, Trajectory[] replayed, StepMetrics metrics, double coefficient)
    {
        var pairs = new AdvantagePairs();
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
            stored.Step, replayed.Length, verdicts, rewards, pairs.Correlation, pairs.SignFlips, pairs.Count,
            Figures(stored.Trajectories, _own.Options<PpoOptions>(), stored.KlCoefficient, pairs.Before, stored.ExplainedVariance),
            Figures(replayed, _changed.Options<PpoOptions>(), coefficient, pairs.After, metrics["value/explained_variance"])));
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

    private static ReplayFigures Figures(
        IReadOnlyList<Trajectory> trajectories, PpoOptions options, double coefficient,
        (double Mean, double Deviation) advantages, double explained)
    {
        var (policy, value) = ReplayLosses.Of(trajectories, options);
        return new ReplayFigures(
            coefficient, trajectories.Average(t => t.Rollout.Reward), advantages.Mean, advantages.Deviation, policy, value,
            explained);
    }
}
