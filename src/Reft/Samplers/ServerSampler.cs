using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Generation;
using Reft.Models;
using Reft.Text;

namespace Reft.Samplers;

/// <summary>
/// Draws completions by a server that holds the policy's weights. A server that draws as <c>reft serve</c> does gives the tokens that would have
/// been drawn here, to the bit: it is asked with the seeds that lead there.
/// </summary>
internal sealed class ServerSampler : ICompletionSource, IDisposable
{
    private readonly SamplingServer _server;
    private readonly Decoder _decoder;
    private readonly ServerClient _client;
    private readonly AnswerCheck _check;
    private readonly WeightFolders? _folders;
    private bool _isKnown;
    private long? _step;
    private string? _version;

    /// <summary>Makes a sampler; nobody is asked yet.</summary>
    /// <param name="server">The server.</param>
    /// <param name="decoder">The policy.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="save">Writes the policy's model into a folder.</param>
    /// <param name="firstPause">The first pause before a request is asked again; null for half a second.</param>
    /// <exception cref="InputException">The server's key is not there.</exception>
    public ServerSampler(SamplingServer server, Decoder decoder, Tokenizer tokenizer, Action<string> save, TimeSpan? firstPause = null)
    {
        (_server, _decoder) = (server, decoder);
        _client = new ServerClient(server, firstPause ?? TimeSpan.FromSeconds(0.5));
        _check = new AnswerCheck(tokenizer, decoder.Config.VocabularySize);
        _folders = server.Folder is { } folder ? new WeightFolders(folder, save) : null;
    }

    /// <summary>Brings the weights to the server, once a step; all ranks call it.</summary>
    /// <param name="step">The training step.</param>
    /// <param name="cancellation">Stops.</param>
    /// <exception cref="InputException">The server does not answer as it must.</exception>
    public void Begin(long step, CancellationToken cancellation)
    {
        if (_step == step)
        {
            return;
        }

        var version = _decoder.Ranks.IsFirst ? BringAsync(step, cancellation).GetAwaiter().GetResult() ?? "" : "";
        version = System.Text.Encoding.UTF8.GetString(_decoder.Ranks.FromFirst(System.Text.Encoding.UTF8.GetBytes(version)));
        (_version, _step) = (version.Length > 0 ? version : null, step);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Completion> Draw(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options, ulong step, Action<int, int> onToken, CancellationToken cancellation)
    {
        // The distribution that the log-probabilities are of must be the one that the policy is trained by.
        return options is { TopK: 0, TopP: 1, MinP: 0 }
            ? DrawAsync(requests, options, step, onToken, cancellation).GetAwaiter().GetResult()
            : throw new InputException("rollouts.server draws without top-k, top-p and min-p: what a filter leaves is another distribution than the policy's");
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<Completion[]> DrawAsync(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options, ulong step, Action<int, int> onToken, CancellationToken cancellation)
    {
        var completions = new Completion[requests.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, requests.Count), new ParallelOptions { MaxDegreeOfParallelism = _server.RequestsAtOnce, CancellationToken = cancellation },
            async (i, stopped) =>
            {
                completions[i] = await DrawAsync(requests[i], options, step, stopped).ConfigureAwait(false);
                lock (completions)
                {
                    onToken(i, completions[i].Tokens[^1]);
                }
            }).ConfigureAwait(false);
        return completions;
    }

    private async Task<Completion> DrawAsync(GenerationRequest request, SamplingOptions options, ulong step, CancellationToken cancellation)
    {
        var room = Math.Min(options.MaxTokens, _decoder.Config.MaxPositions - request.Prompt.Length);
        var ask = new DrawingAsk(
            _server.Model, request.Prompt, room, options.Temperature, unchecked((long)ServedSeed.Of(options.Seed, step, request)), options.StopTokens);
        var path = ServerDialect.Path(_server.Dialect);
        var body = await _client.AskAsync(path, ServerDialect.Ask(_server.Dialect, ask), _server.TimeoutSeconds, cancellation).ConfigureAwait(false);
        DrawnAnswer answer;
        try
        {
            answer = ServerDialect.Read(_server.Dialect, body);
        }
        catch (Exception error) when (error is InvalidOperationException or FormatException or KeyNotFoundException or IndexOutOfRangeException)
        {
            throw _client.Wrong(path, $"the answer is not as it must be: {OneLine.Of(error.Message, 300)}");
        }

        if (_check.Fault(ask, answer, _version) is { } fault)
        {
            throw _client.Wrong(path, fault);
        }

        var tokens = answer.Tokens!; // They were checked.
        return new Completion(request, tokens, answer.LogProbs!, options.StopTokens.Contains(tokens[^1]) ? FinishReason.Stop : FinishReason.Length);
    }

    /// <summary>Brings the weights there; gives what they are called, null where the server keeps its own.</summary>
    private async Task<string?> BringAsync(long step, CancellationToken cancellation)
    {
        if (!_isKnown && _server.Dialect == SamplerDialect.Completions)
        {
            await FindModelAsync(cancellation).ConfigureAwait(false);
        }

        _isKnown = true;
        if (_folders is null)
        {
            return null;
        }

        var version = _folders.Write(step);
        var path = Path.GetFullPath(Path.Combine(_server.FolderThere ?? _server.Folder!, version)); // There is one: it was written to.
        await (_server.Publish == WeightRoute.Vllm ? PublishVllmAsync(path, version, cancellation) : PublishSglangAsync(path, version, cancellation))
            .ConfigureAwait(false);
        _folders.KeepOnly(version);
        return version;
    }

    private async Task FindModelAsync(CancellationToken cancellation)
    {
        const string Models = "/v1/models";
        var answer = await _client.AskAsync(Models, body: null, _server.TimeoutSeconds, cancellation).ConfigureAwait(false);
        string[] names = answer.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Array
            ? [.. data.EnumerateArray().Select(one => one.TryGetProperty("id", out var id) ? id.GetString() ?? "" : "")]
            : [];
        if (!names.Contains(_server.Model, StringComparer.Ordinal))
        {
            throw _client.Wrong(Models, $"has no model {OneLine.Quote(_server.Model)}, but {OneLine.List(names)}: set rollouts.server.model");
        }
    }

    private async Task PublishSglangAsync(string path, string version, CancellationToken cancellation)
    {
        const string Route = "/update_weights_from_disk";
        var answer = await _client.AskAsync(
            Route, new JsonObject { ["model_path"] = path, ["weight_version"] = version, ["flush_cache"] = true }, _server.WeightSeconds, cancellation)
            .ConfigureAwait(false);
        if (!answer.TryGetProperty("success", out var success) || success.ValueKind != JsonValueKind.True)
        {
            throw _client.Wrong(Route, $"did not put the weights in: {OneLine.Of(answer.GetRawText(), 300)}");
        }
    }

    private async Task PublishVllmAsync(string path, string version, CancellationToken cancellation)
    {
        // Its disk backend takes a local folder; what was drawn before is answered first.
        foreach (var (route, body) in new (string, JsonObject)[]
        {
            ("/pause?mode=wait", []),
            ("/start_weight_update", []),
            ("/update_weights", new() { ["update_info"] = new JsonObject { ["path"] = path } }),
            ("/finish_weight_update", new() { ["weight_version"] = version }),
            ("/resume", []),
        })
        {
            await _client.AskAsync(route, body, _server.WeightSeconds, cancellation).ConfigureAwait(false);
        }
    }
}
