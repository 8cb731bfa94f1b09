namespace Reft.Tests;

/// <summary>The folder of golden data beside the checkout, where there is one.</summary>
internal static class SharedData
{
    public static string? Folder { get; } = Find();

    /// <summary>The path of a file or folder in it; the test is skipped, by name, where it is absent.</summary>
    public static string Require(params string[] parts)
    {
        var relative = Path.Combine(parts);
        var path = Path.Combine(Folder ?? "shared", relative);
        Assert.SkipUnless(Path.Exists(path), $"shared/{relative} is absent");
        return path;
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var shared = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(Path.Combine(shared, "golden")))
            {
                return shared;
            }
        }

        return null;
    }
}
