using System.Globalization;
using System.Net;
using System.Text.Json;
using Reft.Hosting;
using Reft.Hosting.Watching;
using Reft.Methods;
using Reft.Tests.Reporting;

namespace Reft.Tests.Watching;

public sealed class WatchServerTests(MadeRun made) : IClassFixture<MadeRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Pages_ConnectToWhereTheyCameFromAlone()
    {
        await using var server = await WatchServer.StartAsync([made.Folder], 0, Catalog.Default);

        foreach (var path in new[] { "/", "/run?name=first" })
        {
            var page = await Get(server, path);
            Assert.Contains("default-src 'none'; style-src 'sha256-", page, StringComparison.Ordinal);
            Assert.Contains("form-action 'none'; connect-src 'self'\">", page, StringComparison.Ordinal);
        }

        var runs = MadeRun.Data(await Get(server, "/")).GetProperty("runs");
        var run = Assert.Single(runs.EnumerateArray());
        Assert.Equal(("first", "finished", 30), (run.GetProperty("name").GetString(), run.GetProperty("state").GetString(), run.GetProperty("steps").GetInt32()));
        Assert.Equal(4, run.GetProperty("dev").GetArrayLength());
        // One source: the page of a run is the report with a script more, on the same data.
        Assert.Equal(MadeRun.Data(made.Page).GetRawText(), MadeRun.Data(await Get(server, "/run?name=first")).GetRawText());
        Assert.Equal(MadeRun.Data(made.Page).GetRawText(), JsonDocument.Parse(await Get(server, "/data?run=first")).RootElement.GetRawText());
    }

    [Fact]
    public async Task Events_RunWrites_TellsWhatChangedAndNothingElse()
    {
        Make("a", 4);
        Make("b", 5);
        await using var server = await WatchServer.StartAsync([_folder["runs"]], 0, Catalog.Default);
        using var stream = new StreamReader(await _client.GetStreamAsync(server.Address + "/events", TestContext.Current.CancellationToken));

        var first = await Event(stream);
        Assert.Equal(["a", "b"], Names(first, "order"));
        Assert.Equal(["a", "b"], first.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("name").GetString()));
        File.AppendAllText(_folder["runs/b/metrics.jsonl"], "{\"step\":5,\"loss/nll\":0.5}\n");
        var second = await Event(stream);
        var changed = Assert.Single(second.GetProperty("runs").EnumerateArray());
        Assert.Equal(("b", 6), (changed.GetProperty("name").GetString(), changed.GetProperty("steps").GetInt32()));
        Make("c", 2);
        var third = await Event(stream);
        Assert.Equal(["a", "b", "c"], Names(third, "order"));
        Directory.Delete(_folder["runs/a"], recursive: true);
        JsonElement last;
        do
        {
            last = await Event(stream); // The run that was made may still have been told of.
        }
        while (Names(last, "order").Length == 3);
        Assert.Equal(["b", "c"], Names(last, "order"));
    }

    [Fact]
    public async Task Requests_OtherNamesAndRunsThatAreNot_AreRefused()
    {
        await using var server = await WatchServer.StartAsync([made.Folder], 0, Catalog.Default);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, server.Address + "/");
        rebound.Headers.Host = "evil.example";

        Assert.Equal(HttpStatusCode.Forbidden, (await _client.SendAsync(rebound, TestContext.Current.CancellationToken)).StatusCode);
        foreach (var path in new[] { "/run", "/run?name=", "/run?name=..", "/run?name=../first", "/data?run=%2e%2e", "/run.json", "/first" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync(server.Address + path, TestContext.Current.CancellationToken)).StatusCode);
        }

        using var post = await _client.PostAsync(server.Address + "/", null, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, post.StatusCode);
    }

    [Fact]
    public async Task Watch_Verb_PrintsTheAddressAndEndsWhenAsked()
    {
        using var stop = new CancellationTokenSource();
        var (output, error) = (new Lines(), new StringWriter(CultureInfo.InvariantCulture));
        var running = App.RunAsync(["watch", made.Folder], new Terminal(output, error, TextReader.Null), stop.Token);

        var address = await output.First.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Contains("first", await _client.GetStringAsync(address, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await stop.CancelAsync();
        Assert.Equal(App.Done, await running);
        Assert.StartsWith("1 run; open the address", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_BadInput_IsOneLineAndExitsWithTwo()
    {
        await using var taken = await WatchServer.StartAsync([made.Folder], 0, Catalog.Default);
        var port = new Uri(taken.Address).Port.ToString(CultureInfo.InvariantCulture);
        foreach (var arguments in new string[][] { ["watch"], ["watch", _folder["none"]], ["watch", made.Folder, "--port", "65536"], ["watch", made.Folder, "--port", port] })
        {
            var error = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
            var code = await App.RunAsync(arguments, new Terminal(TextWriter.Null, error, TextReader.Null), TestContext.Current.CancellationToken);
            Assert.True(code == App.BadInput, $"{string.Join(' ', arguments)}: {code} {error}");
            Assert.Single(error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Fact]
    public async Task Train_Dashboard_ShowsTheRunWhileItTrains()
    {
        Directory.CreateDirectory(_folder.Path);
        File.WriteAllText(_folder["run.yaml"], $$"""
            method: sft
            run: {{_folder["r"]}}
            model: { fresh: { layers: 1, width: 32, heads: 2, feedForward: 48, context: 192, vocabulary: 300 } }
            problems: { train: { generated: { profile: easy, split: train, count: 60, maxSteps: 1 } } }
            answers: { style: program }
            training: { steps: 100000, batchSize: 4, maxTokens: 192 }
            optimizer: { learningRate: 3e-3, schedule: constant }
            """);
        using var stop = new CancellationTokenSource();
        var error = new Lines();
        var training = Task.Run(() => App.RunAsync(["train", _folder["run.yaml"], "--dashboard"], new Terminal(TextWriter.Null, error, TextReader.Null), stop.Token), TestContext.Current.CancellationToken);

        var said = await error.First.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.StartsWith("To be watched in a browser: http://127.0.0.1:", said, StringComparison.Ordinal);
        using var stream = new StreamReader(await _client.GetStreamAsync(said[said.IndexOf("http", StringComparison.Ordinal)..] + "/events", TestContext.Current.CancellationToken));
        JsonElement run;
        do
        {
            run = (await Event(stream)).GetProperty("runs").EnumerateArray().FirstOrDefault();
        }
        while (run.ValueKind == JsonValueKind.Undefined || run.GetProperty("steps").GetInt32() < 3);

        Assert.Equal(("r", "running", 100_000), (run.GetProperty("name").GetString(), run.GetProperty("state").GetString(), run.GetProperty("of").GetInt32()));
        await stop.CancelAsync();
        Assert.Equal(App.Failed, await training); // Stopped before its end.
    }

    private void Make(string name, int steps) => RunFixture.Write(
        _folder["runs/" + name], new RunFixtureOptions { Steps = steps, RolloutsPerStep = 1, Evaluations = 1, DevProblems = 2, Method = "sft" });

    private Task<string> Get(WatchServer server, string path) => _client.GetStringAsync(server.Address + path, TestContext.Current.CancellationToken);

    private static string?[] Names(JsonElement data, string list) => [.. data.GetProperty(list).EnumerateArray().Select(name => name.GetString())];

    private static async Task<JsonElement> Event(StreamReader stream)
    {
        while (await stream.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30)) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return JsonDocument.Parse(line[6..]).RootElement;
            }
        }

        throw new EndOfStreamException();
    }

    /// <summary>Gives the first line that is written.</summary>
    private sealed class Lines() : StringWriter(CultureInfo.InvariantCulture)
    {
        public TaskCompletionSource<string> First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void WriteLine(string? value) => First.TrySetResult(value ?? "");
    }
}
