namespace Reft.Problems;

/// <summary>Where problems come from: a file, a generator, a program's own list.</summary>
internal interface IProblemSource
{
    /// <summary>Every problem, in file order, with unique ids.</summary>
    /// <exception cref="InputException">The data is not what the source reads; the message names the row.</exception>
    IReadOnlyList<Problem> Load();
}
