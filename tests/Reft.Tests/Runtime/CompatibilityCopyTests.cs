using System.Runtime.Versioning;
using Reft.Numerics;
using Reft.Runtime;

namespace Reft.Tests.Runtime;

[SupportedOSPlatform("linux")]
public sealed class CompatibilityCopyTests
{
    public CompatibilityCopyTests() =>
        Assert.SkipUnless(OperatingSystem.IsLinux(), "the compatibility copy exists on Linux only");

    private static byte[] Library() => File.ReadAllBytes(NativeRuntime.Report.TorchSharpLibrary);

    [Fact]
    public void TryPatch_RealLibrary_ChangesThreeFieldsOnly()
    {
        var original = Library();
        var patched = original.ToArray();

        Assert.True(CompatibilityCopy.TryPatch(patched));

        var changed = Enumerable.Range(0, original.Length).Where(i => original[i] != patched[i]).ToArray();
        // A flag (2 bytes), a name's offset (4) and a version's index (2).
        Assert.InRange(changed.Length, 3, 8);
        Assert.InRange(changed.Select(i => i / 8).Distinct().Count(), 3, 4);
    }

    [Fact]
    public void TryPatch_Garbage_IsRefused()
    {
        var random = new CounterRandom(9);
        for (var length = 0; length < 400; length++)
        {
            var garbage = Enumerable.Range(0, length).Select(_ => (byte)random.Below(256)).ToArray();
            Assert.False(CompatibilityCopy.TryPatch(garbage));
            "\u007fELF\u0002\u0001"u8[..Math.Min(6, length)].CopyTo(garbage);
            Assert.False(CompatibilityCopy.TryPatch(garbage));
        }
    }

    [Fact]
    public void TryPatch_Truncated_IsRefused()
    {
        var library = Library();
        for (var part = 0; part < 200; part++)
        {
            Assert.False(CompatibilityCopy.TryPatch(library.AsSpan(0, (int)((long)library.Length * part / 200)).ToArray()));
        }

        // The section table stands at the end: moved to the front of a truncated file it points at what is gone.
        for (var length = 64; length < 4096; length += 13)
        {
            var head = library[..length];
            BitConverter.TryWriteBytes(head.AsSpan(0x28), 0L);
            Assert.False(CompatibilityCopy.TryPatch(head));
        }
    }

    [Fact]
    public void TryPatch_DamagedTables_NeverThrows()
    {
        var library = Library();
        var random = new CounterRandom(11);
        var table = (int)BitConverter.ToInt64(library, 0x28);
        var count = BitConverter.ToUInt16(library, 0x3c);
        byte[] bytes = [0, 1, 0x7f, 0x80, 0xff];
        for (var i = 0; i < 400; i++)
        {
            var damaged = library.ToArray();
            for (var n = 0; n < 1 + (i % 5); n++)
            {
                // The header, the section table, or the first sections, which are the ones that the patch walks through.
                var at = (i % 3) switch
                {
                    0 => random.Below(64),
                    1 => table + random.Below(64 * count),
                    _ => random.Below(200_000),
                };
                damaged[at] = bytes[random.Below(bytes.Length)];
            }

            _ = CompatibilityCopy.TryPatch(damaged);
        }
    }

    [Fact]
    public void Create_OtherFault_IsNotPatchedAway()
    {
        var error = Assert.Throws<InputException>(() => CompatibilityCopy.Create(
            NativeRuntime.Report.TorchSharpLibrary, new DllNotFoundException("libc10.so: cannot open shared object file")));

        Assert.Equal(
            "TorchSharp's library cannot be loaded: libc10.so: cannot open shared object file", error.Message);
    }

    [Fact]
    public void Ensure_Twice_LoadsOnceAndNamesRealFiles()
    {
        var report = NativeRuntime.Report;

        Assert.Same(report, NativeRuntime.Report);
        Assert.True(File.Exists(report.TorchSharpLibrary));
        Assert.True(report.LibTorchFolder is null || Directory.Exists(report.LibTorchFolder));
        Assert.True(report.CompatibilityCopy is null || File.Exists(report.CompatibilityCopy));
    }
}
