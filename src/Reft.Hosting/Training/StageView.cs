using System.Globalization;
using Reft.Configuration;
using Reft.Reproduction;
using Reft.Training.Runs;

namespace Reft.Hosting.Training;

/// <summary>Shows stages, one after the other.</summary>
internal sealed class StageView(Terminal terminal, bool quiet, bool json) : IReproductionObserver, IDisposable
{
    private ProgressLine _line = new(terminal);

    public void Begun(string stage, int place, int of)
    {
        Clear();
        if (!quiet)
        {
            terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{place}/{of}] {stage}"));
        }
    }

    public RunOutcome Train(RunConfig config, CancellationToken cancellation)
    {
        Clear();
        // What runs say at their end goes to standard error, if anywhere: standard output is for the tables.
        using var shown = TrainingViews.Create(terminal with { Out = quiet ? TextWriter.Null : terminal.Error }, json: false, quiet || json);
        return ShownRun.Train(config, shown, cancellation);
    }

    public void Progressed(string text)
    {
        if (!quiet)
        {
            _line.Show(_ => text);
        }
    }

    public void Noted(string text)
    {
        Clear();
        if (!quiet)
        {
            terminal.Error.WriteLine(text);
        }
    }

    public void Dispose() => _line.Dispose();

    private void Clear()
    {
        _line.Dispose();
        _line = new ProgressLine(terminal);
    }
}
