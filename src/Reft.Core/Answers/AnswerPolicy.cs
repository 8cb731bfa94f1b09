namespace Reft.Answers;

/// <summary>How answers are read and compared.</summary>
public enum AnswerPolicy
{
    /// <summary>Exact rationals, the forms that people and models write, a stated tolerance. For new work.</summary>
    Exact,

    /// <summary>What the paper's official program does, to reproduce its numbers.</summary>
    Paper,
}

/// <summary>
/// When an answer equals the known one under the exact policy. Two exact numbers of which the known one is whole must
/// be
/// the same. Otherwise the difference may be at most the smaller of <see cref="Absolute"/> and <see cref="Relative"/>
/// times the known answer: enough for two written decimals. A floating-point result may besides differ by its noise.
/// </summary>
public sealed record Tolerance
{
    /// <summary>The largest difference, at least 0.</summary>
    public double Absolute { get; init; } = 0.005;

    /// <summary>The largest difference as a share of the known answer's size, at least 0.</summary>
    public double Relative { get; init; } = 0.02;

    /// <summary>
    /// What rounding may add to a floating-point result, absolutely and as a share of the known answer, at least 0.
    /// </summary>
    public double Noise { get; init; } = 1e-11;

    /// <summary>What is wrong with the options, each line beginning with its path; empty when nothing is.</summary>
    public IEnumerable<string> Validate(string path)
    {
        (string Name, double Value)[] values =
            [("absolute", Absolute), ("relative", Relative), ("noise", Noise)];
        return values.Where(pair => !(double.IsFinite(pair.Value) && pair.Value >= 0))
            .Select(pair => $"{path}.{pair.Name} is {pair.Value}; it must be a number of at least 0");
    }
}
