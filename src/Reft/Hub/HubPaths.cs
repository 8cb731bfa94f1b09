namespace Reft.Hub;

/// <summary>
/// Turns <c>hf://…</c> of configs and command lines into paths. What the cache has whole is taken as it is, without a look at the network,
/// so that a run goes on with the model that it began with; a newer commit comes by <c>reft pull</c>. What it lacks is downloaded.
/// </summary>
/// <param name="settings">Where the hub is; null for what the environment says.</param>
/// <param name="progress">Told how far a download is; null for nobody.</param>
internal sealed class HubPaths(HubSettings? settings = null, Action<HubProgress>? progress = null)
{
    private HubSettings Settings => field ??= settings ?? HubSettings.FromEnvironment();

    /// <summary>The folder of a model.</summary>
    /// <param name="path">A folder, which is left as it is, or an address.</param>
    /// <param name="cancellation">Stops a download.</param>
    /// <exception cref="InputException">It cannot be had.</exception>
    public string Model(string path, CancellationToken cancellation = default)
    {
        if (!HubAddress.Is(path))
        {
            return path;
        }

        var address = HubAddress.Parse(path);
        if (address.Kind != HubKind.Model)
        {
            throw new InputException($"{address}: is a data set where a model is needed");
        }

        var cache = new HubCache(Settings.Cache, address);
        if (cache.Commit() is { } commit && IsWhole(cache, commit, address))
        {
            return cache.Snapshot(commit);
        }

        using var client = Client(address);
        return client.PullModelAsync(address, cancellation).GetAwaiter().GetResult().Folder;
    }

    /// <summary>The files of a set of problems.</summary>
    /// <param name="path">A file, which is left as it is, or an address.</param>
    /// <param name="split">Which split is meant where the address leaves it open: <c>train</c>, <c>validation</c> or <c>test</c>.</param>
    /// <param name="cancellation">Stops a download.</param>
    /// <exception cref="InputException">They cannot be had.</exception>
    public IReadOnlyList<string> Files(string path, string split, CancellationToken cancellation = default)
    {
        if (!HubAddress.Is(path))
        {
            return [path];
        }

        var address = HubAddress.Parse(path);
        if (address.Kind != HubKind.Dataset)
        {
            throw new InputException($"{address}: is a model where problems are needed; data sets are named as hf://datasets/org/name");
        }

        var cache = new HubCache(Settings.Cache, address);
        if (cache.Commit() is { } commit && Here(cache, commit, address, split) is { } here)
        {
            return [.. here.Select(name => cache.Place(commit, name))];
        }

        using var client = Client(address);
        var pull = client.PullDataAsync(address, paths => HubDataFiles.Select(paths, address, split), cancellation).GetAwaiter().GetResult();
        return [.. HubDataFiles.Select(pull.Files.Select(file => file.Path), address, split).Select(name => cache.Place(pull.Commit, name))];
    }

    private HubClient Client(HubAddress address) => Settings.IsOffline
        ? throw new InputException(
            $"{address}: is not in {Settings.Cache}, or not whole, and HF_HUB_OFFLINE is set; pull it where the network is: "
            + $"reft pull {address.ToString()[HubAddress.Scheme.Length..]}")
        : new HubClient(Settings, progress);

    /// <summary>Whether a snapshot has all that is needed of a model. One that other programs made is taken as it is when nobody can be asked.</summary>
    private bool IsWhole(HubCache cache, string commit, HubAddress address)
    {
        if (cache.Listing(commit) is not { } listing)
        {
            var names = cache.Names(commit);
            return Settings.IsOffline && (names.Contains("config.json") || names.Contains("adapter_config.json"));
        }

        var small = HubModelFiles.Small(listing);
        return small.All(file => cache.Has(commit, file))
            && HubModelFiles.Weights(listing, path => cache.Place(commit, path), address).All(file => cache.Has(commit, file));
    }

    private IReadOnlyList<string>? Here(HubCache cache, string commit, HubAddress address, string split)
    {
        if (cache.Listing(commit) is not { } listing)
        {
            return Settings.IsOffline && cache.Names(commit) is { Count: > 0 } names ? HubDataFiles.Select(names, address, split) : null;
        }

        var selected = HubDataFiles.Select(listing.Files.Select(file => file.Path), address, split);
        return selected.All(name => cache.Has(commit, listing.Files.First(file => file.Path == name))) ? selected : null;
    }
}
