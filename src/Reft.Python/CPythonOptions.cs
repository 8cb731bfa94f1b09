namespace Reft.Python;

/// <summary>How <see cref="CPythonEngine"/> runs programs. The limits hold beside <see cref="ProgramLimits"/>.</summary>
public sealed record CPythonOptions
{
    /// <summary>The interpreter, version 3.8 or later: a path, or a name to be found on PATH.</summary>
    public string Python { get; init; } = "python3";

    /// <summary>
    /// Programs that run at a time; each has a warm worker process of about 50 MB. By default two a processor, since a
    /// worker waits for the kernel to take down one program's namespaces before the next.
    /// </summary>
    public int Workers { get; init; } = 2 * Environment.ProcessorCount;

    /// <summary>Bytes of address space that each process of a program may add to what Python itself holds.</summary>
    public long MemoryBytes { get; init; } = 512L << 20;

    /// <summary>Processes and threads of one program, itself included. Where it cannot be isolated: threads.</summary>
    public int MaxProcesses { get; init; } = 4;

    /// <summary>Bytes of the scratch folder, which lives in memory and vanishes with the program.</summary>
    public long ScratchBytes { get; init; } = 16L << 20;

    /// <summary>Bytes of the largest file.</summary>
    public long MaxFileBytes { get; init; } = 8L << 20;

    /// <summary>
    /// Runs programs without isolation where none can be had: they can then read and write the user's files.
    /// </summary>
    public bool AllowUnsafe { get; init; }

    /// <summary>Does not even try to isolate; for the tests of what happens then.</summary>
    internal bool NeverIsolate { get; init; }

    /// <summary>Every option that makes no sense, each with its path; empty when all is well.</summary>
    public IEnumerable<string> Validate(string path)
    {
        if (string.IsNullOrWhiteSpace(Python))
        {
            yield return $"{path}.{nameof(Python)} is empty; name an interpreter such as python3";
        }

        (string Name, long Value, long Least, long Most)[] ranges =
        [
            (nameof(Workers), Workers, 1, 1024), (nameof(MemoryBytes), MemoryBytes, 16L << 20, 1L << 40),
            (nameof(MaxProcesses), MaxProcesses, 1, 1024), (nameof(ScratchBytes), ScratchBytes, 1L << 16, 1L << 34),
            (nameof(MaxFileBytes), MaxFileBytes, 1L << 12, 1L << 34),
        ];
        foreach (var (name, value, least, most) in ranges)
        {
            if (value < least || value > most)
            {
                yield return $"{path}.{name} is {value}; it must be from {least} to {most}";
            }
        }
    }
}
