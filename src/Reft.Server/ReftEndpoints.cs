using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Reft.Serving;

namespace Reft.Server;

/// <summary>The endpoints of OpenAI's API over a served model, for a web application of one's own.</summary>
public static class ReftEndpoints
{
    /// <summary>
    /// Adds <c>/v1/chat/completions</c>, <c>/v1/completions</c>, <c>/inference/v1/generate</c>, <c>/v1/models</c> and <c>/health</c>. The application answers on whatever
    /// addresses it listens on; only the key guards them.
    /// </summary>
    /// <param name="routes">The application.</param>
    /// <param name="model">The model; it must live as long as the application.</param>
    /// <param name="options">Limits, defaults and the key; null for the defaults.</param>
    /// <exception cref="InputException">An option is wrong.</exception>
    public static void MapReft(this IEndpointRouteBuilder routes, ServedModel model, ServerOptions? options = null) =>
        Map(routes, model, options ?? new ServerOptions(), _ => { });

    /// <summary>Adds the endpoints, and tells somebody of every request that ended.</summary>
    internal static void Map(IEndpointRouteBuilder routes, ServedModel model, ServerOptions options, Action<ServedRequest> onEnd)
    {
        ArgumentNullException.ThrowIfNull(routes);
        ArgumentNullException.ThrowIfNull(model);
        if (options.Validate("") is { Count: > 0 } errors)
        {
            throw new InputException(string.Join("; ", errors));
        }

        var own = new Endpoints(model, options, onEnd);
        if (options.WeightsFrom is { } folder)
        {
            var weights = new WeightsEndpoint(model, folder);
            model.Engine.WeightVersion ??= WeightsEndpoint.FirstVersion;
            routes.MapPost(WeightsEndpoint.Route, context => own.ChangeAsync(context, weights));
        }

        routes.MapPost("/v1/chat/completions", context => own.CompleteAsync(context, new ChatShape()));
        routes.MapPost("/v1/completions", context => own.CompleteAsync(context, new TextShape()));
        routes.MapPost("/inference/v1/generate", context => own.CompleteAsync(context, new GenerateShape()));
        routes.MapGet("/v1/models", context => own.GuardAsync(context, () => own.Models()));
        routes.MapGet("/v1/models/{id}", context => own.GuardAsync(context, () => own.Model((string?)context.Request.RouteValues["id"])));
        routes.MapGet("/health", own.HealthAsync);
    }

    private sealed class Endpoints(ServedModel model, ServerOptions options, Action<ServedRequest> onEnd)
    {
        private readonly TimeProvider _clock = TimeProvider.System;
        private readonly long _started = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        private readonly byte[]? _key = options.Key is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(options.Key));

        public async Task CompleteAsync(HttpContext context, IAnswerShape shape)
        {
            using var span = Telemetry.Source.StartActivity("completion", ActivityKind.Server);
            var started = _clock.GetTimestamp();
            AnswerWriter? answer = null;
            try
            {
                CheckCaller(context);
                using var body = await ReadAsync(context);
                var reader = new ApiReader(body.RootElement);
                CheckModel(reader.Text("model"));
                answer = new AnswerWriter(model, shape, shape.Read(reader, model, options), _clock);
                await answer.WriteAsync(context.Response, context.RequestAborted);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // Whoever asked has gone.
                context.Response.StatusCode = context.Response.HasStarted ? context.Response.StatusCode : 499;
            }
            catch (Exception failure) when (!context.Response.HasStarted)
            {
                await FailAsync(context, ApiException.Of(failure));
            }

            var request = new ServedRequest(
                context.Request.Path, context.Response.StatusCode, answer?.Tokens ?? 0, _clock.GetElapsedTime(started),
                context.RequestAborted.IsCancellationRequested);
            ServerTelemetry.Ended(request);
            span?.SetTag("path", request.Path).SetTag("status", request.Status).SetTag("tokens", request.Tokens);
            onEnd(request);
        }

