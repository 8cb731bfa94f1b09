using System.Text.Json;
using System.Text.RegularExpressions;

namespace Reft.Hub;

/// <summary>A file of a repository.</summary>
/// <param name="Path">Its path in the repository, with slashes.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Digest">In hexadecimal: SHA-256 of a large file's bytes (LFS), or SHA-1 of git's blob.</param>
internal sealed record HubFile(string Path, long Size, string Digest)
{
    private const int Sha256Characters = 64;

    /// <summary>Whether it is a large file.</summary>
    public bool IsLarge => Digest.Length == Sha256Characters;
}

/// <summary>The files of a repository at a commit.</summary>
internal sealed partial record HubListing(string Commit, IReadOnlyList<HubFile> Files)
{
    /// <summary>A commit's name, which the hub sent.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static string ReadCommit(JsonElement root, string where) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty("sha", out var sha) && sha.ValueKind == JsonValueKind.String
        && Hash40().IsMatch(sha.GetString()!)
            ? sha.GetString()! // Not null: a string.
            : throw new InputException($"{where}: the answer names no commit ('sha'); see that HF_ENDPOINT is a hub");

    /// <summary>The files of one page of a tree; folders are left out.</summary>
    /// <exception cref="InputException">An entry is not as the hub's are.</exception>
    public static IEnumerable<HubFile> ReadPage(JsonElement root, string where)
    {
        if (root.ValueKind != JsonValueKind.Array)
        {
            throw new InputException($"{where}: the answer is no list of files; see that HF_ENDPOINT is a hub");
        }

        foreach (var entry in root.EnumerateArray())
        {
            if (Text(entry, "type") != "directory")
            {
                yield return ReadFile(entry, where);
            }
        }
    }

    private static HubFile ReadFile(JsonElement entry, string where)
    {
        var path = Text(entry, "path") ?? throw new InputException($"{where}: a file has no path");
        var large = entry.TryGetProperty("lfs", out var lfs) && lfs.ValueKind == JsonValueKind.Object;
        var (digest, size) = large ? (Text(lfs, "oid"), Number(lfs, "size")) : (Text(entry, "oid"), Number(entry, "size"));
        // A path out of the cache, or a name of a blob that is a path, is an attack or a broken server.
        return HubAddress.IsTricky(path) ? throw new InputException($"{where}: the hub names a file {OneLine.Quote(path)}, which would leave the cache")
            : digest is not null && size >= 0 && (large ? Hash64() : Hash40()).IsMatch(digest) ? new HubFile(path, size, digest)
            : throw new InputException($"{where}: the file {OneLine.Quote(path)} has no size or no hash");
    }

    /// <summary>What the cache keeps of it.</summary>
    public void Write(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(Files));

    /// <summary>What the cache kept; null where it kept none that can be read.</summary>
    public static HubListing? Read(string path, string commit)
    {
        try
        {
            return File.Exists(path) && JsonSerializer.Deserialize<HubFile[]>(File.ReadAllBytes(path)) is { } files
                && files.All(file => !HubAddress.IsTricky(file.Path) && (Hash40().IsMatch(file.Digest) || Hash64().IsMatch(file.Digest)))
                ? new HubListing(commit, files)
                : null;
        }
        catch (JsonException)
        {
            return null; // It is asked for again.
        }
    }

    private static string? Text(JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;

    private static long Number(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : -1;

    [GeneratedRegex("^[0-9a-f]{40}$")]
    private static partial Regex Hash40();

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Hash64();
}
