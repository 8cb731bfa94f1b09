using Reft.Evaluation;

namespace Reft.Reporting.Live;

/// <summary>How a run stands at a moment: a row of the page of all runs, and its curves over the others'.</summary>
internal sealed record RunHead
{
    /// <summary>The run's name among those that are watched.</summary>
    public required string Name { get; init; }

    /// <summary>Changes when anything of the run does.</summary>
    public required string Stamp { get; init; }

    /// <summary>running, finished, stopped, failed, crashed (it says that it runs, and its process is gone) or unknown.</summary>
    public required string State { get; init; }

    /// <summary>Why it stopped or failed; null where nothing is said.</summary>
    public string? Why { get; init; }

    /// <summary>The method; null where the run does not say.</summary>
    public string? Method { get; init; }

    /// <summary>Steps done.</summary>
    public long Steps { get; init; }

    /// <summary>Steps of the whole run; null where the run does not say.</summary>
    public long? Of { get; init; }

    /// <summary>The step that it was seen to go on from after an end; null if it was not.</summary>
    public long? WentOnFrom { get; init; }

    /// <summary>When its last step ended; null where there is none.</summary>
    public string? At { get; init; }

    /// <summary>Alarms in all.</summary>
    public int Alarms { get; init; }

    /// <summary>The greedy evaluations on dev, by step.</summary>
    public IReadOnlyList<HeadPoint> Dev { get; init; } = [];

    /// <summary>The last greedy evaluation on test; null where there is none.</summary>
    public Estimate? Test { get; init; }

    /// <summary>The means over the last tenth of figures, by name.</summary>
    public IReadOnlyDictionary<string, double> Last { get; init; } = new Dictionary<string, double>();

    /// <summary>The first step of every point of the curves of metrics.jsonl, and of timings.jsonl.</summary>
    public IReadOnlyList<HeadCurves> Curves { get; init; } = [];
}

/// <summary>A greedy evaluation.</summary>
/// <param name="Step">After which step.</param>
/// <param name="Accuracy">Strict accuracy with its interval.</param>
internal sealed record HeadPoint(long Step, Estimate Accuracy);

/// <summary>Curves of one file.</summary>
/// <param name="From">The first step of every point.</param>
/// <param name="To">The last step of every point; null where a point is one step.</param>
/// <param name="Figures">The means of every point, by name.</param>
internal sealed record HeadCurves(IReadOnlyList<long> From, IReadOnlyList<long>? To, IReadOnlyDictionary<string, IReadOnlyList<double>> Figures);
