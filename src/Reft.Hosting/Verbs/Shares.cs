using System.Globalization;

namespace Reft.Hosting.Verbs;

/// <summary>How shares are printed.</summary>
internal static class Shares
{
    /// <summary>A share in [0, 1] as a percentage with one decimal.</summary>
    public static string Percent(double share) => share.ToString("P1", CultureInfo.InvariantCulture);
}
