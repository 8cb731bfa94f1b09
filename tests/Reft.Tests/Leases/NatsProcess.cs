using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Reft.Tests.Leases;

/// <summary>A NATS server of one's own: a free port of this machine, and a store that is gone with it.</summary>
internal sealed class NatsProcess : IDisposable
{
    private static readonly string[] _places = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator), "/usr/sbin", "/usr/local/sbin"];

    private readonly TemporaryFolder _store = new();
    private readonly string[] _more;
    private readonly int _port;
    private Process? _process;

    private NatsProcess(int port, string[] more)
    {
        _port = port;
        _more = more;
    }

    /// <summary>Where it is.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"nats://127.0.0.1:{_port}");

    /// <summary>Starts one; the test is skipped where there is no such program.</summary>
    public static NatsProcess Start(params string[] more)
    {
        Assert.SkipWhen(Program is null, "there is no nats-server (apt-get install nats-server)");
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var server = new NatsProcess(((IPEndPoint)free.LocalEndpoint).Port, more.Length == 0 ? ["-js"] : more);
        free.Stop();
        server.Begin();
        return server;
    }

    private static string? Program => _places.Select(place => Path.Combine(place, OperatingSystem.IsWindows() ? "nats-server.exe" : "nats-server")).FirstOrDefault(File.Exists);

    /// <summary>Starts it, or starts it again.</summary>
    public void Begin()
    {
        _process = Process.Start(new ProcessStartInfo(
            Program!, ["-a", "127.0.0.1", "-p", _port.ToString(CultureInfo.InvariantCulture), "-sd", _store["store"], .. _more]) // It was found.
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!; // It is a new process.
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginErrorReadLine();
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var client = new TcpClient("127.0.0.1", _port);
                return;
            }
            catch (SocketException) when (patience.Elapsed < TimeSpan.FromSeconds(20) && !_process.HasExited)
            {
                Thread.Sleep(20);
            }
        }
    }

    /// <summary>Kills it.</summary>
    /// <param name="forgets">Whether its store is lost too.</param>
    public void Kill(bool forgets)
    {
        _process!.Kill(); // It was started.
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
        if (forgets && Directory.Exists(_store["store"]))
        {
            Directory.Delete(_store["store"], recursive: true);
        }
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            Kill(forgets: false);
        }

        _store.Dispose();
    }
}
