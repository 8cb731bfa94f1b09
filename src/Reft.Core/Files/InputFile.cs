namespace Reft.Files;

/// <summary>Opens the files that a user names; whatever goes wrong is an <see cref="InputException"/>.</summary>
internal static class InputFile
{
    /// <summary>Opens a file for reading; others may read, replace or delete it meanwhile.</summary>
    public static FileStream OpenRead(string path)
    {
        if (Directory.Exists(path))
        {
            throw new InputException($"{OneLine.Of(path)}: is a folder where a file is needed; name the file in it");
        }

        return Guarded(
            path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete));
    }

    /// <summary>Reads a whole file of at most <paramref name="limit"/> bytes.</summary>
    public static byte[] ReadAllBytes(string path, int limit)
    {
        using var stream = OpenRead(path);
        return Guarded(path, () =>
        {
            if (stream.Length > limit)
            {
                throw new InputException(
                    $"{OneLine.Of(path)}: holds {stream.Length} bytes, more than the {limit} that such a file may "
                    + "have; check that it is the right file");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        });
    }

    /// <summary>Runs a read of <paramref name="path"/> and turns the system's errors into one line.</summary>
    public static T Guarded<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InputException($"{OneLine.Of(path)}: no such file; check the path", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new InputException($"{OneLine.Of(path)}: no permission to read it; give yourself read access", error);
        }
        catch (Exception error) when (error is IOException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"{OneLine.Of(path)}: cannot be read ({OneLine.Of(error.Message)})", error);
        }
    }
}
