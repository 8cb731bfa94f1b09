using System.Globalization;
using Reft.Training;

namespace Reft.Hosting.Training;

/// <summary>How fast steps go, from the last ones: earlier ones say little of how long the rest will take.</summary>
internal sealed class Pace
{
    private const int Window = 50;

    private readonly Queue<double> _seconds = new();

    public void Add(TrainingStep step)
    {
        _seconds.Enqueue(step.Timings["time/rollout_s"] + step.Timings["time/prepare_s"] + step.Timings["time/update_s"]);
        if (_seconds.Count > Window)
        {
            _seconds.Dequeue();
        }
    }

    /// <summary>The rate and the time that is left, in words; evaluations are not counted.</summary>
    public string Left(TrainingStep step, long of)
    {
        var each = _seconds.Average();
        var rate = each >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{each:F1} s/step")
            : string.Create(CultureInfo.InvariantCulture, $"{1 / each:F1} steps/s");
        return $"{rate}, {Span(TimeSpan.FromSeconds(each * (of - step.Step - 1)))} left";
    }

    public static string Span(TimeSpan span) => span.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours}:{span.Minutes:D2}:{span.Seconds:D2}")
        : string.Create(CultureInfo.InvariantCulture, $"{span.Minutes}:{span.Seconds:D2}");
}
