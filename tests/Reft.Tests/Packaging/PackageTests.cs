using System.Diagnostics;
using System.IO.Compression;
using System.Reflection;
using System.Xml.Linq;

namespace Reft.Tests.Packaging;

/// <summary>The packages as somebody gets them who has nothing else: packed, installed from a folder into an empty project, run.</summary>
public class PackageTests
{
    private static readonly string[] Libraries = ["Reft.Core", "Reft.Python", "Reft", "Reft.Chat", "Reft.Server", "Reft.Hosting"];

    private static string Configuration { get; } =
        typeof(PackageTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration; // The SDK always writes it.

    [Fact]
    public void Packages_InAnEmptyProject_TrainWithARewardOfItsOwn()
    {
        using var folder = new TemporaryFolder();
        var feed = Path.Combine(folder.Path, "feed");
        var source = Path.Combine(ArchitectureTests.Repository(), "src");
        foreach (var library in Libraries)
        {
            Run(folder.Path, "pack", Path.Combine(source, library), "-c", Configuration, "--no-build", "-o", feed);
        }

        foreach (var library in Libraries)
        {
            CheckContents(feed, library);
        }

        Run(folder.Path, "pack", Path.Combine(ArchitectureTests.Repository(), "templates"), "-c", Configuration, "--no-build", "-o", feed);

        // Neither the templates nor the packages of this machine are touched.
        var app = Path.Combine(folder.Path, "Sums");
        string[] hive = ["--debug:custom-hive", Path.Combine(folder.Path, "hive")];
        Run(folder.Path, ["new", "install", Path.Combine(feed, $"Reft.Templates.{Version(feed)}.nupkg"), .. hive]);
        Run(folder.Path, ["new", "reft-reward", "-o", "Sums", .. hive]);
        Assert.Equal(
            ["Program.cs", "Sums.csproj", "reward.yaml", "sums.csv", "warmup.yaml"], Directory.GetFiles(app).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        CheckVersions(Path.Combine(app, "Sums.csproj"), Version(feed));
        foreach (var file in new[] { "warmup.yaml", "reward.yaml" })
        {
            // Two steps tell as much as 280.
            var path = Path.Combine(app, file);
            File.WriteAllText(path, File.ReadAllText(path).Replace("steps: 10", "steps: 2", StringComparison.Ordinal)
                .Replace("40", "1", StringComparison.Ordinal).Replace("epoch-001", "epoch-0001", StringComparison.Ordinal));
        }

        // Reft's packages are unpacked here, for the same version may hold something else tomorrow; the others are taken from where they are.
        File.WriteAllText(Path.Combine(app, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="packages" /></config>
              <packageSources><add key="feed" value="{feed}" /></packageSources>
              <fallbackPackageFolders><add key="machine" value="{Packages()}" /></fallbackPackageFolders>
            </configuration>
            """);

        Run(app, "build", "-c", "Release", "-o", "bin/out");
        var output = Run(app, "bin/out/Sums.dll");

        Assert.Contains("reward.yaml 2/2: reward ", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(app, "runs", "reward", "metrics.jsonl")));
        var inference = Path.Combine(ArchitectureTests.Repository(), "samples", "Inference", "bin", Configuration, "net10.0", "Inference.dll");
        Assert.Contains("maj@4 ", Run(app, inference, "runs/warmup/checkpoints/epoch-0001", "sums.csv"), StringComparison.Ordinal);
        // 460 MB stay where they were restored.
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(app, "bin"), "*torch_cpu*", SearchOption.AllDirectories));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Path.Combine(app, "bin"), "*SkiaSharp.*", SearchOption.AllDirectories), path => !path.EndsWith("SkiaSharp.dll", StringComparison.Ordinal));
    }

    /// <summary>What the templates name is what was built and tested.</summary>
    private static void CheckVersions(string project, string version)
    {
        var named = XDocument.Load(project).Descendants("PackageReference").ToLookup(e => e.Attribute("Include")!.Value, e => e.Attribute("Version")!.Value);
        var versions = XDocument.Load(Path.Combine(ArchitectureTests.Repository(), "Directory.Packages.props"));
        Assert.Equal([version], named["Reft"]);
        Assert.Equal([versions.Descendants("LibTorchVersion").Single().Value], named[$"libtorch-cpu-{Rid}"]);
    }

    private static string Rid => OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";

    private static void CheckContents(string feed, string library)
    {
        using var package = ZipFile.OpenRead(Path.Combine(feed, $"{library}.{Version(feed)}.nupkg"));
        string[] expected = ["README.md", "icon.png", $"lib/net10.0/{library}.dll", $"lib/net10.0/{library}.xml"];
        Assert.Empty(expected.Except(package.Entries.Select(entry => entry.FullName)));
        Assert.Equal(library == "Reft", package.GetEntry("buildTransitive/Reft.targets") is not null);
        Assert.True(File.Exists(Path.Combine(feed, $"{library}.{Version(feed)}.snupkg")));
        var manifest = XDocument.Load(package.GetEntry($"{library}.nuspec")!.Open()); // Every package has one of its name.
        var license = manifest.Descendants().Single(element => element.Name.LocalName == "license");
        Assert.Equal("MIT", license.Value);
        Assert.DoesNotContain(manifest.Descendants(), element => element.Name.LocalName == "dependency" && element.Attribute("id")!.Value.StartsWith("SkiaSharp", StringComparison.Ordinal));
    }

    private static string Version(string feed) =>
        Path.GetFileNameWithoutExtension(Directory.EnumerateFiles(feed, "Reft.Core.*.nupkg").Single())["Reft.Core.".Length..];

    /// <summary>Where this machine's packages lie.</summary>
    private static string Packages() => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string Run(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // No process stays behind.
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        using var process = Process.Start(start)!; // Started, or it throws.
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}\n{output}\n{errors.Result}");
        return output;
    }
}
