namespace Reft.Supervision;

/// <summary>A formula that a part of a method computes, for the docs and <c>reft methods NAME</c>.</summary>
/// <param name="Text">The formula, in plain text.</param>
/// <param name="Place">Where it stands: the file under its project and the member, as <c>Algorithms/Terms/LogLikelihood: Losses</c>.</param>
/// <param name="Source">Where it is from: a paper with its section or equation, or a program.</param>
public sealed record Formula(string Text, string Place, string Source)
{
    /// <summary>Where it differs from its source on purpose.</summary>
    public string Departure { get; init; } = "none";
}
