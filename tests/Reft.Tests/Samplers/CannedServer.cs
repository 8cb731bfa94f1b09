using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Reft.Tests.Samplers;

/// <summary>What a server answers: a status, the body, and what else goes wrong.</summary>
internal sealed record Canned(int Status, string Body)
{
    /// <summary>Seconds to wait for before it.</summary>
    public double After { get; init; }

    /// <summary>Whether the connection ends in the middle of the body.</summary>
    public bool IsCut { get; init; }

    /// <summary>Further header lines.</summary>
    public string Headers { get; init; } = "";
}

/// <summary>A server on a free port that answers what a test says, right or wrong.</summary>
internal sealed class CannedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<string, JsonObject?, int, Canned> _answer;
    private readonly Task _listening;
    private int _asked;

    /// <summary>Starts it.</summary>
    /// <param name="answer">Given the path, the body and how many requests for completions came before.</param>
    public CannedServer(Func<string, JsonObject?, int, Canned> answer)
    {
        _answer = answer;
        _listener.Start();
        _listening = ListenAsync();
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>The requests, path and body, in the order in which they came.</summary>
    public List<(string Path, JsonObject? Body, string Head)> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _listening;
    }

    private async Task ListenAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync()));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var head = await HeadAsync(stream);
                var length = int.Parse(
                    head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?.Split(':')[1] ?? "0",
                    System.Globalization.CultureInfo.InvariantCulture);
                var bytes = new byte[length];
                await stream.ReadExactlyAsync(bytes);
                var path = head.Split(' ')[1];
                var body = length == 0 ? null : JsonNode.Parse(bytes)!.AsObject();
                Canned answer;
                lock (Requests)
                {
                    Requests.Add((path, body, head));
                    answer = _answer(path, body, path == "/v1/models" ? 0 : _asked++);
                }

                await Task.Delay(TimeSpan.FromSeconds(answer.After));
                var text = Encoding.UTF8.GetBytes(answer.Body);
                var start = $"HTTP/1.1 {answer.Status} Said\r\nContent-Type: application/json\r\nContent-Length: {text.Length}\r\nConnection: close\r\n{answer.Headers}\r\n";
                await stream.WriteAsync(Encoding.ASCII.GetBytes(start));
                await stream.WriteAsync(answer.IsCut ? text.AsMemory(0, text.Length / 2) : text);
            }
            catch (IOException)
            {
                // The other side has gone.
            }
        }
    }

    private static async Task<string> HeadAsync(NetworkStream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) == 1)
        {
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
