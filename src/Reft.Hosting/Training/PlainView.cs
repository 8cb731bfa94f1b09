using System.Diagnostics;
using Reft.Runs;
using Reft.Training;
using Reft.Training.Runs;

namespace Reft.Hosting.Training;

/// <summary>Plain lines for logs and pipes: a line now and then, and one for whatever happens.</summary>
internal sealed class PlainView(Terminal terminal, double everySeconds, bool notes) : TrainingView
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Pace _pace = new();
    private double _last = double.NegativeInfinity;

    public override void Begin(TrainingRun run)
    {
        if (notes)
        {
            terminal.Error.WriteLine(StepText.Opening(run));
        }

        foreach (var note in run.Notes)
        {
            terminal.Error.WriteLine($"note: {note}");
        }
    }

    public override void Stepped(TrainingStep step, long of)
    {
        _pace.Add(step);
        var now = _clock.Elapsed.TotalSeconds;
        if ((now - _last >= everySeconds && double.IsFinite(everySeconds)) || (step.Step + 1 == of && notes))
        {
            _last = now;
            terminal.Error.WriteLine($"step {step.Step + 1}/{of}  {StepText.Figures(step)}  {_pace.Left(step, of)}");
        }
    }

    public override void Noted(string note, bool isWarning)
    {
        if (isWarning || notes)
        {
            terminal.Error.WriteLine(isWarning ? $"warning: {note}" : note);
        }
    }

    public override void End(TrainingRun run, RunOutcome outcome) => terminal.Out.WriteLine(StepText.Ending(run, outcome));
}
