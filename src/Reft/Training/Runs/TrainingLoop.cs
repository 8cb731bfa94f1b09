using System.Text.Json;
using System.Text.Json.Nodes;
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
        _telemetry = new RunTelemetry(folder);
    }

    /// <summary>Runs to the end, or until it is asked to stop; then the step is finished and everything saved.</summary>
    /// <exception cref="AlarmException">An invariant stopped the run; the last checkpoint is as it was.</exception>
    /// <exception cref="InputException">A file cannot be written, or the folder's state does not fit the run.</exception>
    public RunOutcome Run(CancellationToken cancellation)
    {
        _checkpoints.Sweep();
        var state = Resume();
        using var metrics = new MetricsLog(_folder, state?.MetricsLength ?? 0, state?.Step ?? 0);
        using var rollouts = new RolloutLog(_folder, state?.RolloutsLength ?? 0);
        using var alarms = LineFile.Open(_folder.Alarms, state?.AlarmsLength ?? 0);
        ForgetEvaluationsAfter(state?.EvaluatedStep ?? -1);
        var run = new Progress(state, metrics, rollouts, alarms);
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
            var stops = cancellation.IsCancellationRequested;
            if (run.SavedStep != run.Step && (stops || IsScheduled(run.Step)))
            {
                Save(run);
            }

            if (ends || stops)
            {
                var end = ends ? RunEnd.Finished : RunEnd.Stopped;
                new RunStatus(ends ? "finished" : "stopped", run.Step, _plan.Steps, "", _clock.GetUtcNow()).Write(_folder);
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
        run.Metrics.Write(step, (run.Step + 1.0) / _plan.StepsPerEpoch, RolloutLog.Hash(step.Trajectories), _clock.GetUtcNow());
        run.Rollouts.Write(step);
        _telemetry.Stepped(step);
        foreach (var alarm in found)
        {
            run.Alarms.Write(json => Write(json, step.Step, alarm));
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
        if (!IsToBeEvaluated(run) || cancellation.IsCancellationRequested)
        {
            return;
        }

        using var span = _telemetry.Begin("evaluate", run.Step);
        try
        {
            var found = _plan.Evaluate!(run.Step, cancellation); // There is one, or nothing is to be evaluated.
            found.Write(_folder.Evaluation(run.Step, "dev"));
            _telemetry.Evaluated(found.Accuracy);
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
            _checkpoints.Keep(name, path => _plan.SaveModel(path, run.Step, run.Best));
        }
    }

    private void Save(Progress run)
    {
        using var span = _telemetry.Begin("checkpoint", run.Step);
        run.Metrics.Sync();
        run.Rollouts.Sync();
        run.Alarms.Sync();
        var state = new CheckpointState
        {
            Step = run.Step,
            EvaluatedStep = run.EvaluatedStep,
            OptimizerSteps = _optimizer.Steps,
            Origin = _plan.Origin,
            Trainer = _trainer.Save(),
            Watch = _watch.Save(),
            Best = run.Best,
            MetricsLength = run.Metrics.Length,
            RolloutsLength = run.Rollouts.Length,
            AlarmsLength = run.Alarms.Length,
        };
        _checkpoints.Save(state, _optimizer, _plan.Kept, path => _plan.SaveModel(path, run.Step, run.Best));
        run.SavedStep = run.Step;
        WriteBest(run.Best);
        _checkpoints.Prune(_plan.Keep, run.Best?.Step, IsScheduled);
        new RunStatus("running", run.Step, _plan.Steps, "", _clock.GetUtcNow()).Write(_folder);
    }

    private void WriteBest(BestSoFar? best)
    {
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

            _checkpoints.Restore(state, _optimizer, _plan.Kept);
            _trainer.Restore(state.Trainer);
            _watch.Restore(state.Watch);
            WriteBest(state.Best);
            _observer.Noted($"goes on from {_checkpoints.PathOf(step)}", isWarning: false);
            return state;
        }

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
    private sealed class Progress(CheckpointState? state, MetricsLog metrics, RolloutLog rollouts, LineFile alarms)
    {
        public long Step { get; set; } = state?.Step ?? 0;

        public long EvaluatedStep { get; set; } = state?.EvaluatedStep ?? -1;

        public long SavedStep { get; set; } = state?.Step ?? -1;

        public BestSoFar? Best { get; set; } = state?.Best;

        public long? Live { get; set; }

        public MetricsLog Metrics { get; } = metrics;

        public RolloutLog Rollouts { get; } = rollouts;

        public LineFile Alarms { get; } = alarms;
    }
}
