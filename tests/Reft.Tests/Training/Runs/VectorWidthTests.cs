using System.Runtime.Intrinsics;

namespace Reft.Tests.Training.Runs;

/// <summary>
/// A run of a model whose every operation is Reft's own gives the same bytes on processors of different widths: trained here as
/// this machine is, and by a process that may not use its widest vectors, nor libtorch its.
/// </summary>
public sealed class VectorWidthTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("fp32")]
    [InlineData("bf16")]
    public async Task Train_NarrowerVectors_GivesTheSameBytes(string dtype)
    {
        Assert.SkipUnless(Vector512.IsHardwareAccelerated, "this machine's vectors are not wider than 256 bits");

        await Train("wide", dtype, []);
        await Train("narrow", dtype, new() { ["DOTNET_EnableAVX512"] = "0", ["ATEN_CPU_CAPABILITY"] = "avx2" });

        var wide = ToyRun.Bytes(_folder["wide"]);
        Assert.Contains(wide.Keys, name => name.EndsWith("step-000004/model.safetensors", StringComparison.Ordinal));
        ToyRun.AssertSame(wide, ToyRun.Bytes(_folder["narrow"]));
    }

    [Fact]
    public async Task Doctor_NarrowerVectors_SaysWhichWidthItsKernelsUse()
    {
        Assert.SkipUnless(Vector512.IsHardwareAccelerated, "this machine's vectors are not wider than 256 bits");

        var (_, wide, _) = await Run(["doctor"], []);
        var (code, output, error) = await Run(["doctor"], new() { ["DOTNET_EnableAVX512"] = "0" });

        Assert.True(code is 0 or 1, error);
        Assert.Contains("vectors of 512 bits", wide, StringComparison.Ordinal);
        Assert.Contains("vectors of 256 bits", output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private async Task Train(string name, string dtype, Dictionary<string, string> environment)
    {
        var config = _folder["tiny.yaml"];
        // Odd sizes, so that the rests of vectors are trained too.
        await File.WriteAllTextAsync(config, """
            method: reft
            run: not-used
            model:
              fresh: { layers: 2, width: 72, heads: 2, feedForward: 107, context: 200, vocabulary: 311 }
            problems:
              train: { generated: { split: train, count: 24, profile: easy, maxSteps: 1 } }
              dev: { generated: { split: dev, count: 6, profile: easy, maxSteps: 1 } }
            answers: { style: program, giveProgramHeader: true }
            training: { steps: 4, batchSize: 12, maxTokens: 200 }
            optimizer: { learningRate: 1e-3, schedule: linear, warmupShare: 0.2 }
            rollouts: { maxTokens: 20 }
            ppo: { kl: { coefficient: 0.05, target: 1, horizon: 500 } }
            evaluation: { everySteps: 2, maxTokens: 20 }
            checkpoints: { everySteps: 2 }
            invariants: { off: [reward-stuck, error-verdicts, kl-negative] }
            """, Token);
        var (code, _, error) = await Run(
            ["train", config, "--set", $"run={_folder[name]}", "--set", $"model.dtype={dtype}"], environment);
        Assert.True(code == 0, error);
    }

    private static Task<(int Code, string Output, string Error)> Run(string[] arguments, Dictionary<string, string> environment) =>
        CliProcess.FinishAsync(CliProcess.Launch("dotnet", [CliProcess.Library, .. arguments], environment), Token);
}
