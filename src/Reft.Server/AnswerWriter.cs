using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Reft.Generation;
using Reft.Serving;

namespace Reft.Server;

/// <summary>Runs one request's completions and writes the answer, whole or as server-sent events.</summary>
/// <param name="model">The model.</param>
/// <param name="shape">The kind of completion.</param>
/// <param name="ask">What is asked for.</param>
/// <param name="clock">Says when the answer was made.</param>
internal sealed class AnswerWriter(ServedModel model, IAnswerShape shape, ApiAsk ask, TimeProvider clock)
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _id = $"{shape.Prefix}{Guid.NewGuid():N}";
    private readonly long _created = clock.GetUtcNow().ToUnixTimeSeconds();
    private readonly int _promptTokens = ask.Prompts.Sum(prompt => prompt.Length);

    /// <summary>Tokens drawn for the answer.</summary>
    public int Tokens { get; private set; }

    /// <summary>Answers.</summary>
    public async Task WriteAsync(HttpResponse response, CancellationToken cancellation)
    {
        var streams = model.Begin(ask.Completions);
        try
        {
            await (ask.IsStream ? WriteEventsAsync(response, streams, cancellation) : WriteWholeAsync(response, streams, cancellation));
        }
        finally
        {
            // Whatever went wrong with one, the others are not wanted any more; of those that ended nothing is left to cancel.
            foreach (var stream in streams)
            {
                model.Engine.Cancel(stream.Row);
            }
        }
    }

    /// <summary>A JSON body.</summary>
    public static async Task WriteJsonAsync(HttpResponse response, int status, JsonObject body, CancellationToken cancellation)
    {
        response.StatusCode = status;
        response.ContentType = "application/json; charset=utf-8";
        await response.WriteAsync(body.ToJsonString(Compact), cancellation);
    }

    private async Task WriteWholeAsync(HttpResponse response, IReadOnlyList<CompletionStream> streams, CancellationToken cancellation)
    {
        var wholes = await Task.WhenAll(streams.Select(stream => stream.ReadToEndAsync(cancellation)));
        Tokens = wholes.Sum(whole => whole.Tokens.Count);
        var choices = new JsonArray();
        for (var i = 0; i < wholes.Length; i++)
        {
            var texts = new TokenTexts(model.Tokenizer, streams[i].Ask.Prompt);
            var choice = shape.Choice(wholes[i].Text, ask.LogProbs is null ? null : shape.LogProbs(wholes[i].Tokens, texts));
            Finish(choice, i, wholes[i].Finish);
            if (streams[i].Row.WeightVersion is { } version)
            {
                choice["weight_version"] = version;
            }

            if (ask.HasIds)
            {
                choice["token_ids"] = Ids(wholes[i].Ids);
                choice["prompt_token_ids"] = Ids(streams[i].Ask.Prompt);
            }

            choices.Add(choice);
        }

        var body = Head(shape.Objects.Whole, choices);
        body["usage"] = Usage();
        if (ask.HasIds)
        {
            body["prompt_token_ids"] = Ids(ask.Prompts[0]);
        }

        await WriteJsonAsync(response, 200, body, cancellation);
    }

    private async Task WriteEventsAsync(HttpResponse response, IReadOnlyList<CompletionStream> streams, CancellationToken cancellation)
    {
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        await response.StartAsync(cancellation);
        try
        {
            var texts = streams.Select(stream => new TokenTexts(model.Tokenizer, stream.Ask.Prompt)).ToArray();
            var isFirst = Enumerable.Repeat(true, streams.Count).ToArray();
            await foreach (var (i, piece) in Together(streams, cancellation))
            {
                Tokens++;
                if (piece.Text.Length == 0 && piece.Finish is null && !isFirst[i] && ask.LogProbs is null && !ask.HasIds)
                {
                    continue;
                }

                var logProbs = ask.LogProbs is null ? null : shape.LogProbs([piece.Token], texts[i]);
                var choice = shape.Piece(piece.Text.Length > 0 || isFirst[i] ? piece.Text : null, logProbs, isFirst[i]);
                Finish(choice, i, piece.Finish);
                if (piece.Finish is not null && streams[i].Row.WeightVersion is { } version)
                {
                    choice["weight_version"] = version;
                }

                if (ask.HasIds)
                {
                    choice["token_ids"] = Ids([piece.Token.Chosen.Token]);
                    choice["prompt_token_ids"] = isFirst[i] ? Ids(streams[i].Ask.Prompt) : null;
                }

                isFirst[i] = false;
                var body = Head(shape.Objects.Piece, new JsonArray(choice));
                if (ask.HasUsage)
                {
                    body["usage"] = null;
                }

                await SendAsync(response, body.ToJsonString(Compact), cancellation);
            }

            if (ask.HasUsage)
            {
                var last = Head(shape.Objects.Piece, []);
                last["usage"] = Usage();
                await SendAsync(response, last.ToJsonString(Compact), cancellation);
            }

            await SendAsync(response, "[DONE]", cancellation);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // The status is sent: the error is the last event.
            await SendAsync(response, ApiException.Of(failure).ToJson().ToJsonString(Compact), cancellation);
        }
    }

    /// <summary>The pieces of all completions, each as it comes.</summary>
    private static async IAsyncEnumerable<(int Index, CompletionPiece Piece)> Together(
        IReadOnlyList<CompletionStream> streams, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        var all = Channel.CreateUnbounded<(int, CompletionPiece)>(new UnboundedChannelOptions { SingleReader = true });
        var reading = Task.WhenAll(streams.Select(async (stream, i) =>
        {
            await foreach (var piece in stream.ReadAsync(cancellation))
            {
                all.Writer.TryWrite((i, piece));
            }
        })).ContinueWith(
            done => all.Writer.Complete(done.Exception?.InnerException ?? (done.IsCanceled ? new OperationCanceledException() : null)),
            CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await foreach (var piece in all.Reader.ReadAllAsync(cancellation))
        {
            yield return piece;
        }

        await reading;
    }

    private static async Task SendAsync(HttpResponse response, string data, CancellationToken cancellation)
    {
        await response.WriteAsync($"data: {data}\n\n", cancellation);
        await response.Body.FlushAsync(cancellation);
    }

    private static void Finish(JsonObject choice, int index, FinishReason? finish)
    {
        choice["index"] = index;
        choice["finish_reason"] = finish?.ToString().ToLowerInvariant();
    }

    private static JsonArray Ids(int[] ids) => new([.. ids.Select(id => JsonValue.Create(id))]);

    private JsonObject Head(string name, JsonArray choices) => new()
    {
        [shape.IdField] = _id,
        ["object"] = name,
        ["created"] = _created,
        ["model"] = model.Name,
        ["seed"] = unchecked((long)ask.Sampling.Seed), // as it was given
        ["choices"] = choices,
    };

    private JsonObject Usage() => new()
    {
        ["prompt_tokens"] = _promptTokens,
        ["completion_tokens"] = Tokens,
        ["total_tokens"] = _promptTokens + Tokens,
    };
}
