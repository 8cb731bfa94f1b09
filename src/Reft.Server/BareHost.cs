using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Reft.Server;

/// <summary>What Reft's web servers begin as: Kestrel and routes, no files, no settings of the environment, no logs, no signals.</summary>
internal static class BareHost
{
    /// <summary>A server to be.</summary>
    /// <param name="address">Where it listens.</param>
    /// <param name="port">The port; 0 for any that is free.</param>
    /// <param name="limits">Sets limits; null for Kestrel's.</param>
    public static WebApplicationBuilder Create(IPAddress address, int port, Action<KestrelServerLimits>? limits = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            limits?.Invoke(kestrel.Limits);
            kestrel.Listen(address, port);
        });
        return builder;
    }

    /// <summary>Leaves Ctrl-C to the program.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
