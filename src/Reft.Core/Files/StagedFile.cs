namespace Reft.Files;

/// <summary>
/// A file written in full, under a temporary name beside its place, and flushed to the disk. <see cref="Commit"/>
/// renames it into place; disposing it without a commit deletes it.
/// </summary>
internal sealed class StagedFile : IDisposable
{
    private const int BufferBytes = 1 << 16;

    private readonly string _path;
    private readonly string _folder;
    private readonly string _temporary;
    private bool _exists;

    private StagedFile(string path)
    {
        _path = path;
        _folder = Path.GetDirectoryName(path) ?? throw new InputException(
            $"{OneLine.Of(path)}: is the root folder where a file is needed; name the file in it");
        if (IsDevice(path))
        {
            throw new InputException(
                $"{OneLine.Of(path)}: is a device, which the finished file would replace; name an ordinary file");
        }

        _temporary = Path.Combine(_folder, $".{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
    }

    /// <summary>Writes the temporary file through a callback, which must leave the stream open.</summary>
    public static StagedFile Write(string path, Action<Stream> write)
    {
        var staged = new StagedFile(FullPath(path));
        try
        {
            staged.Guarded(() => staged.Fill(write));
            return staged;
        }
        catch
        {
            staged.Dispose();
            throw;
        }
    }

    /// <summary>Deletes what processes left behind that died while they wrote; nobody may be writing into the folder.</summary>
    public static void RemoveLeftovers(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, ".*.tmp", SearchOption.AllDirectories).Where(IsTemporary).ToArray())
        {
            File.Delete(path);
        }
    }

    /// <summary>Puts the file in its place, replacing the one that was there.</summary>
    public void Commit() => Guarded(() =>
    {
        File.Move(_temporary, _path, overwrite: true);
        _exists = false;
        FolderSync.Flush(_folder);
    });

    /// <summary>Deletes the temporary file, unless it was committed.</summary>
    public void Dispose()
    {
        if (!_exists)
        {
            return;
        }

        _exists = false;
        try
        {
            File.Delete(_temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The error that brought us here says more than this one, and the leftover has a name that nobody reads.
        }
    }

    private static bool IsTemporary(string path) =>
        Path.GetFileNameWithoutExtension(path) is var name && name.LastIndexOf('.') is > 0 and var dot
            && Guid.TryParseExact(name[(dot + 1)..], "N", out _);

    private static string FullPath(string path)
    {
        try
        {
            return Path.GetFullPath(path);
        }
        catch (ArgumentException error)
        {
            throw new InputException($"'{OneLine.Of(path)}' is not a file path; name a file", error);
        }
    }

    // A rename onto /dev/null succeeds for root and takes the device away from the whole machine.
    private static bool IsDevice(string path) =>
        !OperatingSystem.IsWindows()
        && path.StartsWith("/dev/", StringComparison.Ordinal)
        && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);

    private void Fill(Action<Stream> write)
    {
        Directory.CreateDirectory(_folder);
        using var stream = new FileStream(
            _temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes);
        _exists = true;
        write(stream);
        stream.Flush(flushToDisk: true);
    }

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (WriteFault.Is(error))
        {
            throw new InputException(
                $"{OneLine.Of(_path)}: cannot be written ({OneLine.Of(error.Message)}); "
                + "check the folder's free space and permissions, or choose another",
                error);
        }
    }
}
