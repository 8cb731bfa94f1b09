using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Reft.Tests.Hub;

/// <summary>One request as the server saw it.</summary>
internal sealed record HubRequest(string Host, string Target, IReadOnlyDictionary<string, string> Headers);

/// <summary>What a test has the server answer in the place of the file.</summary>
internal sealed record HubTrick
{
    /// <summary>The status line's number and words.</summary>
    public string Status { get; init; } = "200 OK";

    public string[] Headers { get; init; } = [];

    /// <summary>The body; null for what would have been sent.</summary>
    public byte[]? Body { get; init; }

    /// <summary>After so many bytes of the body the connection ends; null for none.</summary>
    public int? CutAfter { get; init; }

    /// <summary>Whether the connection stays open and silent there.</summary>
    public bool Hangs { get; init; }

    /// <summary>Whether ranges are not looked at.</summary>
    public bool IgnoresRanges { get; init; }
}

/// <summary>
/// A server that behaves like the hub, on two ports of this machine: one is the hub itself, which sends large files to the other, as the hub
/// does to where its large files are. It is written on sockets so that it can lie about lengths and hang up.
/// </summary>
internal sealed class LocalHub : IDisposable
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private const int LargeBytes = 4096;

    private readonly TcpListener _hub = new(IPAddress.Loopback, 0);
    private readonly TcpListener _storage = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, Dictionary<string, byte[]>> _repositories = new(StringComparer.Ordinal);
    private readonly Queue<(string Part, HubTrick Trick)> _tricks = new();
    private readonly List<HubRequest> _requests = [];

    public LocalHub()
    {
        _hub.Start();
        _storage.Start();
        _ = ServeAsync(_hub);
        _ = ServeAsync(_storage);
    }

    /// <summary>The repository that files are added to: a model, or a data set behind <c>datasets/</c>.</summary>
    public string Repository { get; set; } = "org/tiny";

    /// <summary>What must be shown; null for nothing.</summary>
    public string? Token { get; init; }

    /// <summary>How many entries a page of the tree has.</summary>
    public int PageSize { get; init; } = 1000;

    /// <summary>The commit that main is at.</summary>
    public string Head { get; set; } = Commit;

    public Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)_hub.LocalEndpoint).Port}/");

    public Uri Storage => new($"http://localhost:{((IPEndPoint)_storage.LocalEndpoint).Port}/");

    public IReadOnlyList<HubRequest> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    public byte[] this[string path]
    {
        get => Files[path];
        set => Files[path] = value;
    }

    private Dictionary<string, byte[]> Files =>
        _repositories.TryGetValue(Repository, out var files) ? files : _repositories[Repository] = new(StringComparer.Ordinal);

    /// <summary>Adds a folder's files.</summary>
    public LocalHub With(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            Files[Path.GetRelativePath(folder, path).Replace('\\', '/')] = File.ReadAllBytes(path);
        }

        return this;
    }

    /// <summary>The next request whose target holds a text is answered by a trick; tricks for one text are played in order.</summary>
    public void Play(string part, params HubTrick[] tricks)
    {
        lock (_tricks)
        {
            foreach (var trick in tricks)
            {
                _tricks.Enqueue((part, trick));
            }
        }
    }

    /// <summary>What the hub calls a file's bytes: computed here by the definitions of git and LFS.</summary>
    [SuppressMessage("Security", "CA5350", Justification = "It is git's.")]
    public static string Digest(byte[] bytes) => bytes.Length >= LargeBytes
        ? Convert.ToHexStringLower(SHA256.HashData(bytes))
        : Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {bytes.Length}\0"), .. bytes]));

    public void Dispose()
    {
        _stop.Cancel();
        _hub.Dispose();
        _storage.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(TcpListener listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await listener.AcceptTcpClientAsync(_stop.Token);
                _ = AnswerAsync(client, listener == _hub);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(TcpClient client, bool isHub)
    {
        try
        {
            using var owned = client;
            await using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII, leaveOpen: true);
            var target = (await reader.ReadLineAsync(_stop.Token) ?? "").Split(' ') is [_, var path, _] ? path : "";
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await reader.ReadLineAsync(_stop.Token) is { Length: > 0 } line)
            {
                headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
            }

            lock (_requests)
            {
                _requests.Add(new HubRequest(isHub ? "hub" : "storage", target, headers));
            }

            var trick = Trick(target);
            var (status, own, body) = isHub ? OfHub(target, headers) : ("200 OK", [], _repositories.Values.SelectMany(files => files.Values).First(b => target.EndsWith(Digest(b), StringComparison.Ordinal)));
            await SendAsync(stream, headers, trick, status, own, body);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or SocketException)
        {
            // The client hung up, or the test is over.
        }
    }

    private HubTrick? Trick(string target)
    {
        lock (_tricks)
        {
            return _tricks.TryPeek(out var next) && target.Contains(next.Part, StringComparison.Ordinal) ? _tricks.Dequeue().Trick : null;
        }
    }

    private (string Status, string[] Headers, byte[] Body) OfHub(string target, Dictionary<string, string> headers)
    {
        var (repository, files) = _repositories.FirstOrDefault(one => target.Contains($"/{one.Key}/", StringComparison.Ordinal));
        if (repository is null)
        {
            return ("404 Not Found", ["X-Error-Code: RepoNotFound"], []);
        }

        var kinds = repository.StartsWith("datasets/", StringComparison.Ordinal) ? repository : "models/" + repository;
        if (Token is not null && headers.GetValueOrDefault("Authorization") != $"Bearer {Token}")
        {
            return ("401 Unauthorized", ["X-Error-Code: RepoNotFound", "X-Error-Message: Repository not found"], []);
        }

        if (target.StartsWith($"/api/{kinds}/revision/", StringComparison.Ordinal))
        {
            return Uri.UnescapeDataString(target[$"/api/{kinds}/revision/".Length..]) is "main" or "v1" or "refs/pr/1"
                || target.EndsWith(Head, StringComparison.Ordinal)
                ? ("200 OK", [], JsonSerializer.SerializeToUtf8Bytes(new { id = repository, sha = Head }))
                : ("404 Not Found", ["X-Error-Code: RevisionNotFound", "X-Error-Message: Invalid rev id"], []);
        }

        if (target.StartsWith($"/api/{kinds}/tree/{Head}", StringComparison.Ordinal))
        {
            return Tree(target, files);
        }

        var prefix = $"/{repository}/resolve/{Head}/";
        return target.StartsWith(prefix, StringComparison.Ordinal) && files.TryGetValue(Uri.UnescapeDataString(target[prefix.Length..]), out var bytes)
            ? bytes.Length >= LargeBytes ? ("302 Found", [$"Location: {Storage}blobs/{Digest(bytes)}"], []) : ("200 OK", [], bytes)
            : ("404 Not Found", ["X-Error-Code: RepoNotFound"], []);
    }

    private (string Status, string[] Headers, byte[] Body) Tree(string target, Dictionary<string, byte[]> files)
    {
        var from = target.Contains("cursor=", StringComparison.Ordinal) ? int.Parse(target.Split("cursor=")[1], CultureInfo.InvariantCulture) : 0;
        var page = files.OrderBy(file => file.Key, StringComparer.Ordinal).Skip(from).Take(PageSize).Select(file => file.Value.Length >= LargeBytes
            ? (object)new { type = "file", path = file.Key, size = file.Value.Length, oid = new string('0', 40), lfs = new { oid = Digest(file.Value), size = file.Value.Length, pointerSize = 134 } }
            : new { type = "file", path = file.Key, size = file.Value.Length, oid = Digest(file.Value) });
        var more = from + PageSize < files.Count
            ? new[] { $"Link: <{Endpoint}{target[1..].Split("&cursor=")[0]}&cursor={from + PageSize}>; rel=\"next\"" }
            : [];
        return ("200 OK", more, JsonSerializer.SerializeToUtf8Bytes(page.Prepend(new { type = "directory", path = "folder", size = 0, oid = new string('1', 40) })));
    }

    private async Task SendAsync(
        NetworkStream stream, Dictionary<string, string> asked, HubTrick? trick, string status, string[] headers, byte[] body)
    {
        body = trick?.Body ?? body;
        (status, headers) = trick is null || trick is { Status: "200 OK", Headers: [], Body: null } ? (status, headers) : (trick.Status, trick.Headers);
        if (status == "200 OK" && asked.GetValueOrDefault("Range") is { } range && trick?.IgnoresRanges != true)
        {
            var from = int.Parse(range["bytes=".Length..].TrimEnd('-'), CultureInfo.InvariantCulture);
            (status, string[] range206, body) = from >= body.Length
                ? ("416 Range Not Satisfiable", Array.Empty<string>(), Array.Empty<byte>())
                : ("206 Partial Content", new[] { $"Content-Range: bytes {from}-{body.Length - 1}/{body.Length}" }, body[from..]);
            headers = range206;
        }

        var head = $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n";
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), _stop.Token);
        await stream.WriteAsync(body.AsMemory(0, Math.Min(trick?.CutAfter ?? body.Length, body.Length)), _stop.Token);
        await stream.FlushAsync(_stop.Token);
        if (trick?.Hangs == true)
        {
            await Task.Delay(Timeout.Infinite, _stop.Token);
        }
    }
}
