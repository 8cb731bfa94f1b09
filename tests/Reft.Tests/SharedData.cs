namespace Reft.Tests;

/// <summary>
/// Files that lie beside the checkout, in a folder named shared; tests that need one skip by name without it.
/// </summary>
internal static class SharedData
{
    public static string? Folder { get; } = Find();

    public static string Require(string relative)
    {
        var path = Folder is null ? null : Path.Combine(Folder, relative);
        Assert.SkipUnless(File.Exists(path) || Directory.Exists(path), $"shared/{relative} is not beside the checkout");
        return path!; // SkipUnless has thrown where it is null.
    }

    private static string? Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var shared = Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(shared))
            {
                return shared;
            }
        }

        return null;
    }
}
