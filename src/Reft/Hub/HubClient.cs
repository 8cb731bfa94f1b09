using System.Text.Json;

namespace Reft.Hub;

/// <summary>What a pull brought.</summary>
/// <param name="Folder">The snapshot's folder.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Files">The files that were asked for.</param>
/// <param name="Received">Bytes that were downloaded and had not been there.</param>
internal sealed record HubPull(string Folder, string Commit, IReadOnlyList<HubFile> Files, long Received);

/// <summary>Brings repositories of the hub into the cache, by the hub's documented HTTP interface.</summary>
/// <param name="settings">Where the hub is and who asks.</param>
/// <param name="progress">Told how far a download is; null for nobody.</param>
internal sealed class HubClient(HubSettings settings, Action<HubProgress>? progress = null) : IDisposable
{
    private readonly HubHttp _http = new(settings);

    /// <summary>Whether blobs that are there are hashed again.</summary>
    public bool ChecksAgain { get; init; }

    /// <summary>Brings a model: what Reft reads of it.</summary>
    /// <exception cref="InputException">It cannot be had.</exception>
    public Task<HubPull> PullModelAsync(HubAddress address, CancellationToken cancellation) => GuardedAsync(async () =>
    {
        var (cache, listing) = await ListAsync(address, cancellation).ConfigureAwait(false);
        var small = HubModelFiles.Small(listing);
        var first = await FetchAsync(cache, listing, small, address, cancellation).ConfigureAwait(false);
        var weights = HubModelFiles.Weights(listing, path => cache.Blob(small.First(file => file.Path == path)), address);
        var second = await FetchAsync(cache, listing, weights, address, cancellation).ConfigureAwait(false);
        return Finish(cache, listing, [.. small, .. weights], first + second);
    });

    /// <summary>Brings files of a data set.</summary>
    /// <param name="address">The data set.</param>
    /// <param name="select">Chooses among the paths.</param>
    /// <param name="cancellation">Stops; what was received stays.</param>
    /// <exception cref="InputException">It cannot be had.</exception>
    public Task<HubPull> PullDataAsync(
        HubAddress address, Func<IEnumerable<string>, IReadOnlyList<string>> select, CancellationToken cancellation) => GuardedAsync(async () =>
    {
        var (cache, listing) = await ListAsync(address, cancellation).ConfigureAwait(false);
        var names = select(listing.Files.Select(file => file.Path)).ToHashSet(StringComparer.Ordinal);
        HubFile[] files = [.. listing.Files.Where(file => names.Contains(file.Path))];
        return Finish(cache, listing, files, await FetchAsync(cache, listing, files, address, cancellation).ConfigureAwait(false));
    });

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Links come when all blobs are there, and the branch's commit last: who finds it finds all.</summary>
    private static HubPull Finish(HubCache cache, HubListing listing, IReadOnlyList<HubFile> files, long received)
    {
        foreach (var file in files)
        {
            cache.Link(listing.Commit, file);
        }

        cache.SetListing(listing);
        cache.SetCommit(listing.Commit);
        return new HubPull(cache.Snapshot(listing.Commit), listing.Commit, files, received);
    }

    /// <summary>Turns what the disk refuses into a line; what the network refuses is one already.</summary>
    private async Task<HubPull> GuardedAsync(Func<Task<HubPull>> pull)
    {
        try
        {
            return await pull().ConfigureAwait(false);
        }
        catch (Exception error) when (WriteFault.Is(error))
        {
            throw new InputException($"{settings.Cache}: cannot be written ({OneLine.Of(error.Message)}); check space and permissions, or set HF_HOME", error);
        }
    }

    private async Task<(HubCache Cache, HubListing Listing)> ListAsync(HubAddress address, CancellationToken cancellation)
    {
        if (settings.IsOffline)
        {
            throw new InputException($"{address}: HF_HUB_OFFLINE is set: nothing is asked of the hub");
        }

        var revision = Uri.EscapeDataString(address.Revision);
        var (head, _) = await _http.JsonAsync(Api(address, $"revision/{revision}"), address, cancellation).ConfigureAwait(false);
        using var owned = head;
        var commit = HubListing.ReadCommit(head.RootElement, address.ToString());
        var files = new List<HubFile>();
        var page = (Uri?)Api(address, $"tree/{commit}?recursive=true");
        while (page is not null)
        {
            (var document, page) = await _http.JsonAsync(page, address, cancellation).ConfigureAwait(false);
            using var read = document;
            files.AddRange(HubListing.ReadPage(document.RootElement, address.ToString()));
        }

        return (new HubCache(settings.Cache, address), new HubListing(commit, files));
    }

    private async Task<long> FetchAsync(HubCache cache, HubListing listing, IReadOnlyList<HubFile> files, HubAddress address, CancellationToken cancellation)
    {
        if (ChecksAgain)
        {
            await RemoveDamagedAsync(cache, files, cancellation).ConfigureAwait(false);
        }

        HubFile[] missing = [.. files.Where(file => !HubDownload.IsThere(file, cache.Blob(file))).DistinctBy(file => file.Digest)];
        var (all, done) = (missing.Sum(file => file.Size), 0L);
        RequireSpace(cache, all, address);
        var download = new HubDownload(_http, settings, address);
        foreach (var file in missing)
        {
            progress?.Invoke(new HubProgress(file.Path, done, all));
            await download.FetchAsync(
                file, FileOf(address, listing.Commit, file), cache.Blob(file), bytes => progress?.Invoke(new HubProgress(file.Path, done + bytes, all)),
                cancellation).ConfigureAwait(false);
            done += file.Size;
        }

        return all;
    }

    private static async Task RemoveDamagedAsync(HubCache cache, IReadOnlyList<HubFile> files, CancellationToken cancellation)
    {
        foreach (var file in files.Where(file => File.Exists(cache.Blob(file))))
        {
            if (!await HubDownload.IsRightAsync(file, cache.Blob(file), cancellation).ConfigureAwait(false))
            {
                File.Delete(cache.Blob(file));
            }
        }
    }

    private static void RequireSpace(HubCache cache, long bytes, HubAddress address)
    {
        Directory.CreateDirectory(cache.Folder);
        var free = new DriveInfo(cache.Folder).AvailableFreeSpace;
        if (free < bytes)
        {
            throw new InputException(
                $"{address}: needs {bytes / 1e9:F1} GB, and {cache.Folder} has {free / 1e9:F1} GB left; make room, or set HF_HOME to another disk");
        }
    }

    private Uri Api(HubAddress address, string rest) => new(settings.Endpoint, $"api/{Kind(address)}s/{address.Repository}/{rest}");

    private Uri FileOf(HubAddress address, string commit, HubFile file) => new(
        settings.Endpoint,
        $"{(address.Kind == HubKind.Dataset ? "datasets/" : "")}{address.Repository}/resolve/{commit}/"
        + string.Join('/', file.Path.Split('/').Select(Uri.EscapeDataString)));

    private static string Kind(HubAddress address) => JsonNamingPolicy.CamelCase.ConvertName(address.Kind.ToString());
}
