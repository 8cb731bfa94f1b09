using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;

namespace Reft.Tests.Packaging;

/// <summary>The packages as somebody gets them who has nothing else: packed, installed from a folder into an empty project, run.</summary>
[Collection(Packed.Name)]
public sealed class PackageTests(PackageFeed feed) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Package_Contents_AreWhole(string library)
    {
        using var package = ZipFile.OpenRead(Path.Combine(feed.Feed, $"{library}.{feed.Version}.nupkg"));
        string[] expected = ["README.md", "icon.png", $"lib/net10.0/{library}.dll", $"lib/net10.0/{library}.xml"];
        Assert.Empty(expected.Except(package.Entries.Select(entry => entry.FullName)));
        Assert.Equal(library == "Reft", package.GetEntry("buildTransitive/Reft.targets") is not null);
        Assert.True(File.Exists(Path.Combine(feed.Feed, $"{library}.{feed.Version}.snupkg")));
        var manifest = XDocument.Load(package.GetEntry($"{library}.nuspec")!.Open()); // Every package has one of its name.
        var license = manifest.Descendants().Single(element => element.Name.LocalName == "license");
        Assert.Equal("MIT", license.Value);
        Assert.DoesNotContain(manifest.Descendants(), element => element.Name.LocalName == "dependency" && element.Attribute("id")!.Value.StartsWith("SkiaSharp", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Package_MadeLater_IsTheSameBytes()
    {
        // Moments in archives are even seconds.
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);

        PackageFeed.Pack(Path.Combine(ArchitectureTests.Repository(), "src", "Reft.Core"), _folder["again"]);

        foreach (var name in new[] { $"Reft.Core.{feed.Version}.nupkg", $"Reft.Core.{feed.Version}.snupkg" })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(feed.Feed, name)), File.ReadAllBytes(Path.Combine(_folder["again"], name)));
        }
    }

    public static TheoryData<string> Libraries => [.. PackageFeed.Libraries];

    /// <summary>One test, for a template's model is what another's program serves.</summary>
    [Fact]
    public async Task Templates_InEmptyFolders_TrainWithARewardOfTheirOwnAndServe()
    {
        feed.Configure(_folder.Path);
        // Neither the templates nor the packages of this machine are touched.
        string[] hive = ["--debug:custom-hive", _folder["hive"]];
        feed.Run(_folder.Path, ["dotnet", "new", "install", Path.Combine(feed.Feed, $"Reft.Templates.{feed.Version}.nupkg"), .. hive]);

        var app = Make("reft-reward", "Sums", hive);
        Assert.Equal(
            ["Program.cs", "Sums.csproj", "reward.yaml", "sums.csv", "warmup.yaml"], Directory.GetFiles(app).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal));
        foreach (var file in new[] { "warmup.yaml", "reward.yaml" })
        {
            // Two steps tell as much as 280.
            var path = Path.Combine(app, file);
            File.WriteAllText(path, File.ReadAllText(path).Replace("steps: 10", "steps: 2", StringComparison.Ordinal)
                .Replace("40", "1", StringComparison.Ordinal).Replace("epoch-001", "epoch-0001", StringComparison.Ordinal));
        }

        feed.Run(app, "dotnet", "build", "-c", "Release", "-o", "bin/out");
        var output = feed.Run(app, "dotnet", "bin/out/Sums.dll");

        Assert.Contains("reward.yaml 2/2: reward ", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(app, "runs", "reward", "metrics.jsonl")));
        var inference = Path.Combine(ArchitectureTests.Repository(), "samples", "Inference", "bin", PackageFeed.Configuration, "net10.0", "Inference.dll");
        Assert.Contains("maj@4 ", feed.Run(app, "dotnet", inference, "runs/warmup/checkpoints/epoch-0001", "sums.csv"), StringComparison.Ordinal);
        // 460 MB stay where they were restored.
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(app, "bin"), "*torch_cpu*", SearchOption.AllDirectories));
        Assert.DoesNotContain(
            Directory.EnumerateFiles(Path.Combine(app, "bin"), "*SkiaSharp.*", SearchOption.AllDirectories), path => !path.EndsWith("SkiaSharp.dll", StringComparison.Ordinal));

        await ServeAsync(Make("reft-web", "Web", hive), Path.Combine(app, "runs", "warmup", "checkpoints", "epoch-0001"));
    }

    /// <summary>The program as a tool, as <c>eng/pack</c> makes it for this system: it carries its own libtorch, finds it, and trains.</summary>
    [Fact]
    [Trait("Category", "Slow")]
    public void Tool_OfThisSystem_IsInstalledAndTrains()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "eng/pack is for bash");
        var packages = _folder["packages"];
        PackageFeed.RunHere(Path.Combine(ArchitectureTests.Repository(), "eng", "pack"), packages);
        Assert.True(new FileInfo(Path.Combine(packages, $"Reft.Cli.{feed.Version}.nupkg")).Length < 100_000); // It names the others.
        Assert.True(new FileInfo(Path.Combine(packages, $"Reft.Cli.linux-x64.{feed.Version}.nupkg")).Length > 50_000_000);

        feed.Configure(_folder.Path);
        feed.Run(_folder.Path, "dotnet", "tool", "install", "Reft.Cli", "--version", feed.Version, "--add-source", packages, "--tool-path", "tool");
        var reft = _folder["tool/reft"];

        Assert.Contains("(beside the program)", feed.Run(_folder.Path, reft, "doctor"), StringComparison.Ordinal);
        foreach (var file in new[] { "warmup.yaml", "sums.csv" })
        {
            File.Copy(Path.Combine(ArchitectureTests.Repository(), "samples", "Training", file), _folder[file]);
        }

        feed.Run(_folder.Path, reft, "train", "warmup.yaml", "--quiet", "--set", "training.epochs=1", "--set", "checkpoints.keepEpochs=[1]", "--set", "evaluation.everyEpochs=1");
        Assert.True(File.Exists(_folder["runs/warmup/checkpoints/epoch-0001/model.safetensors"]));
    }

    /// <summary>A web application with Reft in its services answers at both of its endpoints.</summary>
    private async Task ServeAsync(string app, string model)
    {
        feed.Run(app, "dotnet", "build", "-c", "Release", "-o", "bin/out");
        using var server = feed.Start(app, "dotnet", "bin/out/Web.dll", "--Urls", "http://127.0.0.1:0", "--Reft:Model", model);
        try
        {
            var address = await AddressAsync(server);
            using var http = new HttpClient { BaseAddress = address };
            Assert.Contains("epoch-0001", await http.GetStringAsync("/v1/models", TestContext.Current.CancellationToken), StringComparison.Ordinal);
            // Server-sent events: a piece of the answer each.
            Assert.StartsWith("data: ", await http.GetStringAsync("/ask?question=What+is+3+%2B+4%3F", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    private static async Task<Uri> AddressAsync(Process server)
    {
        const string Says = "Now listening on: ";
        while (await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.IndexOf(Says, StringComparison.Ordinal) is >= 0 and var at)
            {
                return new Uri(line[(at + Says.Length)..]);
            }
        }

        Assert.Fail(await server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        return null!; // Not reached.
    }

    private string Make(string template, string name, string[] hive)
    {
        feed.Run(_folder.Path, ["dotnet", "new", template, "-o", name, .. hive]);
        CheckVersions(Path.Combine(_folder[name], $"{name}.csproj"));
        return _folder[name];
    }

    /// <summary>What the templates name is what was built and tested.</summary>
    private void CheckVersions(string project)
    {
        var named = XDocument.Load(project).Descendants("PackageReference").ToLookup(e => e.Attribute("Include")!.Value, e => e.Attribute("Version")!.Value);
        var versions = XDocument.Load(Path.Combine(ArchitectureTests.Repository(), "Directory.Packages.props"));
        var own = named.Where(package => package.Key.StartsWith("Reft", StringComparison.Ordinal)).SelectMany(package => package).ToArray();
        Assert.NotEmpty(own);
        Assert.All(own, version => Assert.Equal(feed.Version, version));
        Assert.Equal([versions.Descendants("LibTorchVersion").Single().Value], named[$"libtorch-cpu-{Rid}"]);
    }

    private static string Rid => OperatingSystem.IsWindows() ? "win-x64" : OperatingSystem.IsMacOS() ? "osx-arm64" : "linux-x64";
}

/// <summary>Tests that install the packages: one after the other, from one feed.</summary>
[CollectionDefinition(Name)]
public sealed class Packed : ICollectionFixture<PackageFeed>
{
    /// <summary>What the collection is called.</summary>
    public const string Name = "Packages";
}
