using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Reft.Runtime;

/// <summary>What the machine is, as far as it matters to training.</summary>
/// <param name="System">The operating system, with its version.</param>
/// <param name="Processor">The processor's name.</param>
/// <param name="Cores">How many cores this process may use.</param>
/// <param name="MemoryBytes">How much memory this process may use.</param>
/// <param name="Features">The processor's features that matter to matrix products.</param>
internal sealed record MachineReport(
    string System, string Processor, int Cores, long MemoryBytes, IReadOnlyList<string> Features)
{
    /// <summary>Looks at the machine.</summary>
    public static MachineReport Read() => new(
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.RuntimeIdentifier}",
        ProcessorName(),
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
        ReadFeatures());

    private static List<string> ReadFeatures()
    {
        var features = new List<string>();
        if (RuntimeInformation.ProcessArchitecture == Architecture.Arm64)
        {
            features.Add("neon");
            return features;
        }

        Add("avx2", Avx2.IsSupported);
        Add("fma", Fma.IsSupported);
        Add("avx512", Avx512F.IsSupported);
        if (X86Base.IsSupported)
        {
            // CPUID leaf 7: the extensions that .NET has no class for.
            var (_, _, _, edx) = X86Base.CpuId(7, 0);
            var (eax, _, _, _) = X86Base.CpuId(7, 1);
            Add("avx512_bf16", Avx512F.IsSupported && (eax & (1 << 5)) != 0);
            Add("avx512_fp16", Avx512F.IsSupported && (edx & (1 << 23)) != 0);
            Add("amx_bf16", (edx & (1 << 22)) != 0);
        }

        return features;

        void Add(string name, bool supported)
        {
            if (supported)
            {
                features.Add(name);
            }
        }
    }

    private static string ProcessorName()
    {
        const string Info = "/proc/cpuinfo";
        var line = File.Exists(Info)
            ? File.ReadLines(Info).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()
            ?? RuntimeInformation.ProcessArchitecture.ToString().ToLower(CultureInfo.InvariantCulture);
    }
}
