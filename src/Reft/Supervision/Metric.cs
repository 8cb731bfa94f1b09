namespace Reft.Supervision;

/// <summary>A figure of <c>metrics.jsonl</c>, described where it is written: docs, reports, doctor and help take it from there.</summary>
/// <param name="Name">Its name, such as <c>policy/entropy</c>; capitals in it stand for names of one's own.</param>
/// <param name="Formula">What it is, in a clause or a formula.</param>
public sealed record Metric(string Name, string Formula)
{
    /// <summary>Whether it is not written by every config of the method, or not in every step.</summary>
    public bool IsSometimes { get; init; }

    /// <summary>Where it is healthy; null where one number alone says nothing.</summary>
    public HealthyRange? Healthy { get; init; }

    /// <summary>How reports draw it; null for a chart of its own.</summary>
    public MetricChart? Chart { get; init; }
}

/// <summary>Where a figure is healthy, and what to say of a run in which it was not for many steps in a row.</summary>
/// <param name="Id">Names the finding.</param>
/// <param name="Meaning">What it means to be beyond it.</param>
/// <param name="Remedy">What to do; options of the method stand in braces (docs/extending.md).</param>
public sealed record HealthyRange(string Id, string Meaning, string Remedy)
{
    /// <summary>The least healthy value; null for none.</summary>
    public double? Least { get; init; }

    /// <summary>The greatest healthy value; null for none.</summary>
    public double? Most { get; init; }

    /// <summary>The first step that counts.</summary>
    public int FirstStep { get; init; }

    /// <summary>Steps in a row after which it is said.</summary>
    public int InARow { get; init; } = 5;

    /// <summary>The unhealthy part in words.</summary>
    internal string Beyond => (Least, Most) switch
    {
        ({ } least, null) => FormattableString.Invariant($"below {least}"),
        (null, { } most) => FormattableString.Invariant($"above {most}"),
        _ => FormattableString.Invariant($"below {Least} or above {Most}"),
    };

    /// <summary>Whether a value is beyond it.</summary>
    internal bool IsBeyond(double value) => value < Least || value > Most;
}

/// <summary>How reports draw a figure.</summary>
/// <param name="Group">The heading that it stands under.</param>
/// <param name="Title">The chart's title; figures of one title share a chart.</param>
public sealed record MetricChart(string Group, string Title)
{
    /// <summary>What the line is called; null for the figure's name.</summary>
    public string? Label { get; init; }

    /// <summary>Whether it is a share of 1.</summary>
    public bool IsShare { get; init; }

    /// <summary>Whether the axis begins at 0.</summary>
    public bool FromZero { get; init; }

    /// <summary>The figures of the line's lower and upper bound; empty for none.</summary>
    public IReadOnlyList<string> Bounds { get; init; } = [];
}
