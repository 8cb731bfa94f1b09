using System.Diagnostics;
using System.Reflection;

namespace Reft.Tests.Packaging;

/// <summary>The packages in a folder, packed once for whoever installs them.</summary>
public sealed class PackageFeed : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public PackageFeed()
    {
        var source = Path.Combine(ArchitectureTests.Repository(), "src");
        foreach (var project in Libraries.Select(library => Path.Combine(source, library)).Append(Path.Combine(ArchitectureTests.Repository(), "templates")))
        {
            Pack(project, Feed);
        }
    }

    /// <summary>The packages that hold an assembly.</summary>
    public static IReadOnlyList<string> Libraries { get; } =
        ["Reft.Core", "Reft.Python", "Reft", "Reft.Chat", "Reft.Server", "Reft.Hosting"];

    /// <summary>What the tests were built as.</summary>
    public static string Configuration { get; } =
        typeof(PackageFeed).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration; // The SDK always writes it.

    /// <summary>The folder.</summary>
    public string Feed => _folder["feed"];

    /// <summary>The packages' version.</summary>
    public string Version => Path.GetFileNameWithoutExtension(Directory.EnumerateFiles(Feed, "Reft.Core.*.nupkg").Single())["Reft.Core.".Length..];

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// Has projects of a folder get Reft's packages from the feed, and the others from where this machine has them. Nothing of this machine is
    /// touched: Reft's are unpacked beside, for the same version may hold something else tomorrow.
    /// </summary>
    public void Configure(string folder) => File.WriteAllText(Path.Combine(folder, "nuget.config"), $"""
        <configuration>
          <packageSources><clear /><add key="feed" value="{Feed}" /></packageSources>
          <fallbackPackageFolders><add key="machine" value="{Packages()}" /></fallbackPackageFolders>
        </configuration>
        """);

    /// <summary>Runs a program in a folder of projects; it must end well.</summary>
    /// <returns>What it wrote to standard output.</returns>
    public string Run(string folder, params string[] command) => Finish(Begin(folder, command, Outside));

    /// <summary>Runs a program in the repository, whose packages are those of this machine; it must end well.</summary>
    public static string RunHere(params string[] command) => Finish(Begin(ArchitectureTests.Repository(), command));

    /// <summary>Packs a project as <c>eng/pack</c> does, from what was built, as of a moment.</summary>
    public static void Pack(string project, string output) =>
        RunHere("dotnet", "pack", project, "-c", Configuration, "--no-build", "-o", output, "-p:DeterministicTimestamp=1700000000");

    /// <summary>Starts a program in a folder of projects.</summary>
    public Process Start(string folder, params string[] command) => Begin(folder, command, Outside);

    private Dictionary<string, string> Outside => new()
    {
        ["PACKAGES"] = Feed,
        ["NUGET_PACKAGES"] = _folder["unpacked"],
        ["NoWarn"] = "NU1603", // This machine has later versions of what TorchSharp asks for.
    };

    private static Process Begin(string folder, string[] command, Dictionary<string, string>? more = null)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // No process stays behind.
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["UseSharedCompilation"] = "false";
        foreach (var (name, value) in more ?? [])
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!; // Started, or it throws.
    }

    private static string Finish(Process process)
    {
        using (process)
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}\n{output}\n{errors.Result}");
            return output;
        }
    }

    /// <summary>Where this machine's packages lie.</summary>
    private static string Packages() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
}
