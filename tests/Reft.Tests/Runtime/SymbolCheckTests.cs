using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Reft.Runtime;

namespace Reft.Tests.Runtime;

[SupportedOSPlatform("linux")]
public sealed class SymbolCheckTests
{
    public SymbolCheckTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "names are read of ELF libraries only");

    [Fact]
    public void Missing_WholeLibTorch_IsEmpty() => Assert.Empty(SymbolCheck.Missing(NativeRuntime.Report.TorchSharpLibrary, Handles("c10", "torch_cpu", "torch")));

    [Fact]
    public void Missing_WithoutTheOperators_NamesThem()
    {
        var missing = SymbolCheck.Missing(NativeRuntime.Report.TorchSharpLibrary, Handles("c10"));

        // Every operator that TorchSharp binds has one: matmul stands for them.
        Assert.True(missing.Count > 1000, $"only {missing.Count} names");
        Assert.Contains("_ZN2at4_ops6matmul4callERKNS_6TensorES4_", missing);
        Assert.DoesNotContain(missing, name => name.StartsWith("_ZSt", StringComparison.Ordinal));
    }

    [Fact]
    public void Explain_MissingNames_SaysWhoseAndHowMany()
    {
        var message = SymbolCheck.Explain(["_ZN2at1a", "_ZN2at1b", "_ZN2at1c", "_ZN2at1d"], new TorchHome("/somewhere/torch/lib", "REFT_TORCH_HOME"));

        Assert.Contains("REFT_TORCH_HOME ('/somewhere/torch/lib') lacks 4 of the functions", message, StringComparison.Ordinal);
        Assert.Contains("_ZN2at1a, _ZN2at1b, _ZN2at1c: use PyTorch", message, StringComparison.Ordinal);
    }

    private static nint[] Handles(params string[] names) =>
    [
        .. names.Select(name => NativeLibrary.Load(
            Path.Combine(NativeRuntime.Report.LibTorchFolder!, NativeRuntime.FileName(name)))), // Tests load NuGet's package.
    ];
}
