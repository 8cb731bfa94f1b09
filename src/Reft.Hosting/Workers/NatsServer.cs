using System.Text.Json;
using NATS.Client.Core;
using NATS.Client.JetStream;

namespace Reft.Hosting.Workers;

/// <summary>A connection to a NATS server that has JetStream.</summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private NatsServer(string url, NatsConnection connection, NatsJSContext streams)
    {
        Url = url;
        Connection = connection;
        Streams = streams;
    }

    /// <summary>Where it is, without what may stand there of a password.</summary>
    public string Url { get; }

    /// <summary>The connection; it is made anew whenever it breaks.</summary>
    public NatsConnection Connection { get; }

    /// <summary>Its JetStream.</summary>
    public NatsJSContext Streams { get; }

    /// <summary>Connects.</summary>
    /// <param name="url">Where it is.</param>
    /// <param name="key">Where that was said, for messages.</param>
    /// <param name="name">What this process is called there.</param>
    /// <exception cref="InputException">There is none, or it has no JetStream.</exception>
    public static async Task<NatsServer> ConnectAsync(string url, string key, string name)
    {
        var shown = Shown(url);
        var connection = new NatsConnection(new NatsOpts
        {
            Url = url,
            Name = name,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            RequestTimeout = TimeSpan.FromSeconds(5),
            CommandTimeout = TimeSpan.FromSeconds(5),
            ReconnectWaitMax = TimeSpan.FromSeconds(2),
            MaxReconnectRetry = -1,
        });
        var isThere = false;
        try
        {
            await connection.ConnectAsync();
            isThere = true;
            var streams = new NatsJSContext(connection);
            await streams.GetAccountInfoAsync();
            return new NatsServer(shown, connection, streams);
        }
        catch (Exception error) when (error is NatsException or OperationCanceledException or TimeoutException)
        {
            await connection.DisposeAsync();
            throw new InputException(
                $"{key}: {shown} "
                + (isThere ? "has no JetStream; start it by nats-server -js" : $"does not answer ({OneLine.Of(error.Message)}); start it there by nats-server -js"),
                error);
        }
    }

    /// <summary>Publishes an object as JSON, to whoever listens.</summary>
    public ValueTask TellAsync<T>(string subject, T what, CancellationToken cancellation) =>
        Connection.PublishAsync(subject, JsonSerializer.SerializeToUtf8Bytes(what), cancellationToken: cancellation);

    /// <summary>Reads what <see cref="TellAsync"/> published; null where it is something else.</summary>
    public static T? Read<T>(byte[]? bytes)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(bytes ?? []);
        }
        catch (JsonException)
        {
            return null; // Of another version, or of somebody else: it is nobody who could take part.
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private static string Shown(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0 ? url.Replace($"{uri.UserInfo}@", "", StringComparison.Ordinal) : url;
}
