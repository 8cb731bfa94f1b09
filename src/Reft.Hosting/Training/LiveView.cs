using System.Diagnostics;
using System.Globalization;
using Reft.Runs;
using Reft.Training;
using Reft.Training.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;
using Line = Spectre.Console.Text;

namespace Reft.Hosting.Training;

/// <summary>
/// A few lines at the bottom of a terminal, drawn anew several times a second: phase, progress, rate, time left, key
/// figures, the last completion. What happens stays above them.
/// </summary>
internal sealed class LiveView : TrainingView
{
    private const int Refresh = 250;
    private const int CompletionLines = 6;

    private readonly IAnsiConsole _console;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Lock _gate = new();
    private readonly Pace _pace = new();
    private readonly TaskCompletionSource _over = new();
    private Task? _display;
    private Timer? _timer;
    private TrainingRun? _run;
    private string _doing = "";
    private TrainingStep? _last;
    private long _of;

    public LiveView(IAnsiConsole console) => _console = console;

    public override void Preparing(string what)
    {
        lock (_gate)
        {
            _doing = what;
        }

        Show();
    }

    public override void Begin(TrainingRun run)
    {
        lock (_gate)
        {
            (_run, _of) = (run, run.Steps);
        }

        Show();
        _console.Write(new Above(new Line(StepText.Opening(run) + "\n")));
        foreach (var note in run.Notes)
        {
            Noted(note, isWarning: false);
        }
    }

    public override void Stepped(TrainingStep step, long of)
    {
        lock (_gate)
        {
            _pace.Add(step);
            _last = step;
            _of = of;
        }
    }

    public override void Noted(string note, bool isWarning) =>
        _console.Write(new Above(new Line(note + "\n", isWarning ? new Style(Color.Yellow) : new Style(decoration: Decoration.Dim))));

    public override void End(TrainingRun run, RunOutcome outcome)
    {
        Dispose();
        _console.WriteLine(StepText.Ending(run, outcome));
    }

    /// <summary>Takes the lines away; the terminal is as it was.</summary>
    public override void Dispose()
    {
        _over.TrySetResult();
        _display?.GetAwaiter().GetResult();
        _display = null;
        base.Dispose();
    }

    private void Show() => _display ??= _console.Live(Draw()).AutoClear(true).StartAsync(async context =>
    {
        _timer = new Timer(_ => context.UpdateTarget(Draw()), null, Refresh, Refresh);
        await _over.Task;
        await _timer.DisposeAsync();
    });

    private Rows Draw()
    {
        lock (_gate)
        {
            if (_run is not { } run)
            {
                return new Rows(new Line($"{_doing}  {Pace.Span(_clock.Elapsed)}", new Style(Color.Aqua)) { Overflow = Overflow.Ellipsis });
            }

            var done = _last is null ? 0 : _last.Step + 1;
            var width = Math.Max(20, _console.Profile.Width);
            var bar = Math.Clamp(width - 50, 10, 40);
            var full = (int)(bar * done / Math.Max(1, _of));
            var left = _last is null ? "" : _pace.Left(_last, _of);
            var lines = new List<IRenderable>
            {
                new Line(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{new string('█', full)}{new string('░', bar - full)} {done}/{_of}  {Pace.Span(_clock.Elapsed)}  {left}")),
                new Line(run.Heartbeat.Detail is { Length: > 0 } detail ? $"{run.Heartbeat.Phase}: {detail}" : run.Heartbeat.Phase, new Style(Color.Aqua)) { Overflow = Overflow.Ellipsis },
            };
            if (_last is not null)
            {
                lines.Add(new Line(StepText.Figures(_last)));
                lines.AddRange(Completion(_last, width));
            }

            return new Rows(lines);
        }
    }

    private static IEnumerable<IRenderable> Completion(TrainingStep step, int width)
    {
        if (step.Trajectories is not [.., { Rollout: { Verdict: { } verdict } rollout }])
        {
            return [];
        }

        var style = new Style(verdict.IsCorrect ? Color.Green : Color.Grey, decoration: Decoration.Dim);
        var text = rollout.Text.Trim().Split('\n').TakeLast(CompletionLines)
            .Select(line => new string([.. line.Where(c => !char.IsControl(c))]))
            .Select(line => line.Length > width - 4 ? line[..(width - 4)] : line);
        var title = $"{rollout.SampleId}: {verdict.Outcome}, answer {OneLine.Of(verdict.Answer ?? "none")}, gold {OneLine.Of(rollout.Problem.Answer)}";
        return text.Prepend(title).Select(line => new Line(line, style) { Overflow = Overflow.Ellipsis });
    }

    /// <summary>
    /// What is printed above the drawn lines. The console sets the cursor on the first of them and writes over it, and what is shorter would
    /// leave the rest of a line behind: all below is erased first; it is drawn anew after this.
    /// </summary>
    private sealed class Above(IRenderable text) : IRenderable
    {
        private const string EraseBelow = "\e[J";

        public Measurement Measure(RenderOptions options, int maxWidth) => text.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) =>
            options.Ansi ? text.Render(options, maxWidth).Prepend(Segment.Control(EraseBelow)) : text.Render(options, maxWidth);
    }
}
