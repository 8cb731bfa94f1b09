using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Reft.Checkpoints;
using static TorchSharp.torch;

namespace Reft.Training.Runs;

/// <summary>
/// The checkpoints of a run. One is written under a hidden name, every file of it flushed, and then renamed, so that a
/// folder <c>step-…</c> is always whole; its checksums tell damage that came later.
/// </summary>
internal sealed class CheckpointStore(RunFolder folder)
{
    /// <summary>The folder in a checkpoint that resuming needs.</summary>
    public const string TrainerFolder = "trainer";

    private const string Prefix = "step-";
    private const string Sums = "SHA256SUMS";
    private const string StateFile = "state.json";
    private const string OptimizerFile = "optimizer.safetensors";
    private const string KeptFile = "kept.safetensors";

    /// <summary>The folder of the checkpoint after so many steps.</summary>
    public string PathOf(long step) => Path.Combine(folder.Checkpoints, Name(step));

    /// <summary>Steps of the checkpoints there are, the newest first.</summary>
    public IReadOnlyList<long> Steps() => !Directory.Exists(folder.Checkpoints)
        ? []
        : [.. Directory.GetDirectories(folder.Checkpoints, Prefix + "*")
            .Select(path => Path.GetFileName(path)[Prefix.Length..])
            .Where(name => long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(name => long.Parse(name, CultureInfo.InvariantCulture))
            .OrderDescending()];

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="state">Its state.</param>
    /// <param name="optimizer">Masters and moments.</param>
    /// <param name="kept">The method's own tensors; without any there is no file of them.</param>
    /// <param name="saveModel">Writes the model's folder.</param>
    public void Save(CheckpointState state, AdamW optimizer, IReadOnlyDictionary<string, Tensor> kept, Action<string> saveModel) =>
        Whole(Name(state.Step), partial =>
        {
            saveModel(partial);
            var trainer = Path.Combine(partial, TrainerFolder);
            Directory.CreateDirectory(trainer);
            using (var scope = NewDisposeScope())
            {
                SafeTensorsWriter.Write(
                    Path.Combine(trainer, OptimizerFile),
                    [.. optimizer.State.Select(pair => WeightTensor.Source(pair.Key, pair.Value))]);
                if (kept.Count > 0)
                {
                    SafeTensorsWriter.Write(
                        Path.Combine(trainer, KeptFile), [.. kept.Select(pair => WeightTensor.Source(pair.Key, pair.Value))]);
                }
            }

            AtomicFile.WriteAllText(Path.Combine(trainer, StateFile), state.ToJson());
            AtomicFile.WriteAllText(Path.Combine(trainer, Sums), Checksums(partial));
        });

    /// <summary>Writes a folder of weights alone, to be kept for good.</summary>
    /// <param name="name">The folder's name, such as <c>epoch-0002</c>.</param>
    /// <param name="saveModel">Writes the model's folder.</param>
    public void Keep(string name, Action<string> saveModel) => Whole(name, saveModel);

    /// <summary>The state of a checkpoint, after every file of it was compared with its checksum.</summary>
    /// <exception cref="InputException">It is damaged; the message names the file.</exception>
    public CheckpointState Verify(long step)
    {
        var path = PathOf(step);
        var sums = Path.Combine(path, TrainerFolder, Sums);
        if (!File.Exists(sums))
        {
            throw new InputException($"{path}: is damaged: {TrainerFolder}/{Sums} is missing");
        }

        foreach (var line in File.ReadLines(sums))
        {
            var parts = line.Split("  ", 2);
            var file = Path.Combine(path, parts.Length == 2 ? parts[1] : "?");
            if (!File.Exists(file) || Sum(file) != parts[0])
            {
                throw new InputException(
                    $"{path}: is damaged: {OneLine.Of(parts[^1])} is not what was written (its checksum differs)");
            }
        }

        return CheckpointState.Read(Path.Combine(path, TrainerFolder, StateFile));
    }

    /// <summary>Puts a checkpoint's masters and moments into an optimizer, and so its weights into the model; and the method's own tensors.</summary>
    /// <exception cref="InputException">A tensor is not there.</exception>
    public void Restore(CheckpointState state, AdamW optimizer, IReadOnlyDictionary<string, Tensor> kept)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        using var file = SafeTensorsFile.Open(Path.Combine(PathOf(state.Step), TrainerFolder, OptimizerFile));
        optimizer.Restore(
            state.OptimizerSteps,
            file.Entries.ToDictionary(pair => pair.Key, pair => WeightTensor.From(file, pair.Value)));
        if (kept.Count > 0)
        {
            using var own = SafeTensorsFile.Open(Path.Combine(PathOf(state.Step), TrainerFolder, KeptFile));
            foreach (var (name, tensor) in kept)
            {
                tensor.copy_(own.Entries.TryGetValue(name, out var entry)
                    ? WeightTensor.From(own, entry)
                    : throw new InputException($"{own.Path}: lacks '{name}'"));
            }
        }
    }

