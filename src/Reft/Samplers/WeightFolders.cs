using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Reft.Samplers;

/// <summary>Writes versions of the weights, each a model's folder of its own that is whole once it is there.</summary>
/// <param name="root">Where to.</param>
/// <param name="save">Writes the model into a folder.</param>
internal sealed partial class WeightFolders(string root, Action<string> save)
{
    /// <summary>Writes the weights as they are.</summary>
    /// <param name="step">The training step that they are for.</param>
    /// <returns>What they are called: the step and the beginning of the hash of the weights' files.</returns>
    public string Write(long step)
    {
        Directory.CreateDirectory(root);
        var writing = Path.Combine(root, FormattableString.Invariant($".writing-{Environment.ProcessId}"));
        Remove(writing);
        save(writing);
        var version = FormattableString.Invariant($"v{step:D6}-{Hash(writing)}");
        var path = Path.Combine(root, version);
        Remove(path); // One of the same name has the same weights, if it is whole.
        Directory.Move(writing, path);
        return version;
    }

    /// <summary>Deletes all versions but one, which the server has in its memory by now.</summary>
    public void KeepOnly(string version)
    {
        foreach (var folder in Directory.EnumerateDirectories(root).ToArray())
        {
            var name = Path.GetFileName(folder);
            if (name != version && Form().IsMatch(name))
            {
                Remove(folder);
            }
        }
    }

    private static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Hash(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.GetFiles(folder, "*.safetensors").Order(StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(file);
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
    }

    [GeneratedRegex(@"^(v\d{6,}-[0-9a-f]{12}|\.writing-\d+)\z")]
    private static partial Regex Form();
}
