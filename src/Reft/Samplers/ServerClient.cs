using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Reft.Samplers;

/// <summary>Asks a server for JSON, again where nobody answered, and says in one line what is wrong with it.</summary>
internal sealed class ServerClient : IDisposable
{
    private const long MostBytes = 256L << 20;
    private const int MostWords = 300;
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly SamplingServer _server;
    private readonly TimeSpan _firstPause;

    /// <summary>Makes a client.</summary>
    /// <param name="server">The server.</param>
    /// <param name="firstPause">How long it waits before it asks for the second time; each further pause is twice as long.</param>
    /// <exception cref="InputException">The key is to be in an environment variable that is empty.</exception>
    public ServerClient(SamplingServer server, TimeSpan firstPause)
    {
        (_server, _firstPause) = (server, firstPause);
        // A redirect would take the key elsewhere.
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, MaxConnectionsPerServer = server.RequestsAtOnce + 1 })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MostBytes,
        };
        if (server.KeyVariable is { } name)
        {
            var key = Environment.GetEnvironmentVariable(name);
            _http.DefaultRequestHeaders.Authorization = string.IsNullOrWhiteSpace(key)
                ? throw new InputException($"rollouts.server.keyVariable names {name}, which is empty: set it to the server's key")
                : new AuthenticationHeaderValue("Bearer", key.Trim());
        }
    }

    /// <summary>Asks.</summary>
    /// <param name="path">The endpoint, beginning with a slash.</param>
    /// <param name="body">What is sent; null for a GET.</param>
    /// <param name="seconds">How long an answer may take.</param>
    /// <param name="cancellation">Stops.</param>
    /// <returns>The answer's object.</returns>
    /// <exception cref="InputException">There is no answer, or no right one.</exception>
    public async Task<JsonElement> AskAsync(string path, JsonObject? body, int seconds, CancellationToken cancellation)
    {
        for (var asked = 1; ; asked++)
        {
            var (answer, fault, wait) = await TryAsync(path, body, seconds, cancellation).ConfigureAwait(false);
            if (fault is null)
            {
                return answer;
            }

            if (asked > _server.Retries)
            {
                throw Wrong(path, asked == 1 ? fault : $"{fault}; asked {asked} times");
            }

            var pause = TimeSpan.FromTicks(Math.Min(_longestPause.Ticks, _firstPause.Ticks << Math.Min(asked - 1, 20)));
            await Task.Delay(wait > pause ? wait : pause, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The server does not do what it must.</summary>
    public InputException Wrong(string path, string what) => new($"rollouts.server {_server.Url.TrimEnd('/')}{path}: {what}");

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    /// <summary>Asks once; a fault is one that may be over in a while.</summary>
    private async Task<(JsonElement Answer, string? Fault, TimeSpan Wait)> TryAsync(
        string path, JsonObject? body, int seconds, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, _server.Url.TrimEnd('/') + path);
            request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            using var response = await _http.SendAsync(request, limit.Token).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(limit.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
            {
                return (Parse(path, text), null, default);
            }

            var said = $"answers {(int)response.StatusCode} {response.ReasonPhrase}: {Said(text)}";
            return IsPassing(response.StatusCode) ? (default, said, Asked(response)) : throw Wrong(path, said);
        }
        catch (HttpRequestException error)
        {
            return (default, $"does not answer ({OneLine.Of(error.GetBaseException().Message, MostWords)})", default);
        }
        catch (IOException error)
        {
            return (default, $"breaks off its answer ({OneLine.Of(error.GetBaseException().Message, MostWords)})", default);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (default, $"has not answered within {seconds} s", default);
        }
    }

    private JsonElement Parse(string path, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : throw Wrong(path, $"answers no object: {OneLine.Of(text, MostWords)}");
        }
        catch (JsonException error)
        {
            throw Wrong(path, $"answers no JSON ({OneLine.Of(error.Message, MostWords)})");
        }
    }

    /// <summary>The words of an error, wherever they stand.</summary>
    private static string Said(string text)
    {
        try
        {
            var body = JsonNode.Parse(text);
            return OneLine.Of(
                (string?)(body?["error"] is JsonObject inner ? inner["message"] : body?["message"] ?? body?["error"] ?? body?["detail"]) ?? text, MostWords);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return OneLine.Of(text, MostWords);
        }
    }

    private static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)status >= 500;

    private static TimeSpan Asked(HttpResponseMessage response) =>
        response.Headers.RetryAfter?.Delta is { } delta && delta > TimeSpan.Zero ? (delta < _longestPause ? delta : _longestPause) : default;
}
