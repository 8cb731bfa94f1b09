using System.Globalization;
using Reft.Hub;

namespace Reft.Hosting;

/// <summary>How far a download is, on a terminal's line.</summary>
internal sealed class HubProgressLine(Terminal terminal) : IDisposable
{
    private const double Megabyte = 1e6;

    private readonly ProgressLine _line = new(terminal);
    private (TimeSpan At, long Done)? _start;

    /// <summary>Shows it, with the speed since the first call and the time that is left at that speed.</summary>
    public void Show(HubProgress progress) => _line.Show(elapsed => Text(progress, elapsed));

    /// <inheritdoc/>
    public void Dispose() => _line.Dispose();

    private string Text(HubProgress progress, TimeSpan elapsed)
    {
        var start = _start ??= (elapsed, progress.Done);
        var seconds = (elapsed - start.At).TotalSeconds;
        var speed = seconds > 0 ? (progress.Done - start.Done) / seconds : 0;
        var left = speed > 0 ? $", {Training.Pace.Span(TimeSpan.FromSeconds((progress.All - progress.Done) / speed))} left" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{OneLine.Of(progress.File, 60)}: {progress.Done / Megabyte:F1} of {progress.All / Megabyte:F1} MB, {speed / Megabyte:F1} MB/s{left}");
    }
}
