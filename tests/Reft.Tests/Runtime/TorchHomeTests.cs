using System.Runtime.Versioning;
using Reft.Runtime;
using Reft.Tests.Training.Runs;

namespace Reft.Tests.Runtime;

/// <summary>Programs started with other libtorches: one process loads one alone.</summary>
[SupportedOSPlatform("linux")]
public sealed class TorchHomeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TorchHomeTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "the stand-in for Python is a shell script");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Auto_PythonWithTorch_LoadsIt()
    {
        Python(Package());

        var (code, output, _) = await Doctor("auto");

        Assert.Equal(0, code);
        Assert.Contains("\"libtorch\":\"2.10.7\"", output, StringComparison.Ordinal);
        Assert.Contains("\"libtorch_source\":\"REFT_TORCH_HOME=auto: PyTorch of python3\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Auto_PythonWithoutTorch_SaysHowToGetIt()
    {
        Python("");

        var (code, output, _) = await Doctor("auto");

        Assert.Equal(1, code);
        Assert.Contains("python3 has no package torch", output, StringComparison.Ordinal);
        Assert.Contains("pip install torch", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_WithoutLibTorch_IsRefused()
    {
        var (code, output, _) = await Doctor(_folder["none"]);

        Assert.Equal(1, code);
        Assert.Contains("which holds no libtorch_cpu.so", output, StringComparison.Ordinal);
    }

    /// <summary>A folder like pip's: torch/version.py and torch/lib.</summary>
    private string Package()
    {
        var package = _folder["site/torch"];
        Directory.CreateDirectory(Path.Combine(package, "lib"));
        File.WriteAllText(Path.Combine(package, "version.py"), "from typing import Optional\n__version__ = '2.10.7'\n");
        var real = NativeRuntime.Report.LibTorchFolder!; // Tests load NuGet's package.
        foreach (var file in Directory.EnumerateFiles(real))
        {
            File.CreateSymbolicLink(Path.Combine(package, "lib", Path.GetFileName(file)), file);
        }

        return package;
    }

    /// <summary>A python3 that says where its package is, on a path of its own.</summary>
    private void Python(string package)
    {
        Directory.CreateDirectory(_folder["bin"]);
        var python = Path.Combine(_folder["bin"], "python3");
        File.WriteAllText(python, $"#!/bin/sh\necho '{package}'\n");
        File.SetUnixFileMode(python, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private async Task<(int Code, string Output, string Error)> Doctor(string home)
    {
        var process = CliProcess.Launch("dotnet", [CliProcess.Library, "doctor", "--json"], new Dictionary<string, string>
        {
            ["REFT_TORCH_HOME"] = home,
            ["PATH"] = $"{_folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}",
        });
        return await CliProcess.FinishAsync(process, TestContext.Current.CancellationToken);
    }
}
