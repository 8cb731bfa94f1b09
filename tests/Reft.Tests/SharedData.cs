namespace Reft.Tests;

/// <summary>The data folder named <c>shared</c> beside the repository or above it; tests that need it skip by name.</summary>
internal static class SharedData
{
    public static string? Folder
    {
        get
        {
            for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            {
                var candidate = Path.Combine(folder.FullName, "shared");
                if (Directory.Exists(candidate))
                {
                    return candidate;
                }
            }

            return null;
        }
    }

    /// <summary>The path of a file in the folder; skips the running test when it is not there.</summary>
    public static string Require(string relative)
    {
        var path = Folder is null ? null : Path.Combine(Folder, relative);
        Assert.SkipWhen(path is null || !File.Exists(path), $"shared/{relative} is not here");
        return path!; // skipped above when null
    }
}
