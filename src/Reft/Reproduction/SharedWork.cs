namespace Reft.Reproduction;

/// <summary>
/// Locks by which several processes work on one comparison. The operating system releases them however a process ends. They are
/// files that stay, and say nothing by being there.
/// </summary>
/// <param name="folder">Where they lie.</param>
internal sealed class SharedWork(string folder) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private FileStream? _presence;

    /// <summary>Says that this process works here too, until it is disposed.</summary>
    /// <param name="first">What is done before, if nobody else works here.</param>
    /// <exception cref="InputException">The folder cannot be written.</exception>
    public void Join(Action first)
    {
        using var held = Alone();
        using (var alone = Open("present", FileShare.None))
        {
            if (alone is not null)
            {
                first();
            }
        }

        _presence = Open("present", FileShare.Read);
    }

    /// <summary>Keeps others from what they too do alone; it takes moments, and is waited for.</summary>
    /// <exception cref="InputException">Another process takes minutes over it.</exception>
    public IDisposable Alone()
    {
        for (var until = Environment.TickCount64 + (long)Patience.TotalMilliseconds; ; Thread.Sleep(Pause))
        {
            if (Open("alone", FileShare.None) is { } held)
            {
                return held;
            }

            if (Environment.TickCount64 > until)
            {
                throw new InputException($"{folder}: another process holds {Path.Combine(folder, "alone")}; wait for it, or name another folder with --set folder=…");
            }
        }
    }

    /// <summary>Takes a stage; null where another process has it.</summary>
    public IDisposable? TryTake(string stage) => Open(stage.Replace('/', ' '), FileShare.None);

    /// <inheritdoc/>
    public void Dispose() => _presence?.Dispose();

    /// <summary>Opens a lock's file; null where another holds it. A stream that is to be shared takes a shared lock.</summary>
    private FileStream? Open(string name, FileShare share)
    {
        var path = Path.Combine(folder, name);
        try
        {
            Directory.CreateDirectory(folder);
            return new FileStream(path, FileMode.OpenOrCreate, share == FileShare.None ? FileAccess.ReadWrite : FileAccess.Read, share);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new InputException($"{folder}: cannot be written ({OneLine.Of(error.Message)}); name another folder with --set folder=…", error);
        }
        catch (IOException error) when (!File.Exists(path))
        {
            throw new InputException($"{folder}: cannot be used ({OneLine.Of(error.Message)}); name another folder with --set folder=…", error);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
