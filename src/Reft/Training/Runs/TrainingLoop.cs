using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Ranks;
using Reft.Training.Invariants;
using static TorchSharp.torch;

namespace Reft.Training.Runs;

/// <summary>
/// Drives a trainer through a run and keeps its folder: steps, evaluations, checkpoints, alarms. A run that was
/// interrupted anywhere goes on from its newest whole checkpoint to the same bytes.
/// </summary>
internal sealed class TrainingLoop
{
    private readonly TrainingPlan _plan;
    private readonly Trainer _trainer;
    private readonly AdamW _optimizer;
    private readonly RunFolder _folder;
    private readonly ITrainingObserver _observer;
    private readonly TimeProvider _clock;
    private readonly CheckpointStore _checkpoints;
    private readonly InvariantWatch _watch;
    private readonly RankGroup _ranks;
    private readonly RunTelemetry _telemetry;

    /// <summary>Makes a loop.</summary>
    /// <param name="plan">What is done when.</param>
    /// <param name="trainer">Does the steps.</param>
    /// <param name="optimizer">The trainer's optimizer.</param>
    /// <param name="folder">The run's folder; the caller holds its lock.</param>
    /// <param name="observer">Told how it gets on.</param>
    /// <param name="clock">For times that are recorded.</param>
    public TrainingLoop(
        TrainingPlan plan, Trainer trainer, AdamW optimizer, RunFolder folder, ITrainingObserver observer,
        TimeProvider clock)
    {
        _plan = plan;
        _trainer = trainer;
        _optimizer = optimizer;
        _folder = folder;
        _observer = observer;
        _clock = clock;
        _checkpoints = new CheckpointStore(folder);
        _watch = new InvariantWatch(plan.Invariants, plan.Knob);
        _ranks = trainer.Ranks;
        _telemetry = new RunTelemetry(folder);
    }

    /// <summary>Runs to the end, or until it is asked to stop; then the step is finished and everything saved.</summary>
    /// <exception cref="AlarmException">An invariant stopped the run; the last checkpoint is as it was.</exception>
    /// <exception cref="InputException">A file cannot be written, or the folder's state does not fit the run.</exception>
    public RunOutcome Run(CancellationToken cancellation)
    {
        if (!_ranks.IsFirst)
        {
            _ranks.Meet();
            return Run(new Progress(Resume(), null), cancellation);
        }

        _checkpoints.Sweep();
        _ranks.Meet(); // Nobody reads what is swept away.
        var state = Resume();
        using var files = new RunFiles(_folder, state);
        ForgetEvaluationsAfter(state?.EvaluatedStep ?? -1);
        var run = new Progress(state, files);
        try
        {
            return Run(run, cancellation);
        }
        catch (Exception error)
        {
            new RunStatus("failed", run.Step, _plan.Steps, OneLine.Of(error.Message), _clock.GetUtcNow()).Write(_folder);
            throw;
        }
    }

    private RunOutcome Run(Progress run, CancellationToken cancellation)
    {
        using var span = _telemetry.Begin("train");
        while (true)
        {
            Evaluate(run, cancellation);
            KeepEpoch(run);
            // A run that was asked to stop before its last evaluation is not at its end: that one may find the best checkpoint.
            var ends = run.Step >= _plan.Steps && !IsToBeEvaluated(run);
            var stops = _ranks.Any(cancellation.IsCancellationRequested);
            if (run.SavedStep != run.Step && (stops || IsScheduled(run.Step)))
            {
                Save(run);
            }

            if (ends || stops)
            {
                var end = ends ? RunEnd.Finished : RunEnd.Stopped;
                Say(run, ends ? "finished" : "stopped");
                return new RunOutcome(end, run.Step, run.Best);
            }

            Step(run);
        }
    }

