using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Reft.Hub;

/// <summary>A fault that may be gone when the same is asked again.</summary>
/// <param name="message">What happened.</param>
/// <param name="wait">How long the server asks to wait; null where it does not say.</param>
/// <param name="inner">What revealed it.</param>
internal sealed class HubFault(string message, TimeSpan? wait = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>How long the server asks to wait; null where it does not say.</summary>
    public TimeSpan? Wait { get; } = wait;

    /// <summary>Whether something was received before it, so that the count of tries begins anew.</summary>
    public bool Progressed { get; init; }
}

/// <summary>
/// Asks a hub over HTTP. Redirects are followed by hand: the token goes to the hub's own address and to no other, and from https to http
/// nothing goes. What may pass, as 429 and 5xx and lost connections, is asked again after a wait that doubles, or that the server names.
/// </summary>
internal sealed class HubHttp : IDisposable
{
    private const int MostRedirects = 10;
    private const int MostTries = 6;
    private const long MostJsonBytes = 1L << 28;
    private static readonly TimeSpan _mostWait = TimeSpan.FromMinutes(10);

    private readonly HubSettings _settings;
    private readonly HttpMessageInvoker _client;

    public HubHttp(HubSettings settings)
    {
        _settings = settings;
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = settings.Patience,
        });
    }

    /// <summary>Does something again while it fails by faults that may pass.</summary>
    /// <param name="what">What is asked for, for messages.</param>
    /// <param name="once">Does it once.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="InputException">It failed too often.</exception>
    public async Task<T> TryAsync<T>(string what, Func<Task<T>> once, CancellationToken cancellation)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await once().ConfigureAwait(false);
            }
            catch (HubFault fault)
            {
                tries = fault.Progressed ? 1 : tries;
                var wait = fault.Wait ?? TimeSpan.FromSeconds(1 << (tries - 1));
                if (tries == MostTries || wait > _mostWait)
                {
                    throw new InputException(
                        $"{what}: {fault.Message}{(wait > _mostWait ? $", and asks to wait {Math.Ceiling(wait.TotalMinutes)} minutes" : $", {tries} times in a row")}; "
                        + "try again later: what was received is kept",
                        fault);
                }

                await _settings.Wait(wait, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>A JSON document, and where the next page of it is; null for none.</summary>
    /// <exception cref="InputException">The hub refuses, or answers otherwise.</exception>
    public Task<(JsonDocument Document, Uri? More)> JsonAsync(Uri uri, HubAddress address, CancellationToken cancellation) => TryAsync(
        address.ToString(),
        async () =>
        {
            using var response = await GetAsync(uri, from: 0, address, cancellation).ConfigureAwait(false);
            if (response.Content.Headers.ContentLength > MostJsonBytes)
            {
                throw new InputException($"{address}: the answer is too long for a list of files; see that HF_ENDPOINT is a hub");
            }

            using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            timer.CancelAfter(_settings.Patience);
            try
            {
                await using var stream = await response.Content.ReadAsStreamAsync(timer.Token).ConfigureAwait(false);
                return (await JsonDocument.ParseAsync(stream, cancellationToken: timer.Token).ConfigureAwait(false), Next(response, uri));
            }
            catch (JsonException error)
            {
                throw new InputException($"{address}: the answer is no JSON ({OneLine.Of(error.Message)}); see that HF_ENDPOINT is a hub", error);
            }
            catch (Exception error) when (IsLost(error, cancellation))
            {
                throw new HubFault("the connection was lost", inner: error);
            }
        },
        cancellation);

    /// <summary>Asks for a file from a byte on. The answer is 200, 206 or 416, with the headers read and the body not.</summary>
    /// <exception cref="HubFault">It may be had later.</exception>
    /// <exception cref="InputException">The hub refuses.</exception>
    public async Task<HttpResponseMessage> GetAsync(Uri uri, long from, HubAddress address, CancellationToken cancellation)
    {
        for (var redirects = 0; ; redirects++)
        {
            var response = await SendAsync(uri, from, cancellation).ConfigureAwait(false);
            if ((int)response.StatusCode is < 300 or 416)
            {
                return response;
            }

            using (response)
            {
                var place = (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 ? response.Headers.Location : null;
                if (place is null)
                {
                    throw Refused(response, address);
                }

                var next = new Uri(uri, place);
                uri = redirects == MostRedirects ? throw new InputException($"{address}: the hub redirects in circles")
                    : next.Scheme == "https" || next.Scheme == uri.Scheme ? next
                    : throw new InputException($"{address}: the hub redirects from {uri.Scheme} to {OneLine.Of(next.Scheme)}, which nothing is sent over");
            }
        }
    }

    /// <summary>Whether an exception is a lost or silent connection, and not the user's wish to stop.</summary>
    public static bool IsLost(Exception error, CancellationToken cancellation) =>
        error is HttpRequestException or IOException || (error is OperationCanceledException && !cancellation.IsCancellationRequested);

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> SendAsync(Uri uri, long from, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("reft", typeof(HubHttp).Assembly.GetName().Version?.ToString(3) ?? "0"));
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (_settings.Token is { } token && IsHub(uri))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
        }

        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timer.CancelAfter(_settings.Patience);
        try
        {
            return await _client.SendAsync(request, timer.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (IsLost(error, cancellation))
        {
            throw new HubFault(
                error is OperationCanceledException ? $"{OneLine.Of(uri.Authority)} does not answer" : $"{OneLine.Of(uri.Authority)} cannot be reached ({OneLine.Of(error.Message)})",
                inner: error);
        }
    }

    private bool IsHub(Uri uri) =>
        uri.Scheme == _settings.Endpoint.Scheme && uri.Host == _settings.Endpoint.Host && uri.Port == _settings.Endpoint.Port;

    /// <summary>What a refusal means to the user.</summary>
    private Exception Refused(HttpResponseMessage response, HubAddress address)
    {
        var status = (int)response.StatusCode;
        if (status is 408 or 429 or >= 500)
        {
            return new HubFault($"the hub answers {status}", Later(response));
        }

        var said = Header(response, "X-Error-Message") is { Length: > 0 } message ? $" ({OneLine.Of(message, 300)})" : "";
        var code = Header(response, "X-Error-Code");
        return new InputException(code switch
        {
            "RevisionNotFound" => $"{address}: the repository has no revision {OneLine.Quote(address.Revision)}",
            "GatedRepo" => Gated(),
            "EntryNotFound" => $"{address}: the hub has no such file{said}",
            _ => status switch
            {
                401 when _settings.Token is null =>
                    $"{address}: there is no such repository, or it is not open to all: check the name, or set HF_TOKEN to a token that may read it{said}",
                401 => $"{address}: there is no such repository, or HF_TOKEN is not valid or may not read it: check the name and the token{said}",
                403 => Gated(),
                404 => $"{address}: the hub has no such repository or file: check the name and the revision{said}",
                _ => $"{address}: the hub answers {status}{said}",
            },
        });

        string Gated() => $"{address}: access is restricted: accept the terms on the repository's page, and set HF_TOKEN to a token of that account{said}";
    }

    private TimeSpan? Later(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } seconds } => seconds,
        { Date: { } date } when date - _settings.Clock.GetUtcNow() is var wait => wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    /// <summary>The address of a list's next page: <c>Link: &lt;…&gt;; rel="next"</c>.</summary>
    private static Uri? Next(HttpResponseMessage response, Uri uri)
    {
        var link = Header(response, "Link")?.Split(',').FirstOrDefault(one => one.Contains("rel=\"next\"", StringComparison.Ordinal));
        return link?.Split('<', '>') is [_, { Length: > 0 } next, ..] ? new Uri(uri, next) : null;
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}
