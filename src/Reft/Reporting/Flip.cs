namespace Reft.Reporting;

/// <summary>How a problem flipped.</summary>
internal enum FlipKind
{
    /// <summary>Wrong at first, right at last.</summary>
    Gained,

    /// <summary>Right at first, wrong at last.</summary>
    Lost,

    /// <summary>At last as at first, and other between.</summary>
    Wavered,
}

/// <summary>A problem that flipped.</summary>
/// <param name="Problem">The problem's id.</param>
/// <param name="Kind">How.</param>
/// <param name="Outcomes">A letter for every dev evaluation.</param>
/// <param name="Before">The evaluation before its last change, by its place.</param>
/// <param name="After">The evaluation of its last change.</param>
internal sealed record Flip(string Problem, FlipKind Kind, string Outcomes, int Before, int After)
{
    /// <summary>The completion before the last change.</summary>
    public ShownRollout? Former { get; init; }

    /// <summary>The completion of the last change.</summary>
    public ShownRollout? Latter { get; init; }
}
