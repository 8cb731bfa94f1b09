namespace Reft.Training.Runs;

/// <summary>Held while a process writes to a run's folder. The operating system releases it however the process ends.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _stream;

    private RunLock(FileStream stream) => _stream = stream;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="InputException">Another process holds it; the message names it.</exception>
    public static RunLock Take(RunFolder folder)
    {
        var owner = folder.Lock + ".owner";
        try
        {
            Directory.CreateDirectory(folder.Path);
            var stream = new FileStream(folder.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(owner, $"process {Environment.ProcessId} ({Environment.ProcessPath}) on {Environment.MachineName}\n");
            return new RunLock(stream);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new InputException($"{folder.Path}: cannot be written ({OneLine.Of(error.Message)}); choose another folder", error);
        }
        catch (IOException error) when (File.Exists(folder.Lock) && File.Exists(owner))
        {
            throw new InputException(
                $"{folder.Path}: is in use by {File.ReadAllText(owner).Trim()}; wait for it, or choose another folder", error);
        }
        catch (IOException error)
        {
            throw new InputException($"{folder.Path}: cannot be used ({OneLine.Of(error.Message)}); choose another folder", error);
        }
    }

    /// <summary>Whether a process holds it now.</summary>
    internal static bool IsHeld(RunFolder folder)
    {
        if (!File.Exists(folder.Lock))
        {
            return false;
        }

        try
        {
            using var stream = new FileStream(folder.Lock, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            return false; // Somebody else's run that cannot be tried; its status says how it stands.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