    private void Step(Progress run)
    {
        using var span = _telemetry.Begin("step", run.Step);
        // Not cancelled: what was asked to stop finishes its step.
        var step = _trainer.Step(run.Step, CancellationToken.None);
        var live = Tensor.TotalCount;
        step.Timings.Set("memory/live_tensors", live);
        step.Timings.Set("memory/tensor_growth", run.Live is { } before ? live - before : 0);
        run.Live = live;
        var found = _watch.Check(step);
        run.Files?.Metrics.Write(step, (run.Step + 1.0) / _plan.StepsPerEpoch, RolloutLog.Hash(step.Trajectories), _clock.GetUtcNow());
        run.Files?.Rollouts.Write(step);
        _telemetry.Stepped(step);
        foreach (var alarm in found)
        {
            run.Files?.Alarms.Write(json => Write(json, step.Step, alarm));
            _telemetry.Alarmed(alarm.Id);
            _observer.Noted($"step {step.Step}: {alarm.Line}", isWarning: true);
        }

        run.Step++;
        _observer.Stepped(step, _plan.Steps);
        if (found.FirstOrDefault(alarm => alarm.Stops) is { } fatal)
        {
            throw new AlarmException(fatal);
        }
    }

    private void Evaluate(Progress run, CancellationToken cancellation)
    {
        if (!IsToBeEvaluated(run) || _ranks.Any(cancellation.IsCancellationRequested))
        {
            return;
        }

        using var span = _telemetry.Begin("evaluate", run.Step);
        try
        {
            // There is one, or nothing is to be evaluated. Ranks finish it together: asked to stop, they would stop at different problems.
            var found = _plan.Evaluate!(run.Step, _ranks.IsAlone ? cancellation : CancellationToken.None);
            _telemetry.Evaluated(found.Accuracy);
            if (_ranks.IsFirst)
            {
                found.Write(_folder.Evaluation(run.Step, "dev"));
            }

            run.EvaluatedStep = run.Step;
            run.SavedStep = -1;
            // A later checkpoint has to be better, not as good: of equals the one that needed less training.
            run.Best = run.Best is null || found.Accuracy > run.Best.Accuracy
                ? new BestSoFar(run.Step, found.Accuracy)
                : run.Best;
            _observer.Noted(FormattableString.Invariant($"step {run.Step}: {found.Summary}"), isWarning: false);
        }
        catch (OperationCanceledException)
        {
            // The run stops at this step, and is evaluated when it goes on.
        }
    }

    private void KeepEpoch(Progress run)
    {
        if (run.Step % _plan.StepsPerEpoch == 0 && run.SavedStep != run.Step
            && _plan.KeepEpochs.Contains(checked((int)(run.Step / _plan.StepsPerEpoch))))
        {
            var name = FormattableString.Invariant($"epoch-{run.Step / _plan.StepsPerEpoch:D4}");
            if (_ranks.IsFirst)
            {
                _checkpoints.Keep(name, path => _plan.SaveModel(path, run.Step, run.Best));
            }
        }
    }

    private void Save(Progress run)
    {
        using var span = _telemetry.Begin("checkpoint", run.Step);
        if (run.Files is not { } files)
        {
            _optimizer.GiveState();
            run.SavedStep = run.Step;
            return;
        }

        files.Sync();
        var state = new CheckpointState
        {
            Step = run.Step,
            EvaluatedStep = run.EvaluatedStep,
            OptimizerSteps = _optimizer.Steps,
            Origin = _plan.Origin,
            Trainer = _trainer.Save(),
            Watch = _watch.Save(),
            Best = run.Best,
            MetricsLength = files.Metrics.Length,
            RolloutsLength = files.Rollouts.Length,
            AlarmsLength = files.Alarms.Length,
        };
        _checkpoints.Save(state, _optimizer, _plan.Kept, path => _plan.SaveModel(path, run.Step, run.Best));
        run.SavedStep = run.Step;
        WriteBest(run.Best);
        _checkpoints.Prune(_plan.Keep, run.Best?.Step, IsScheduled);
        Say(run, "running");
    }

    private void Say(Progress run, string state)
    {
        if (_ranks.IsFirst)
        {
            new RunStatus(state, run.Step, _plan.Steps, "", _clock.GetUtcNow()).Write(_folder);
        }
    }

    private void WriteBest(BestSoFar? best)
    {
        if (!_ranks.IsFirst)
        {
            return;
        }

        if (best is null)
        {
            File.Delete(_folder.Best);
            return;
        }

        var json = new JsonObject
        {
            ["step"] = best.Step,
            ["accuracy"] = best.Accuracy,
            ["checkpoint"] = Path.GetRelativePath(_folder.Path, _checkpoints.PathOf(best.Step)),
        };
        AtomicFile.WriteAllText(_folder.Best, json.ToJsonString() + "\n");
    }