    /// <summary>
    /// Deletes all but the newest checkpoints, the best one, and the very newest if it lies outside the schedule, as one does
    /// that an interruption made. So what is left in the end does not tell whether the run was interrupted.
    /// </summary>
    /// <param name="keep">How many of the newest on the schedule stay.</param>
    /// <param name="best">The best one's step; null for none.</param>
    /// <param name="isScheduled">Whether a checkpoint belongs after so many steps.</param>
    public void Prune(int keep, long? best, Func<long, bool> isScheduled)
    {
        var all = Steps();
        var stay = all.Where(isScheduled).Take(keep).Append(all[0]).ToHashSet();
        foreach (var step in all.Where(step => step != best && !stay.Contains(step)))
        {
            Remove(PathOf(step));
        }
    }

    /// <summary>Deletes what an interrupted process left half-written or half-deleted.</summary>
    public void Sweep()
    {
        if (Directory.Exists(folder.Checkpoints))
        {
            foreach (var path in Directory.GetDirectories(folder.Checkpoints, ".*"))
            {
                Directory.Delete(path, recursive: true);
            }
        }
    }

    private static string Name(long step) => FormattableString.Invariant($"{Prefix}{step:D6}");

    private static string Checksums(string root)
    {
        var lines = new StringBuilder();
        foreach (var file in Directory.GetFiles(root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            lines.Append(CultureInfo.InvariantCulture, $"{Sum(file)}  {Path.GetRelativePath(root, file)}\n");
        }

        return lines.ToString();
    }

    private static string Sum(string path)
    {
        using var stream = InputFile.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private void Whole(string name, Action<string> write)
    {
        var partial = Path.Combine(folder.Checkpoints, $".{name}.partial");
        var final = Path.Combine(folder.Checkpoints, name);
        try
        {
            if (Directory.Exists(partial))
            {
                Directory.Delete(partial, recursive: true);
            }

            Directory.CreateDirectory(partial);
            write(partial);
            Remove(final);
            Directory.Move(partial, final);
            FolderSync.Flush(folder.Checkpoints);
        }
        catch (Exception error) when (error is InputException || WriteFault.Is(error))
        {
            Discard(partial);
            var last = Steps().Count > 0 ? $"the last good one is {PathOf(Steps()[0])}" : "there is none before it";
            throw new InputException(
                $"checkpoint {final} could not be written ({OneLine.Of(error.Message)}); {last}: make room, then go on with "
                + "--resume",
                error);
        }
    }

    private static void Discard(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Sweep deletes it next time; the error that brought us here says more.
        }
    }

    /// <summary>Renames first, so that no half-deleted folder looks like a checkpoint.</summary>
    private static void Remove(string path)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        var old = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.old"); // It lies in a folder.
        if (Directory.Exists(old))
        {
            Directory.Delete(old, recursive: true);
        }

        Directory.Move(path, old);
        Directory.Delete(old, recursive: true);
    }
}
