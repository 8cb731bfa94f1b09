namespace Reft.Verification.Audits;

/// <summary>What an audit lets pass.</summary>
public sealed record AuditOptions
{
    /// <summary>
    /// The largest share of solutions in words that may end without stating their answer, in [0, 1]. Known errors of
    /// published data are not counted.
    /// </summary>
    public double UnstatedLimit { get; init; }

    /// <summary>The largest share of problems that answering 0 may solve, in [0, 1].</summary>
    public double ZeroLimit { get; init; } = 0.1;

    /// <summary>The largest share of problems that one fixed option letter may solve, in [0, 1].</summary>
    public double LetterLimit { get; init; } = 0.5;

    /// <summary>
    /// How many problems the probes and the perturbed answers are tried on, spread over the file; at least 1.
    /// </summary>
    public int MaxProbed { get; init; } = int.MaxValue;

    /// <summary>How many rows of each finding the report keeps; the counts are always whole. At least 1.</summary>
    public int MaxListed { get; init; } = 20;

    /// <summary>What is wrong with the options, each line beginning with its path; empty when nothing is.</summary>
    public IEnumerable<string> Validate(string path)
    {
        (string Name, double Value)[] shares =
            [("unstatedLimit", UnstatedLimit), ("zeroLimit", ZeroLimit), ("letterLimit", LetterLimit)];
        foreach (var (name, value) in shares.Where(pair => !(pair.Value is >= 0 and <= 1)))
        {
            yield return $"{path}.{name} is {value}; it must be in [0, 1]";
        }

        if (MaxProbed < 1)
        {
            yield return $"{path}.maxProbed is {MaxProbed}; it must be at least 1";
        }

        if (MaxListed < 1)
        {
            yield return $"{path}.maxListed is {MaxListed}; it must be at least 1";
        }
    }
}
