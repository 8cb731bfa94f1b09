namespace Reft.Python;

/// <summary>Runs untrusted programs. A program's fault is a result, never an exception.</summary>
public interface IProgramEngine
{
    /// <summary>
    /// Runs <paramref name="source"/> and then calls its function <paramref name="entry"/> without arguments.
    /// With <paramref name="entry"/> null the module alone runs and the value is None.
    /// </summary>
    ProgramResult Run(
        string source, ProgramLimits limits, string? entry = "solution", CancellationToken cancellation = default);
}
