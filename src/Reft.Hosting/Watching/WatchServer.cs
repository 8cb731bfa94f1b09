using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Reft.Methods;
using Reft.Reporting.Live;
using Reft.Server;

namespace Reft.Hosting.Watching;

/// <summary>
/// The pages of runs in progress, for browsers on this machine alone: <c>/</c> of all runs, <c>/run?name=</c> of one, and what they are made of.
/// It reads the runs' folders and writes nothing.
/// </summary>
internal sealed class WatchServer : IAsyncDisposable
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(700);
    private static readonly TimeSpan _sign = TimeSpan.FromSeconds(15);

    private readonly WebApplication _application;
    private readonly CancellationTokenSource _end = new();

    private WatchServer(WebApplication application) => _application = application;

    /// <summary>Where it is, as <c>http://127.0.0.1:8080</c>.</summary>
    public string Address => _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(); // It listens.

    /// <summary>Starts it.</summary>
    /// <param name="paths">Runs, and folders in which runs lie or will appear.</param>
    /// <param name="port">The port of 127.0.0.1; 0 for any that is free.</param>
    /// <param name="catalog">What the runs' configs can name.</param>
    /// <exception cref="InputException">Nobody can listen there.</exception>
    public static async Task<WatchServer> StartAsync(IReadOnlyList<string> paths, int port, Catalog catalog)
    {
        if (port is < 0 or > 65535)
        {
            throw new InputException($"port is {port}: it must be 0 to 65535");
        }

        var application = BareHost.Create(IPAddress.Loopback, port).Build();
        var server = new WatchServer(application);
        var (watch, title) = (new RunWatch(paths), TitleOf(paths));
        application.Use(LocalNames.Only);
        application.Use((context, next) =>
        {
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return next(context);
        });
        application.UseRouting();
        application.MapGet("/", context => Send(context, "text/html", LivePages.Runs(title, watch.Look())));
        application.MapGet("/run", context => Of(context, watch, "name", folder => Send(context, "text/html", LivePages.Run(folder, catalog))));
        application.MapGet("/data", context => Of(context, watch, "run", folder => Send(context, "application/json", LivePages.Data(folder, catalog))));
        application.MapGet("/events", context => TellAsync(context, watch, context.Request.Query["run"], server._end.Token));
        application.MapFallback(context => NotFound(context, $"there is no {OneLine.Of(context.Request.Path, 120)} here"));
        application.UseEndpoints(_ => { });
        try
        {
            await application.StartAsync();
            return server;
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await server.DisposeAsync();
            throw new InputException($"cannot listen on 127.0.0.1:{port}: {OneLine.Of(error.Message)}", error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_end.IsCancellationRequested)
        {
            return;
        }

        await _end.CancelAsync();
        using var sending = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _application.StopAsync(sending.Token);
        await _application.DisposeAsync();
    }

    /// <summary>Sends what changes, as server-sent events, until the browser goes away.</summary>
    private static async Task TellAsync(HttpContext context, RunWatch watch, string? only, CancellationToken end)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, end);
        context.Response.ContentType = "text/event-stream";
        var (sent, stamp, silent) = (new Dictionary<string, string>(StringComparer.Ordinal), "", TimeSpan.Zero);
        try
        {
            // Browsers wait for a first byte to call it open.
            await context.Response.WriteAsync(": here\n\n", over.Token);
            while (true)
            {
                var heads = watch.Look();
                var line = only is null ? LivePages.Changes(heads, sent)
                    : heads.FirstOrDefault(head => head.Name == only) is { } one && one.Stamp != stamp ? LivePages.Changed(one)
                    : null;
                stamp = heads.FirstOrDefault(head => head.Name == only)?.Stamp ?? stamp;
                silent = line is null ? silent + _pause : TimeSpan.Zero;
                if (line is not null || silent >= _sign)
                {
                    await context.Response.WriteAsync(line is null ? ": still here\n\n" : $"data: {line}\n\n", over.Token);
                    await context.Response.Body.FlushAsync(over.Token);
                    silent = TimeSpan.Zero;
                }

                await Task.Delay(_pause, over.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The browser went away, or the server ends.
        }
    }

    private static Task Of(HttpContext context, RunWatch watch, string key, Func<string, Task> send)
    {
        if (context.Request.Query[key].ToString() is not { Length: > 0 } name || watch.FolderOf(name) is not { } folder)
        {
            return NotFound(context, $"no run that is watched is called {OneLine.Quote(context.Request.Query[key].ToString())}");
        }

        try
        {
            return send(folder);
        }
        catch (InputException error)
        {
            return NotFound(context, error.Message);
        }
    }

    private static Task NotFound(HttpContext context, string message)
    {
        context.Response.StatusCode = 404;
        return Send(context, "text/plain", message + "\n");
    }

    private static Task Send(HttpContext context, string type, string text)
    {
        context.Response.ContentType = type + "; charset=utf-8";
        return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted).AsTask();
    }

    private static string TitleOf(IReadOnlyList<string> paths) =>
        paths.Count == 1 ? Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(paths[0]))) : $"{paths.Count} folders";
}
