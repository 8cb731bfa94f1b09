namespace Reft.Files;

/// <summary>Tells what goes wrong when a file is written, by the machine's fault, from faults of the program.</summary>
internal static class WriteFault
{
    /// <summary>
    /// Whether an exception says that the machine could not write: no space, no permission, a file that is too large for its
    /// file system, for which .NET has an ArgumentOutOfRangeException.
    /// </summary>
    public static bool Is(Exception error) =>
        error is IOException or UnauthorizedAccessException or ArgumentOutOfRangeException { ParamName: "value" };
}
