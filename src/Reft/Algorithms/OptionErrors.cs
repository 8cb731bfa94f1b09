namespace Reft.Algorithms;

/// <summary>Errors of options that were made in code and not read from a config, where they are found on reading.</summary>
internal static class OptionErrors
{
    /// <summary>Refuses options with errors.</summary>
    /// <exception cref="ArgumentException">There are some; all of them are named.</exception>
    public static void ThrowIfAny(IReadOnlyList<string> errors)
    {
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", errors));
        }
    }
}