    /// <summary>Puts the newest whole checkpoint's state back; null where the run starts from nothing.</summary>
    private CheckpointState? Resume()
    {
        foreach (var step in _checkpoints.Steps())
        {
            CheckpointState state;
            try
            {
                state = _checkpoints.Verify(step);
            }
            catch (InputException damage)
            {
                _observer.Noted($"{damage.Message}; the one before it is used", isWarning: true);
                continue;
            }

            if (state.Origin != _plan.Origin)
            {
                throw new InputException(
                    $"{_folder.Path}: was started from another model, problems or settings than it would go on with "
                    + $"({state.Origin} then, {_plan.Origin} now); restore them, or start a run in another folder");
            }

            _ranks.Agree("the checkpoint to go on from", $"step {step}");
            _checkpoints.Restore(state, _optimizer, _plan.Kept);
            _trainer.Restore(state.Trainer);
            _watch.Restore(state.Watch);
            WriteBest(state.Best);
            _observer.Noted($"goes on from {_checkpoints.PathOf(step)}", isWarning: false);
            return state;
        }

        _ranks.Agree("the checkpoint to go on from", "none");
        WriteBest(null);
        return null;
    }

    private void ForgetEvaluationsAfter(long step)
    {
        if (!Directory.Exists(_folder.Evaluations))
        {
            return;
        }

        foreach (var path in Directory.GetFiles(_folder.Evaluations, "step-*.dev.*json"))
        {
            if (long.TryParse(Path.GetFileName(path).AsSpan(5, 6), out var at) && at > step)
            {
                File.Delete(path);
            }
        }
    }

    private bool IsToBeEvaluated(Progress run) => _plan.Evaluate is not null && IsEvaluated(run.Step) && run.EvaluatedStep != run.Step;

    private bool IsEvaluated(long step) =>
        _plan.EvaluateEvery is not null && (step == 0 || step >= _plan.Steps || IsDue(step, _plan.EvaluateEvery));

    private bool IsScheduled(long step) =>
        step >= _plan.Steps || IsEvaluated(step) || IsDue(step, _plan.CheckpointEvery);

    private static bool IsDue(long step, long? every) => every is { } interval && step > 0 && step % interval == 0;

    private static void Write(Utf8JsonWriter json, long step, Alarm alarm)
    {
        json.WriteStartObject();
        json.WriteNumber("step", step);
        json.WriteString("id", alarm.Id);
        ExactText.Write(json, "figure", alarm.Figure);
        ExactText.Write(json, "limit", alarm.Limit);
        json.WriteBoolean("stops", alarm.Stops);
        json.WriteString("meaning", alarm.Meaning);
        json.WriteString("remedy", alarm.Remedy);
        json.WriteEndObject();
    }

    /// <summary>Where the run is.</summary>
    private sealed class Progress(CheckpointState? state, RunFiles? files)
    {
        public long Step { get; set; } = state?.Step ?? 0;

        public long EvaluatedStep { get; set; } = state?.EvaluatedStep ?? -1;

        public long SavedStep { get; set; } = state?.Step ?? -1;

        public BestSoFar? Best { get; set; } = state?.Best;

        public long? Live { get; set; }

        /// <summary>What is written; null on all ranks but the first.</summary>
        public RunFiles? Files => files;
    }

    /// <summary>The files that grow with a run.</summary>
    private sealed class RunFiles(RunFolder folder, CheckpointState? state) : IDisposable
    {
        public MetricsLog Metrics { get; } = new(folder, state?.MetricsLength ?? 0, state?.Step ?? 0);

        public RolloutLog Rollouts { get; } = new(folder, state?.RolloutsLength ?? 0);

        public LineFile Alarms { get; } = LineFile.Open(folder.Alarms, state?.AlarmsLength ?? 0);

        public void Sync()
        {
            Metrics.Sync();
            Rollouts.Sync();
            Alarms.Sync();
        }

        public void Dispose()
        {
            Metrics.Dispose();
            Rollouts.Dispose();
            Alarms.Dispose();
        }
    }
}