        public async Task GuardAsync(HttpContext context, Func<JsonObject> answer)
        {
            try
            {
                CheckKey(context);
                await AnswerWriter.WriteJsonAsync(context.Response, 200, answer(), context.RequestAborted);
            }
            catch (ApiException failure)
            {
                await FailAsync(context, failure);
            }
        }

        public async Task ChangeAsync(HttpContext context, WeightsEndpoint weights)
        {
            try
            {
                CheckCaller(context);
                using var body = await ReadAsync(context);
                var version = await weights.ReplaceAsync(new ApiReader(body.RootElement));
                await AnswerWriter.WriteJsonAsync(context.Response, 200, WeightsEndpoint.Done(version), context.RequestAborted);
            }
            catch (Exception failure) when (!context.Response.HasStarted)
            {
                await FailAsync(context, ApiException.Of(failure));
            }
        }

        public JsonObject Models() => new() { ["object"] = "list", ["data"] = new JsonArray(One()) };

        public JsonObject Model(string? id)
        {
            CheckModel(id);
            return One();
        }

        public Task HealthAsync(HttpContext context)
        {
            var health = new JsonObject
            {
                ["status"] = "ok",
                ["model"] = model.Name,
                ["active"] = model.Engine.Active,
                ["waiting"] = model.Engine.Waiting,
                ["tokens"] = model.Engine.Drawn,
            };
            if (model.Engine.WeightVersion is { } version)
            {
                health["weight_version"] = version;
            }

            return AnswerWriter.WriteJsonAsync(context.Response, 200, health, context.RequestAborted);
        }

        private JsonObject One() => new()
        {
            ["id"] = model.Name,
            ["object"] = "model",
            ["created"] = _started,
            ["owned_by"] = "reft",
            ["max_model_len"] = model.Context,
        };

        private async Task<JsonDocument> ReadAsync(HttpContext context)
        {
            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            {
                limit.MaxRequestBodySize = options.MaxBody;
            }

            try
            {
                var body = await JsonDocument.ParseAsync(
                    context.Request.Body, new JsonDocumentOptions { AllowDuplicateProperties = false }, context.RequestAborted);
                if (body.RootElement.ValueKind == JsonValueKind.Object)
                {
                    return body;
                }

                body.Dispose();
                throw new ApiException(400, "the body must be a JSON object");
            }
            catch (JsonException error)
            {
                throw new ApiException(400, $"the body is no JSON: {OneLine.Of(error.Message, 300)}");
            }
        }

        private void CheckCaller(HttpContext context)
        {
            CheckKey(context);
            if (!context.Request.HasJsonContentType())
            {
                // Also keeps pages of other origins from asking unasked: browsers send no JSON across without asking first.
                throw new ApiException(415, "the body must be of content type application/json");
            }
        }

        private void CheckModel(string? name)
        {
            if (name is not null && name != model.Name)
            {
                throw new ApiException(404, $"there is no model {OneLine.Quote(name)} here: this server has '{model.Name}'", "model", "model_not_found");
            }
        }

        private void CheckKey(HttpContext context)
        {
            const string Scheme = "Bearer ";
            if (_key is null)
            {
                return;
            }

            var given = context.Request.Headers.Authorization.ToString();
            var shown = given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? given[Scheme.Length..].Trim() : "";
            if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(shown)), _key))
            {
                throw new ApiException(401, "this server wants its key as 'Authorization: Bearer KEY', and this is not it", code: "invalid_api_key");
            }
        }

        private static async Task FailAsync(HttpContext context, ApiException failure)
        {
            if (failure.Status is 429 or 503)
            {
                context.Response.Headers.RetryAfter = "1";
            }

            await AnswerWriter.WriteJsonAsync(context.Response, failure.Status, failure.ToJson(), context.RequestAborted);
        }
    }
}

/// <summary>A request for completions that has ended.</summary>
/// <param name="Path">Its path.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Tokens">How many tokens were drawn and sent.</param>
/// <param name="Took">How long it took.</param>
/// <param name="IsGone">Whether whoever asked had gone.</param>
internal sealed record ServedRequest(string Path, int Status, int Tokens, TimeSpan Took, bool IsGone);
