namespace Reft.Python;

/// <summary>
/// What one program may use. Every budget but <see cref="Deadline"/> is counted, not timed, so a program ends the
/// same way on every machine. Exceeding a budget ends the program; Python's <c>except</c> cannot catch it.
/// </summary>
public sealed record ProgramLimits
{
    /// <summary>Steps: about one a statement, call and operator; long operations cost in proportion.</summary>
    public long MaxSteps { get; init; } = 20_000_000;

    /// <summary>Bytes of lists, strings, dictionaries and big integers made in the whole run (not those alive).</summary>
    public long MaxMemoryBytes { get; init; } = 64L << 20;

    /// <summary>Nested calls, as CPython's recursion limit. Beyond it a catchable <c>RecursionError</c> is raised.</summary>
    public int MaxRecursion { get; init; } = 1000;

    /// <summary>Characters that <c>print</c> may write.</summary>
    public int MaxOutputChars { get; init; } = 64 * 1024;

    /// <summary>Decimal digits of any integer, checked before the operation that would make it.</summary>
    public int MaxIntegerDigits { get; init; } = 10_000;

    /// <summary>Characters of source text.</summary>
    public int MaxSourceChars { get; init; } = 256 * 1024;

    /// <summary>Depth of nesting in the source: brackets, operators' operands, blocks.</summary>
    public int MaxParseDepth { get; init; } = 90;

    /// <summary>Wall time after which a program is stopped whatever it does: a backstop behind the steps.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Every limit that makes no sense, each with its path; empty when all is well.</summary>
    public IEnumerable<string> Validate(string path)
    {
        (string Name, double Value)[] limits =
        [
            (nameof(MaxSteps), MaxSteps), (nameof(MaxMemoryBytes), MaxMemoryBytes),
            (nameof(MaxRecursion), MaxRecursion), (nameof(MaxOutputChars), MaxOutputChars),
            (nameof(MaxIntegerDigits), MaxIntegerDigits), (nameof(MaxSourceChars), MaxSourceChars),
            (nameof(MaxParseDepth), MaxParseDepth), (nameof(Deadline), Deadline.TotalSeconds),
        ];
        foreach (var (name, value) in limits)
        {
            if (value <= 0)
            {
                yield return $"{path}.{name} is {value}; it must be positive";
            }
        }

        if (MaxRecursion > 10_000)
        {
            yield return $"{path}.{nameof(MaxRecursion)} is {MaxRecursion}; at most 10000";
        }

        if (MaxParseDepth > 200)
        {
            yield return $"{path}.{nameof(MaxParseDepth)} is {MaxParseDepth}; at most 200";
        }
    }
}
