using System.Globalization;

namespace Reft.Algorithms;

/// <summary>Errors of options.</summary>
internal static class OptionErrors
{
    /// <summary>The values that are out of range, each in words.</summary>
    /// <param name="path">The options' place in a config.</param>
    /// <param name="checks">Whether each holds, its key, its value, and what it must be.</param>
    public static IReadOnlyList<string> Of(
        string path, params (bool Holds, string Name, IFormattable Value, string Expected)[] checks) =>
    [
        .. checks.Where(check => !check.Holds).Select(check =>
            $"{path}.{check.Name} is {check.Value.ToString(null, CultureInfo.InvariantCulture)}: it must be {check.Expected}"),
    ];

    /// <summary>Refuses options with errors; those of a config are found when it is read.</summary>
    /// <exception cref="ArgumentException">There are some; all of them are named.</exception>
    public static void ThrowIfAny(IReadOnlyList<string> errors)
    {
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join("; ", errors));
        }
    }
}
