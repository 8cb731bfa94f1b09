namespace Reft.Tests;

/// <summary>The folder of models and golden data that lies beside a checkout. It is not part of the repository.</summary>
internal static class SharedData
{
    /// <summary>The folder's path; null when there is none.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>A path below the folder; the test is skipped, and counted so, when it is not there.</summary>
    public static string Require(params string[] parts)
    {
        var path = Folder is null ? null : Path.Combine([Folder, .. parts]);
        if (path is null || !(File.Exists(path) || Directory.Exists(path)))
        {
            Assert.Skip($"shared data is absent: {Path.Combine(parts)}");
        }

        return path!; // Assert.Skip does not return.
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
