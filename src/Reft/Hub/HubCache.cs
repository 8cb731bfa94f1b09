namespace Reft.Hub;

/// <summary>
/// The folder that Hugging Face's programs share: for every repository its files by their hashes (<c>blobs</c>), for every commit links to
/// them under their names (<c>snapshots</c>), and which commit a branch was at (<c>refs</c>). Beside these Reft keeps what files a commit has
/// (<c>.listing</c>), so that it can tell a whole snapshot from a part.
/// </summary>
internal sealed class HubCache(string root, HubAddress address)
{
    /// <summary>The repository's folder.</summary>
    public string Folder { get; } = Path.Combine(
        root, $"{(address.Kind == HubKind.Dataset ? "datasets" : "models")}--{address.Repository.Replace("/", "--", StringComparison.Ordinal)}");

    /// <summary>A file's bytes.</summary>
    public string Blob(HubFile file) => Path.Combine(Folder, "blobs", file.Digest);

    /// <summary>A commit's folder.</summary>
    public string Snapshot(string commit) => Path.Combine(Folder, "snapshots", commit);

    /// <summary>A file's place in a commit's folder.</summary>
    public string Place(string commit, string path) => Path.Combine(Snapshot(commit), Path.Combine(path.Split('/')));

    /// <summary>The commit that a revision was at when it was last asked for; null where it never was.</summary>
    public string? Commit()
    {
        if (address.IsCommit)
        {
            return address.Revision;
        }

        var path = Ref();
        return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: 40 } commit && commit.All(char.IsAsciiHexDigitLower) ? commit : null;
    }

    /// <summary>Remembers a revision's commit.</summary>
    public void SetCommit(string commit)
    {
        if (!address.IsCommit)
        {
            AtomicFile.WriteAllText(Ref(), commit);
        }
    }

    /// <summary>What files a commit has; null where it is not known.</summary>
    public HubListing? Listing(string commit) => HubListing.Read(ListingOf(commit), commit);

    /// <summary>Remembers what files a commit has.</summary>
    public void SetListing(HubListing listing) => listing.Write(ListingOf(listing.Commit));

    /// <summary>Whether a commit's folder has a file whole.</summary>
    public bool Has(string commit, HubFile file) => new FileInfo(Place(commit, file.Path)) is { Exists: true } info
        && (info.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target ? target is { Exists: true } && target.Length == file.Size : info.Length == file.Size);

    /// <summary>The names of the files that a commit's folder has, whoever put them there.</summary>
    public IReadOnlyList<string> Names(string commit) => !Directory.Exists(Snapshot(commit)) ? [] :
    [
        .. Directory.EnumerateFiles(Snapshot(commit), "*", SearchOption.AllDirectories).Where(File.Exists)
            .Select(path => Path.GetRelativePath(Snapshot(commit), path).Replace(Path.DirectorySeparatorChar, '/')).Order(StringComparer.Ordinal),
    ];

    /// <summary>Puts a blob into a commit's folder under a file's name: a link, or the file itself where the system has no links.</summary>
    public void Link(string commit, HubFile file)
    {
        var place = Place(commit, file.Path);
        if (Has(commit, file) && (File.ResolveLinkTarget(place, returnFinalTarget: true)?.Name ?? file.Digest) == file.Digest)
        {
            return;
        }

        var folder = Path.GetDirectoryName(place)!; // Inside the snapshot's.
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, $".{Path.GetFileName(place)}.{Guid.NewGuid():N}.tmp");
        try
        {
            File.CreateSymbolicLink(temporary, Path.GetRelativePath(folder, Blob(file)));
        }
        catch (Exception error) when (OperatingSystem.IsWindows() && error is IOException or UnauthorizedAccessException)
        {
            File.Copy(Blob(file), temporary);
        }

        File.Move(temporary, place, overwrite: true);
    }

    private string Ref() => Path.Combine(Folder, "refs", Path.Combine(address.Revision.Split('/')));

    private string ListingOf(string commit) => Path.Combine(Folder, ".listing", commit + ".json");
}
