using System.Net;
using Microsoft.AspNetCore.Http;

namespace Reft.Server;

/// <summary>The names under which a server on this machine's own address is asked.</summary>
internal static class LocalNames
{
    private static readonly string[] _names = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>
    /// Refuses requests under other names than this machine's own: a page that a browser shows can make its own name point here.
    /// </summary>
    public static Task Only(HttpContext context, RequestDelegate next) =>
        _names.Contains(context.Request.Host.Host, StringComparer.OrdinalIgnoreCase)
        || IPAddress.TryParse(context.Request.Host.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address)
            ? next(context)
            : AnswerWriter.WriteJsonAsync(
                context.Response, 403, new ApiException(403, "this server is asked as localhost alone", code: "wrong_host").ToJson(),
                context.RequestAborted);
}
