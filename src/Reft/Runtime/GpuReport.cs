using System.Runtime.InteropServices;
using System.Text;

namespace Reft.Runtime;

/// <summary>One GPU, as the driver tells of it.</summary>
/// <param name="Name">The card.</param>
/// <param name="MemoryBytes">Its memory.</param>
/// <param name="Capability">Its compute capability, such as 9.0.</param>
internal sealed record Gpu(string Name, long MemoryBytes, string Capability);

/// <summary>The GPUs of the machine, asked of the driver and not of libtorch: what is there, whatever libtorch was built for.</summary>
/// <param name="Driver">The newest CUDA that the driver takes, such as 13.0; null where there is no driver.</param>
/// <param name="Gpus">The cards.</param>
internal sealed unsafe record GpuReport(string? Driver, IReadOnlyList<Gpu> Gpus)
{
    private const int NameLength = 256;
    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;

    /// <summary>Asks the driver.</summary>
    public static GpuReport Read()
    {
        var none = new GpuReport(null, []);
        if (!NativeLibrary.TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", out var driver))
        {
            return none;
        }

        var start = (delegate* unmanaged<uint, int>)Export(driver, "cuInit");
        var version = (delegate* unmanaged<int*, int>)Export(driver, "cuDriverGetVersion");
        var countOf = (delegate* unmanaged<int*, int>)Export(driver, "cuDeviceGetCount");
        int number, count = 0;
        if (start == null || version == null || countOf == null || version(&number) != 0)
        {
            return none;
        }

        var known = new GpuReport(FormattableString.Invariant($"{number / 1000}.{number % 1000 / 10}"), []);
        if (start(0) != 0 || countOf(&count) != 0)
        {
            return known;
        }

        return known with { Gpus = [.. Enumerable.Range(0, count).Select(i => Describe(driver, i)).OfType<Gpu>()] };
    }

    private static Gpu? Describe(nint driver, int index)
    {
        var deviceOf = (delegate* unmanaged<int*, int, int>)Export(driver, "cuDeviceGet");
        var nameOf = (delegate* unmanaged<byte*, int, int, int>)Export(driver, "cuDeviceGetName");
        var memoryOf = (delegate* unmanaged<nuint*, int, int>)Export(driver, "cuDeviceTotalMem_v2");
        var attributeOf = (delegate* unmanaged<int*, int, int, int>)Export(driver, "cuDeviceGetAttribute");
        if (deviceOf == null || nameOf == null || memoryOf == null || attributeOf == null)
        {
            return null;
        }

        int device, major, minor;
        nuint bytes;
        var name = stackalloc byte[NameLength];
        return deviceOf(&device, index) == 0 && nameOf(name, NameLength, device) == 0 && memoryOf(&bytes, device) == 0
            && attributeOf(&major, CapabilityMajor, device) == 0 && attributeOf(&minor, CapabilityMinor, device) == 0
            ? new Gpu(
                Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)), (long)bytes,
                FormattableString.Invariant($"{major}.{minor}"))
            : null;
    }

    private static nint Export(nint library, string name) => NativeLibrary.TryGetExport(library, name, out var address) ? address : 0;
}
