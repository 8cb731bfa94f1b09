using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

namespace Reft.Training;

/// <summary>What the process holds in memory.</summary>
/// <param name="ResidentBytes">Bytes of physical memory now.</param>
/// <param name="PeakResidentBytes">The most there have been since the process started.</param>
/// <param name="NativeBytes">
/// Bytes that native code has allocated and not freed: libtorch's CPU tensors above all. null where the C library cannot
/// tell (anything but glibc).
/// </param>
internal sealed record MemoryUse(long ResidentBytes, long PeakResidentBytes, long? NativeBytes)
{
    /// <summary>Reads the figures of this process.</summary>
    public static MemoryUse Read()
    {
        using var process = Process.GetCurrentProcess();
        return new MemoryUse(process.WorkingSet64, process.PeakWorkingSet64, ReadNative());
    }

    private static long? ReadNative()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            return Sum(XElement.Parse(AllocatorReport.Read()));
        }
        catch (EntryPointNotFoundException)
        {
            return null; // Another C library.
        }
    }

    /// <summary>What all arenas have from the system, less what lies free in them, and what was mapped by itself.</summary>
    private static long Sum(XElement report)
    {
        return Size("system", "current") - Size("total", "fast") - Size("total", "rest") + Size("total", "mmap");

        long Size(string element, string type) => report.Elements(element)
            .Where(e => (string?)e.Attribute("type") == type)
            .Sum(e => long.Parse(e.Attribute("size")!.Value, CultureInfo.InvariantCulture)); // It always has one.
    }
}
