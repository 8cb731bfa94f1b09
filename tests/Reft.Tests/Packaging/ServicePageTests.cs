using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Xml.Linq;

namespace Reft.Tests.Packaging;

/// <summary>docs/from-package-to-service.md, done by somebody who has the SDK, the packages and that page.</summary>
[Collection(Packed.Name)]
public sealed class ServicePageTests(PackageFeed feed) : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<Process> _servers = [];

    public void Dispose()
    {
        foreach (var server in _servers)
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }

        _folder.Dispose();
    }

    /// <summary>What the page shows is what is built and run at every change, even where the page itself is not walked.</summary>
    [Theory]
    [InlineData("Host/Program.cs")]
    [InlineData("Host/warmup.yaml")]
    [InlineData("Host/reward.yaml")]
    [InlineData("Chat/Program.cs")]
    public void Page_Files_AreThoseOfTheSamples(string sample)
    {
        var expected = File.ReadAllText(Path.Combine(ArchitectureTests.Repository(), "samples", sample));

        Assert.Contains(new PageStep(Path.GetFileName(sample), sample.EndsWith(".cs", StringComparison.Ordinal) ? "csharp" : "yaml", expected), ServicePage.Steps);
    }

    [Fact]
    public void Page_Versions_AreThoseThatAreTested()
    {
        var versions = XDocument.Load(Path.Combine(ArchitectureTests.Repository(), "Directory.Packages.props"));
        var clients = versions.Descendants("PackageVersion").Single(e => e.Attribute("Include")!.Value == "Microsoft.Extensions.AI.OpenAI").Attribute("Version")!.Value;
        string[] expected =
        [
            $"dotnet add package libtorch-cpu-linux-x64 --version {versions.Descendants("LibTorchVersion").Single().Value}",
            $"dotnet add package Microsoft.Extensions.AI.OpenAI --version {clients}",
        ];

        Assert.Equal(expected, ServicePage.Steps.SelectMany(step => step.Text.Split('\n')).Where(line => line.Contains("--version", StringComparison.Ordinal)).Distinct());
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Page_EveryFileAndCommand_EndsInAnAnswer()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the page is for bash");
        var (port, here, said) = (FreePort(), _folder.Path, "");
        foreach (var step in ServicePage.Steps)
        {
            var text = step.Text.Replace(":8000", $":{port}", StringComparison.Ordinal).Replace("--port 8000", $"--port {port}", StringComparison.Ordinal);
            if (step.File is { } file)
            {
                await File.WriteAllTextAsync(Path.Combine(here, file), text, TestContext.Current.CancellationToken);
            }
            else if (step.Language == "text")
            {
                Assert.Equal(text, said);
            }
            else if (text.Contains(" serve ", StringComparison.Ordinal))
            {
                await ServeAsync(here, text);
            }
            else
            {
                said = feed.Run(here, "bash", "-euo", "pipefail", "-c", $"{text}\npwd > '{_folder["here"]}'");
                here = (await File.ReadAllTextAsync(_folder["here"], TestContext.Current.CancellationToken)).TrimEnd('\n');
            }

            // Packages that are not Reft's are those of this machine.
            if (File.Exists(_folder["nuget.config"]))
            {
                feed.Configure(_folder.Path);
            }
        }

        Assert.Single(_servers);
        Assert.True(File.Exists(_folder["Sums/runs/reward/report.html"]));
        Assert.Contains("brevity", await File.ReadAllTextAsync(_folder["Sums/runs/reward/metrics.jsonl"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task ServeAsync(string here, string command)
    {
        var server = feed.Start(here, "bash", "-c", command);
        _servers.Add(server);
        while (await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("Serving ", StringComparison.Ordinal))
            {
                return;
            }
        }

        Assert.Fail(await server.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
