using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Reft.Serving;

namespace Reft.Server;

/// <summary>A web server of its own for one model.</summary>
internal sealed class ReftServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly ServedModel _model;

    private ReftServer(WebApplication application, ServedModel model) => (_application, _model) = (application, model);

    /// <summary>Where it is, as <c>http://127.0.0.1:8000</c>.</summary>
    public string Address => _application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First(); // It listens.

    /// <summary>Starts a server.</summary>
    /// <param name="model">The model; whoever loaded it disposes it, after the server.</param>
    /// <param name="options">Limits, defaults and the key.</param>
    /// <param name="host">The address to listen on, or a name for this machine's own.</param>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <param name="onEnd">Told of every request for completions that ended.</param>
    /// <exception cref="InputException">Nobody can listen there, or an option is wrong.</exception>
    public static async Task<ReftServer> StartAsync(
        ServedModel model, ServerOptions options, string host, int port, Action<ServedRequest>? onEnd = null)
    {
        var address = AddressOf(host);
        var application = BareHost.Create(address, port, limits => limits.MaxRequestBodySize = options.MaxBody).Build();
        if (IPAddress.IsLoopback(address))
        {
            application.Use(LocalNames.Only);
        }

        application.UseRouting();
        ReftEndpoints.Map(application, model, options, onEnd ?? (_ => { }));
        application.MapFallback(context => AnswerWriter.WriteJsonAsync(
            context.Response, 404,
            new ApiException(404, $"there is no {context.Request.Method} {OneLine.Of(context.Request.Path, 120)} here", code: "not_found").ToJson(),
            context.RequestAborted));
        application.UseEndpoints(_ => { });
        try
        {
            await application.StartAsync();
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            await application.DisposeAsync();
            throw new InputException($"cannot listen on {host}:{port}: {error.Message.ReplaceLineEndings(" ")}", error);
        }

        return new ReftServer(application, model);
    }

    /// <summary>Takes no more requests, finishes those that there are, and ends.</summary>
    /// <param name="grace">After so long what is not finished is cut off.</param>
    public async Task StopAsync(TimeSpan grace)
    {
        await _model.StopAsync(grace);
        // What was finished or cut is still to be sent.
        using var sending = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(sending.Token);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        await _application.DisposeAsync();
    }

    private static IPAddress AddressOf(string host) => host == "localhost" ? IPAddress.Loopback
        : IPAddress.TryParse(host.Trim('[', ']'), out var address) ? address
        : throw new InputException($"host is {OneLine.Quote(host)}: it must be an address such as 127.0.0.1, ::1 or 0.0.0.0");
}
