using System.Diagnostics.Metrics;

namespace Reft.Server;

/// <summary>The figures of requests for whoever listens.</summary>
internal static class ServerTelemetry
{
    private static readonly Counter<long> _requests = Telemetry.Meter.CreateCounter<long>("reft.server.requests", "{request}", "Requests for completions that ended, by path and status.");

    private static readonly Counter<long> _tokens = Telemetry.Meter.CreateCounter<long>("reft.server.tokens", "{token}", "Tokens drawn for requests.");

    private static readonly Histogram<double> _duration = Telemetry.Meter.CreateHistogram<double>("reft.server.request.duration", "s", "Seconds of a request for completions.");

    /// <summary>A request ended.</summary>
    public static void Ended(ServedRequest request)
    {
        KeyValuePair<string, object?> path = new("path", request.Path), status = new("status", request.IsGone ? 499 : request.Status);
        _requests.Add(1, path, status);
        _tokens.Add(request.Tokens, path);
        _duration.Record(request.Took.TotalSeconds, path, status);
    }
}
