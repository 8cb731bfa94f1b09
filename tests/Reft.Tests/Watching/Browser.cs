using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reft.Tests.Watching;

/// <summary>A headless Chromium, spoken to by its DevTools protocol: one page.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TemporaryFolder _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _asked = new();
    private readonly SemaphoreSlim _sending = new(1);
    private int _last;
    private string? _session;

    private Browser(Process process, TemporaryFolder profile) => (_process, _profile) = (process, profile);

    /// <summary>Errors of scripts, and what the page's policy refused.</summary>
    public ConcurrentQueue<string> Errors { get; } = new();

    /// <summary>The browser of this machine; null if it has none.</summary>
    public static string? Path { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator)
        .SelectMany(folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => System.IO.Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>Starts it with a page of so many pixels.</summary>
    public static async Task<Browser> StartAsync(int width, int height)
    {
        var profile = new TemporaryFolder();
        var process = Process.Start(new ProcessStartInfo(
            Path!, // Who starts it has looked.
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--remote-debugging-port=0", $"--user-data-dir={profile.Path}", "about:blank"])
        {
            RedirectStandardError = true,
        })!; // It is a new process.
        var browser = new Browser(process, profile);
        const string Says = "DevTools listening on ";
        string? line;
        while ((line = await process.StandardError.ReadLineAsync()) is not null && !line.StartsWith(Says, StringComparison.Ordinal))
        {
        }

        _ = process.StandardError.ReadToEndAsync();
        await browser._socket.ConnectAsync(new Uri((line ?? throw new InvalidOperationException("the browser said nothing"))[Says.Length..]), CancellationToken.None);
        _ = Task.Run(browser.ListenAsync);
        var target = await browser.AskAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
        var attached = await browser.AskAsync("Target.attachToTarget", new JsonObject { ["targetId"] = target.GetProperty("targetId").GetString(), ["flatten"] = true });
        browser._session = attached.GetProperty("sessionId").GetString();
        await browser.AskAsync("Runtime.enable");
        await browser.AskAsync("Log.enable");
        await browser.AskAsync("Page.enable");
        await browser.ResizeAsync(width, height);
        return browser;
    }

    public Task ResizeAsync(int width, int height) => AskAsync(
        "Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = false });

    /// <summary>Goes to an address, and waits until something is there.</summary>
    public async Task OpenAsync(string address, string until)
    {
        await AskAsync("Page.navigate", new JsonObject { ["url"] = address });
        await WaitAsync(until);
    }

    /// <summary>The value of an expression.</summary>
    public async Task<JsonElement> ValueAsync(string expression)
    {
        var answer = await AskAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        return answer.TryGetProperty("exceptionDetails", out var error) ? throw new InvalidOperationException($"{expression}: {error}")
            : answer.GetProperty("result").TryGetProperty("value", out var value) ? value
            : default;
    }

    /// <summary>Waits until an expression is true.</summary>
    public async Task WaitAsync(string condition)
    {
        var clock = Stopwatch.StartNew();
        while ((await ValueAsync($"!!({condition})")).ValueKind != JsonValueKind.True)
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"never: {condition}; {string.Join("; ", Errors)}");
            await Task.Delay(50);
        }
    }

    /// <summary>A picture of what is seen.</summary>
    public async Task PictureAsync(string path) => await File.WriteAllBytesAsync(
        path, Convert.FromBase64String((await AskAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png" })).GetProperty("data").GetString()!)); // It is a picture.

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _socket.Dispose();
        _sending.Dispose();
        try
        {
            _profile.Dispose();
        }
        catch (IOException)
        {
            // One of its processes still writes; the folder is temporary.
        }
    }

    private async Task<JsonElement> AskAsync(string method, JsonObject? parameters = null)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _asked[id] = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? new JsonObject() };
        if (_session is not null)
        {
            message["sessionId"] = _session;
        }

        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task ListenAsync()
    {
        var buffer = new byte[1 << 16];
        try
        {
            while (true)
            {
                using var whole = new MemoryStream();
                WebSocketReceiveResult part;
                do
                {
                    part = await _socket.ReceiveAsync(buffer, CancellationToken.None);
                    whole.Write(buffer, 0, part.Count);
                }
                while (!part.EndOfMessage);

                Take(JsonDocument.Parse(whole.ToArray()).RootElement);
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or ObjectDisposedException or JsonException)
        {
            // It ended.
        }
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("id", out var id) && _asked.TryRemove(id.GetInt32(), out var answer))
        {
            if (message.TryGetProperty("result", out var result))
            {
                answer.SetResult(result);
            }
            else
            {
                answer.SetException(new InvalidOperationException(message.ToString()));
            }
        }
        else if (message.TryGetProperty("method", out var method)
            && (method.GetString() == "Runtime.exceptionThrown"
                || (method.GetString() == "Log.entryAdded" && message.GetProperty("params").GetProperty("entry").GetProperty("level").GetString() == "error")))
        {
            Errors.Enqueue(message.GetProperty("params").ToString());
        }
    }
}
