using System.Text.RegularExpressions;

namespace Reft.Tests.Packaging;

/// <summary>One thing that docs/from-package-to-service.md tells to do.</summary>
/// <param name="File">The file that is to hold the text; null where the text is commands, or what they print.</param>
/// <param name="Language">The language of the text; bash for commands.</param>
/// <param name="Text">The text.</param>
internal sealed record PageStep(string? File, string Language, string Text);

/// <summary>docs/from-package-to-service.md, read.</summary>
internal static partial class ServicePage
{
    /// <summary>Its files and commands, in order.</summary>
    public static IReadOnlyList<PageStep> Steps =>
    [
        .. Block().Matches(File.ReadAllText(Path.Combine(ArchitectureTests.Repository(), "docs", "from-package-to-service.md")))
            .Select(match => new PageStep(match.Groups[1].Success ? match.Groups[1].Value : null, match.Groups[2].Value, match.Groups[3].Value)),
    ];

    [GeneratedRegex(@"(?:`([\w.]+)`:\n\n)?```(\w+)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();
}
