using System.Text.Json.Nodes;

namespace Reft.Server;

/// <summary>A request that is answered with an error, in the shape that OpenAI's clients read.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="message">What is wrong, in words.</param>
/// <param name="field">The field of the request that is wrong; null where it is none.</param>
/// <param name="code">The error's code; null for none.</param>
internal sealed class ApiException(int status, string message, string? field = null, string? code = null) : Exception(message)
{
    /// <summary>The HTTP status.</summary>
    public int Status => status;

    /// <summary>The body.</summary>
    public JsonObject ToJson() => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = Message,
            ["type"] = status switch
            {
                401 => "authentication_error",
                429 => "rate_limit_error",
                >= 500 => "server_error",
                _ => "invalid_request_error",
            },
            ["param"] = field,
            ["code"] = code,
        },
    };

    /// <summary>What a failure is to who asked.</summary>
    public static ApiException Of(Exception failure) => failure switch
    {
        ApiException known => known,
        InputException wrong => new ApiException(400, wrong.Message),
        Serving.ServingException { Refusal: Serving.Refusal.Busy } busy => new ApiException(429, busy.Message, code: "rate_limit_exceeded"),
        Serving.ServingException stopping => new ApiException(503, stopping.Message, code: "stopping"),
        Microsoft.AspNetCore.Http.BadHttpRequestException { StatusCode: 413 } =>
            new ApiException(413, "the body is larger than this server takes", code: "request_too_large"),
        Microsoft.AspNetCore.Http.BadHttpRequestException bad => new ApiException(bad.StatusCode, bad.Message),
        _ => new ApiException(500, $"the model failed: {failure.Message.ReplaceLineEndings(" ")}", code: "model_failed"),
    };
}
