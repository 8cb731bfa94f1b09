using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Reft.Training.Runs;

/// <summary>A run's figures and spans for whoever listens.</summary>
/// <param name="folder">The run's folder; its name is the tag <c>run</c>.</param>
internal sealed class RunTelemetry(RunFolder folder)
{
    private static readonly Counter<long> _steps = Telemetry.Meter.CreateCounter<long>("reft.training.steps", "{step}", "Training steps done.");

    private static readonly Counter<long> _tokens = Telemetry.Meter.CreateCounter<long>(
        "reft.training.tokens", "{token}", "Tokens of responses (kind: response) and those with a weight in the loss (kind: loss).");

    private static readonly Counter<long> _alarms = Telemetry.Meter.CreateCounter<long>("reft.training.alarms", "{alarm}", "Invariants that fired, by id.");

    private static readonly Histogram<double> _phases = Telemetry.Meter.CreateHistogram<double>(
        "reft.training.phase.duration", "s", "Seconds of a step by phase: rollout, prepare, update.");

    private static readonly Gauge<double> _dev = Telemetry.Meter.CreateGauge<double>("reft.training.dev_accuracy", "1", "Accuracy of the last evaluation on dev.");

    private static readonly (string Figure, Gauge<double> Gauge)[] _gauges =
    [
        Of("loss/nll", "loss", "nats a token to imitate"),
        Of("reward/total", "reward", "mean reward of a response, KL included"),
        Of("reward/verdict_mean", "verdict_reward", "mean reward by verdict"),
        Of("verdict/correct_share", "correct_share", "share of responses that are right"),
        Of("kl/k1_sequence", "kl", "nats of a response from the reference"),
        Of("policy/entropy", "entropy", "nats of a token's distribution"),
        Of("rollout/length_mean", "response_length", "tokens of a response"),
        Of("optimizer/gradient_norm", "gradient_norm", "before the clip"),
        Of("optimizer/learning_rate", "learning_rate", "of the step"),
    ];

    private readonly KeyValuePair<string, object?> _run = new("run", System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(folder.Path))));

    /// <summary>Begins a span; null where nobody listens.</summary>
    public Activity? Begin(string name, long? step = null)
    {
        var activity = Telemetry.Source.StartActivity(name);
        if (activity is not null)
        {
            activity.SetTag("run", _run.Value);
            activity.SetTag("step", step);
        }

        return activity;
    }

    /// <summary>A step was done.</summary>
    public void Stepped(TrainingStep step)
    {
        _steps.Add(1, _run);
        Add(_tokens, step["rollout/tokens"], "response");
        Add(_tokens, step["mask/loss_tokens"], "loss");
        foreach (var phase in _phases.Enabled ? (string[])["rollout", "prepare", "update"] : [])
        {
            _phases.Record(step.Timings[$"time/{phase}_s"], _run, new("phase", phase));
        }

        foreach (var (figure, gauge) in _gauges)
        {
            if (gauge.Enabled && step[figure] is var value && double.IsFinite(value))
            {
                gauge.Record(value, _run);
            }
        }
    }

    /// <summary>An invariant fired.</summary>
    public void Alarmed(string id) => _alarms.Add(1, _run, new("id", id));

    /// <summary>Dev was evaluated.</summary>
    public void Evaluated(double accuracy) => _dev.Record(accuracy, _run);

    private void Add(Counter<long> counter, double value, string kind)
    {
        if (counter.Enabled && double.IsFinite(value))
        {
            counter.Add((long)value, _run, new("kind", kind));
        }
    }

    private static (string, Gauge<double>) Of(string figure, string name, string meaning) =>
        (figure, Telemetry.Meter.CreateGauge<double>($"reft.training.{name}", description: $"{figure}: {meaning}"));
}
