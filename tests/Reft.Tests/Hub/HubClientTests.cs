using System.Text;
using Reft.Hub;

namespace Reft.Tests.Hub;

/// <summary>Downloads from a server that behaves, and misbehaves, like the hub. Nothing here has been tried on the real one.</summary>
public sealed class HubClientTests : IDisposable
{
    private const string Weights = "model.safetensors";
    private readonly TemporaryFolder _home = new();
    private readonly List<TimeSpan> _waits = [];
    private readonly byte[] _weights = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * i >> 3))];

    public void Dispose() => _home.Dispose();

    [Fact]
    public async Task Pull_Model_BringsWhatIsReadInTheStandardLayout()
    {
        using var hub = Model();
        hub["pytorch_model.bin"] = new byte[10_000];
        hub["onnx/model.onnx"] = new byte[10_000];

        var pull = await PullAsync(hub, "org/tiny");

        Assert.Equal(Path.Combine(_home.Path, "models--org--tiny", "snapshots", LocalHub.Commit), pull.Folder);
        Assert.Equal(["README.md", "config.json", Weights, "tokenizer.json"], Directory.GetFiles(pull.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(pull.Folder, Weights)));
        Assert.Equal(Path.Combine("..", "..", "blobs", LocalHub.Digest(_weights)), new FileInfo(Path.Combine(pull.Folder, Weights)).LinkTarget);
        Assert.Equal(LocalHub.Commit, await File.ReadAllTextAsync(Path.Combine(_home.Path, "models--org--tiny", "refs", "main")));
        Assert.Equal(4, Directory.GetFiles(Path.Combine(_home.Path, "models--org--tiny", "blobs")).Length);
    }

    [Fact]
    public async Task Pull_Twice_DownloadsNothingAgain()
    {
        using var hub = Model();
        await PullAsync(hub, "org/tiny");
        var before = hub.Requests.Count(request => request.Target.Contains("/resolve/", StringComparison.Ordinal));

        var pull = await PullAsync(hub, "org/tiny");

        Assert.Equal(0, pull.Received);
        Assert.Equal(before, hub.Requests.Count(request => request.Target.Contains("/resolve/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Pull_Redirected_KeepsTheTokenFromTheOtherHost()
    {
        using var hub = Model(token: "hf_secret");

        await PullAsync(hub, "org/tiny", token: "hf_secret");

        Assert.All(hub.Requests.Where(request => request.Host == "hub"), request => Assert.Equal("Bearer hf_secret", request.Headers["Authorization"]));
        var outside = hub.Requests.Where(request => request.Host == "storage").ToArray();
        Assert.NotEmpty(outside);
        Assert.All(outside, request => Assert.DoesNotContain("Authorization", request.Headers.Keys));
    }

    [Fact]
    public async Task Pull_RedirectedInsideTheHub_KeepsTheToken()
    {
        using var hub = Model(token: "hf_secret");
        hub.Play("/api/models/org/tiny/revision", new HubTrick { Status = "307 Temporary Redirect", Headers = ["Location: /api/models/org/tiny/revision/main?again"] });
        hub.Play("?again", new HubTrick { Body = Encoding.UTF8.GetBytes($"{{\"sha\":\"{LocalHub.Commit}\"}}") });

        await PullAsync(hub, "org/tiny", token: "hf_secret");

        Assert.Equal("Bearer hf_secret", hub.Requests[1].Headers["Authorization"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(150_000)]
    [InlineData(299_999)]
    public async Task Pull_ConnectionCut_GoesOnFromThere(int after)
    {
        using var hub = Model();
        hub.Play("/blobs/", new HubTrick { CutAfter = after });

        var pull = await PullAsync(hub, "org/tiny");

        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(pull.Folder, Weights)));
        var asked = hub.Requests.Where(request => request.Host == "storage").Select(request => request.Headers.GetValueOrDefault("Range")).ToArray();
        Assert.Equal(after == 0 ? [null, null] : [null, $"bytes={after}-"], asked);
    }

    [Fact]
    public async Task Pull_StoppedAndBegunAgain_GoesOnFromThere()
    {
        using var hub = Model();
        using var stop = new CancellationTokenSource();
        hub.Play("/blobs/", new HubTrick { CutAfter = 200_000, Hangs = true });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PullAsync(
            hub, "org/tiny", progress: progress => { if (progress.Done >= 200_000) { stop.Cancel(); } }, cancellation: stop.Token));
        var left = Directory.GetFiles(Path.Combine(_home.Path, "models--org--tiny", "blobs"), "*.incomplete");
        var pull = await PullAsync(hub, "org/tiny");

        Assert.Equal([null, "bytes=200000-"], hub.Requests.Where(request => request.Host == "storage").Select(request => request.Headers.GetValueOrDefault("Range")));
        Assert.Single(left);
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(pull.Folder, Weights)));
        Assert.Empty(Directory.GetFiles(Path.Combine(_home.Path, "models--org--tiny", "blobs"), "*.incomplete"));
    }

    [Fact]
    public async Task Pull_Stopped_LeavesNoSnapshot()
    {
        using var hub = Model();
        using var stop = new CancellationTokenSource();
        hub.Play("/blobs/", new HubTrick { CutAfter = 10, Hangs = true });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PullAsync(
            hub, "org/tiny", progress: progress => { if (progress.File == Weights) { stop.CancelAfter(50); } }, cancellation: stop.Token));

        Assert.False(Directory.Exists(Path.Combine(_home.Path, "models--org--tiny", "snapshots")));
        Assert.False(Directory.Exists(Path.Combine(_home.Path, "models--org--tiny", "refs")));
    }

    [Fact]
    public async Task Pull_ServerWithoutRanges_BeginsAgain()
    {
        using var hub = Model();
        hub.Play("/blobs/", new HubTrick { CutAfter = 1000 }, new HubTrick { IgnoresRanges = true });

        var pull = await PullAsync(hub, "org/tiny");

        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(pull.Folder, Weights)));
    }

    [Fact]
    public async Task Pull_AnotherRangeThanAsked_IsNotTaken()
    {
        using var hub = Model();
        hub.Play(
            "/blobs/", new HubTrick { CutAfter = 1000 },
            new HubTrick { Status = "206 Partial Content", Headers = ["Content-Range: bytes 0-299999/300000"] });

        var pull = await PullAsync(hub, "org/tiny");

        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(pull.Folder, Weights)));
    }

    [Fact]
    public async Task Pull_PartOfAnotherFileLies_IsDownloadedFromTheFirstByte()
    {
        using var hub = Model();
        var blobs = Directory.CreateDirectory(Path.Combine(_home.Path, "models--org--tiny", "blobs")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(blobs, LocalHub.Digest(_weights) + ".incomplete"), new byte[1234]);

        var pull = await PullAsync(hub, "org/tiny");

        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(pull.Folder, Weights)));
    }

    [Theory]
    [InlineData(Weights, "/blobs/")]
    [InlineData("config.json", "/config.json")]
    public async Task Pull_WrongBytes_AreRefusedAndNotKept(string name, string part)
    {
        using var hub = Model();
        byte[] wrong = [.. hub[name]];
        wrong[^1] ^= 1;
        hub.Play(part, new HubTrick { Body = wrong });

        var error = await Assert.ThrowsAsync<InputException>(() => PullAsync(hub, "org/tiny"));
        var pull = await PullAsync(hub, "org/tiny");

        Assert.Contains($"{name} was received with other bytes", error.Message, StringComparison.Ordinal);
        Assert.Equal(hub[name], await File.ReadAllBytesAsync(Path.Combine(pull.Folder, name)));
    }

    [Fact]
    public async Task Pull_TooManyBytes_AreRefused()
    {
        using var hub = Model();
        hub.Play("/blobs/", new HubTrick { Body = [.. _weights, 1] });

        var error = await Assert.ThrowsAsync<InputException>(() => PullAsync(hub, "org/tiny"));

        Assert.Contains("longer than the 300000 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_TooManyRequests_WaitsAsLongAsItIsAsked()
    {
        using var hub = Model();
        hub.Play(
            "/api/", new HubTrick { Status = "429 Too Many Requests", Headers = ["Retry-After: 17"] },
            new HubTrick { Status = "429 Too Many Requests", Headers = ["Retry-After: Sat, 01 Jan 2000 00:00:40 GMT"] });

        await PullAsync(hub, "org/tiny");

        Assert.Equal([TimeSpan.FromSeconds(17), TimeSpan.FromSeconds(40)], _waits);
    }

    [Fact]
    public async Task Pull_AskedToWaitForAnHour_EndsWithThat()
    {
        using var hub = Model();
        hub.Play("/api/", new HubTrick { Status = "429 Too Many Requests", Headers = ["Retry-After: 3600"] });

        var error = await Assert.ThrowsAsync<InputException>(() => PullAsync(hub, "org/tiny"));

        Assert.Contains("answers 429, and asks to wait 60 minutes", error.Message, StringComparison.Ordinal);
        Assert.Empty(_waits);
    }

    [Theory]
    [InlineData("500 Internal Server Error")]
    [InlineData("502 Bad Gateway")]
    [InlineData("503 Service Unavailable")]
    public async Task Pull_ServerInTrouble_IsAskedAgainWithGrowingWaits(string status)
    {
        using var hub = Model();
        hub.Play("/blobs/", new HubTrick { Status = status }, new HubTrick { Status = status }, new HubTrick { Status = status });

        await PullAsync(hub, "org/tiny");

        Assert.Equal([1, 2, 4], _waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task Pull_ServerStaysInTrouble_EndsWithThat()
    {
        using var hub = Model();
        hub.Play("/api/", [.. Enumerable.Repeat(new HubTrick { Status = "503 Service Unavailable" }, 6)]);

        var error = await Assert.ThrowsAsync<InputException>(() => PullAsync(hub, "org/tiny"));

        Assert.Contains("answers 503, 6 times in a row", error.Message, StringComparison.Ordinal);
        Assert.Equal([1, 2, 4, 8, 16], _waits.Select(wait => wait.TotalSeconds));
    }

    [Fact]
    public async Task Pull_ServerFallsSilent_IsAskedAgain()
    {
        using var hub = Model();
        hub.Play("/blobs/", new HubTrick { CutAfter = 500, Hangs = true });

        var pull = await PullAsync(hub, "org/tiny", patience: TimeSpan.FromMilliseconds(400));

        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(pull.Folder, Weights)));
    }

    [Fact]
    public async Task Pull_NobodyThere_SaysSo()
    {
        var hub = Model();
        var settings = Settings(hub.Endpoint);
        hub.Dispose();

        using var client = new HubClient(settings);
        var error = await Assert.ThrowsAsync<InputException>(() => client.PullModelAsync(HubAddress.Parse("org/tiny"), CancellationToken.None));

        Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("401 Unauthorized", "X-Error-Code: RepoNotFound", "set HF_TOKEN")]
    [InlineData("403 Forbidden", "X-Error-Code: GatedRepo", "accept the terms")]
    [InlineData("403 Forbidden", "X-Other: 1", "accept the terms")]
    [InlineData("404 Not Found", "X-Error-Code: RevisionNotFound", "no revision 'main'")]
    [InlineData("404 Not Found", "X-Other: 1", "no such repository")]
    [InlineData("418 Teapot", "X-Error-Message: short and stout", "answers 418 (short and stout)")]
    public async Task Pull_Refused_SaysWhatToDo(string status, string header, string expected)
    {
        using var hub = Model();
        hub.Play("/api/", new HubTrick { Status = status, Headers = [header] });

        var error = await Assert.ThrowsAsync<InputException>(() => PullAsync(hub, "org/tiny"));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(_waits);
    }

    [Fact]
    public async Task Pull_TokenRefused_SaysSoWithoutShowingIt()
    {
        using var hub = Model(token: "hf_right");

        var error = await Assert.ThrowsAsync<InputException>(() => PullAsync(hub, "org/tiny", token: "hf_wrong"));

        Assert.Contains("HF_TOKEN is not valid", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_wrong", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Location: http://127.0.0.1:1/api/models/org/tiny/revision/main", 1, "cannot be reached")]
    [InlineData("Location: ftp://127.0.0.1/x", 1, "redirects from http to ftp")]
    [InlineData("Location: /api/models/org/tiny/revision/main", 20, "in circles")]
    public async Task Pull_StrangeRedirects_End(string location, int times, string expected)
    {
        using var hub = Model();
        hub.Play("/api/", [.. Enumerable.Repeat(new HubTrick { Status = "302 Found", Headers = [location] }, times)]);
        if (expected == "cannot be reached")
        {
            hub.Play("/api/", [.. Enumerable.Repeat(new HubTrick { Status = "302 Found", Headers = [location] }, 6)]);
        }

        var error = await Assert.ThrowsAsync<InputException>(() => PullAsync(hub, "org/tiny"));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""[{"type":"file","path":"../../../evil","size":1,"oid":"0123456789abcdef0123456789abcdef01234567"}]""", "would leave the cache")]
    [InlineData("""[{"type":"file","path":"/etc/evil","size":1,"oid":"0123456789abcdef0123456789abcdef01234567"}]""", "would leave the cache")]
    [InlineData("""[{"type":"file","path":"config.json","size":1,"oid":"../../evil"}]""", "no hash")]
    [InlineData("""[{"type":"file","path":"config.json","oid":"0123456789abcdef0123456789abcdef01234567"}]""", "no size")]
    [InlineData("""{"error":"no"}""", "no list of files")]
    [InlineData("<html>", "no JSON")]
    public async Task Pull_TreeOfAnAttacker_IsRefused(string tree, string expected)
    {
        using var hub = Model();
        hub.Play("/tree/", new HubTrick { Body = Encoding.UTF8.GetBytes(tree) });

        var error = await Assert.ThrowsAsync<InputException>(() => PullAsync(hub, "org/tiny"));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_TreeInPages_IsReadWhole()
    {
        using var hub = Model(pageSize: 1);

        var pull = await PullAsync(hub, "org/tiny");

        Assert.Equal(4, pull.Files.Count);
    }

    [Fact]
    public async Task Pull_Shards_AreThoseOfTheIndex()
    {
        using var hub = Model(single: false);
        hub["model.safetensors.index.json"] = Encoding.UTF8.GetBytes("""{"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}""");
        hub["model-00001-of-00002.safetensors"] = new byte[5000];
        hub["model-00002-of-00002.safetensors"] = new byte[6000];
        hub["model-00001-of-00009.safetensors"] = new byte[7000];

        var pull = await PullAsync(hub, "org/tiny");

        Assert.Equal(
            ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
            Directory.GetFiles(pull.Folder, "*.safetensors").Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Pull_OtherWeightsOnly_AreNamed()
    {
        using var hub = Model(single: false);
        hub["pytorch_model.bin"] = new byte[10_000];

        var error = await Assert.ThrowsAsync<InputException>(() => PullAsync(hub, "org/tiny"));

        Assert.Contains("holds no model.safetensors but 'pytorch_model.bin'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pull_Revisions_HaveRefsOfTheirOwn()
    {
        using var hub = Model();

        await PullAsync(hub, "org/tiny@v1");
        await PullAsync(hub, "org/tiny@refs/pr/1");
        await PullAsync(hub, $"org/tiny@{LocalHub.Commit}");

        var refs = Path.Combine(_home.Path, "models--org--tiny", "refs");
        Assert.Equal(["refs/pr/1", "v1"], Directory.GetFiles(refs, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(refs, path)).Order(StringComparer.Ordinal));
        Assert.Contains(hub.Requests, request => request.Target == "/api/models/org/tiny/revision/refs%2Fpr%2F1");
    }

    [Fact]
    public async Task Pull_WithCheck_MendsADamagedBlob()
    {
        using var hub = Model();
        var pull = await PullAsync(hub, "org/tiny");
        var blob = Path.Combine(_home.Path, "models--org--tiny", "blobs", LocalHub.Digest(_weights));
        await File.WriteAllBytesAsync(blob, new byte[_weights.Length]);

        using var client = new HubClient(Settings(hub.Endpoint)) { ChecksAgain = true };
        var again = await client.PullModelAsync(HubAddress.Parse("org/tiny"), CancellationToken.None);

        Assert.Equal(_weights.Length, again.Received);
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(pull.Folder, Weights)));
    }

    [Fact]
    public async Task Pull_TwiceAtOnce_BringsOneWholeFile()
    {
        using var hub = Model();

        var pulls = await Task.WhenAll(PullAsync(hub, "org/tiny"), PullAsync(hub, "org/tiny"));

        Assert.All(pulls, pull => Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(pull.Folder, Weights))));
        Assert.Single(hub.Requests, request => request.Host == "storage");
    }

    [Fact]
    public void LoadingInCode_TakesAddressesAsTheVerbsDo() => Assert.Equal(
        "hf://datasets/org/sums: is a data set where a model is needed",
        Assert.Throws<InputException>(() => Reft.Inference.ReasoningModel.Load("hf://datasets/org/sums")).Message);

    [Fact]
    public async Task Model_InTheCache_IsTakenWithoutTheNetwork()
    {
        using var hub = Model();
        var pull = await PullAsync(hub, "org/tiny");
        var before = hub.Requests.Count;
        hub.Head = new string('a', 40); // The branch moved on; a run goes on with what it began with.

        Assert.Equal(pull.Folder, new HubPaths(Settings(hub.Endpoint)).Model("hf://org/tiny"));
        Assert.Equal(pull.Folder, new HubPaths(Settings(hub.Endpoint) with { IsOffline = true }).Model("hf://org/tiny"));
        Assert.Equal(before, hub.Requests.Count);
    }

    [Fact]
    public async Task Model_PartOfItInTheCache_IsCompleted()
    {
        using var hub = Model();
        var pull = await PullAsync(hub, "org/tiny");
        File.Delete(Path.Combine(_home.Path, "models--org--tiny", "blobs", LocalHub.Digest(_weights)));

        Assert.Throws<InputException>(() => new HubPaths(Settings(hub.Endpoint) with { IsOffline = true }).Model("hf://org/tiny"));
        Assert.Equal(pull.Folder, new HubPaths(Settings(hub.Endpoint)).Model("hf://org/tiny"));
        Assert.Equal(_weights, await File.ReadAllBytesAsync(Path.Combine(pull.Folder, Weights)));
    }

    [Fact]
    public void Model_NotInTheCacheAndOffline_SaysHowToGetIt()
    {
        var error = Assert.Throws<InputException>(
            () => new HubPaths(Settings(new Uri("http://127.0.0.1:1/")) with { IsOffline = true }).Model("hf://org/tiny@v1"));

        Assert.EndsWith("reft pull org/tiny@v1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_OfAnotherProgramsCache_IsTakenOffline()
    {
        var snapshot = Directory.CreateDirectory(Path.Combine(_home.Path, "models--org--tiny", "snapshots", LocalHub.Commit)).FullName;
        File.WriteAllText(Path.Combine(snapshot, "config.json"), "{}");
        Directory.CreateDirectory(Path.Combine(_home.Path, "models--org--tiny", "refs"));
        File.WriteAllText(Path.Combine(_home.Path, "models--org--tiny", "refs", "main"), LocalHub.Commit);

        Assert.Equal(snapshot, new HubPaths(Settings(new Uri("http://127.0.0.1:1/")) with { IsOffline = true }).Model("hf://org/tiny"));
    }

    private LocalHub Model(string? token = null, int pageSize = 1000, bool single = true)
    {
        var hub = new LocalHub { Token = token, PageSize = pageSize };
        hub["config.json"] = "{\"model_type\":\"llama\"}"u8.ToArray();
        hub["tokenizer.json"] = "{}"u8.ToArray();
        hub["README.md"] = "# tiny"u8.ToArray();
        if (single)
        {
            hub[Weights] = _weights;
        }

        return hub;
    }

    private HubSettings Settings(Uri endpoint, string? token = null, TimeSpan? patience = null) => new()
    {
        Endpoint = endpoint,
        Cache = _home.Path,
        Token = token,
        Patience = patience ?? TimeSpan.FromSeconds(30),
        Clock = new StillClock(),
        Wait = (wait, cancellation) =>
        {
            _waits.Add(wait);
            return Task.Delay(1, cancellation);
        },
    };

    private async Task<HubPull> PullAsync(
        LocalHub hub, string address, string? token = null, Action<HubProgress>? progress = null, TimeSpan? patience = null, CancellationToken cancellation = default)
    {
        using var client = new HubClient(Settings(hub.Endpoint, token, patience), progress);
        return await client.PullModelAsync(HubAddress.Parse(address), cancellation);
    }

    private sealed class StillClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    }
}
