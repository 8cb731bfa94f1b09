using System.Text.Json;
using Reft.Runs;
using Reft.Training;
using Reft.Training.Runs;

namespace Reft.Hosting.Training;

/// <summary>One JSON line a step on standard output, and one for the result.</summary>
internal sealed class JsonView(Terminal terminal) : TrainingView
{
    public override void Begin(TrainingRun run)
    {
        foreach (var note in run.Notes)
        {
            Noted(note, isWarning: false);
        }
    }

    public override void Stepped(TrainingStep step, long of)
    {
        var figures = step.Metrics.All.Concat(step.Timings.All)
            .ToDictionary(pair => pair.Key, pair => double.IsFinite(pair.Value) ? pair.Value : (double?)null);
        terminal.Out.WriteLine(JsonSerializer.Serialize(new { step = step.Step, of, figures }));
    }

    public override void Noted(string note, bool isWarning) => terminal.Error.WriteLine(isWarning ? $"warning: {note}" : note);

    public override void End(TrainingRun run, RunOutcome outcome) => terminal.Out.WriteLine(JsonSerializer.Serialize(new
    {
        run = run.Config.Run,
        end = outcome.End.ToString().ToLowerInvariant(),
        step = outcome.Step,
        best = outcome.Best is { } best ? new { step = best.Step, accuracy = best.Accuracy } : null,
    }));
}
