using System.Runtime.InteropServices;

namespace Reft.Training;

/// <summary>The XML that glibc writes of its allocator.</summary>
internal static unsafe partial class AllocatorReport
{
    public static string Read()
    {
        // The stream writes both until it is closed.
        byte* text = null;
        nuint length = 0;
        var stream = OpenMemoryStream(&text, &length);
        if (stream == 0)
        {
            throw new InvalidOperationException("no memory for the allocator's report");
        }

        _ = MallocInfo(0, stream);
        _ = Close(stream);
        try
        {
            return Marshal.PtrToStringUTF8((nint)text, (int)length);
        }
        finally
        {
            NativeMemory.Free(text);
        }
    }

    [LibraryImport("libc", EntryPoint = "open_memstream")]
    private static partial nint OpenMemoryStream(byte** text, nuint* length);

    [LibraryImport("libc", EntryPoint = "malloc_info")]
    private static partial int MallocInfo(int options, nint stream);

    [LibraryImport("libc", EntryPoint = "fclose")]
    private static partial int Close(nint stream);
}
