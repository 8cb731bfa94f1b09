using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Reft.Serving;

namespace Reft.Chat;

/// <summary>Reft in a program's services.</summary>
public static class ReftServices
{
    /// <summary>
    /// Adds a model's folder as a <see cref="ServedModel"/> and an <see cref="IChatClient"/>, one for the program. It is loaded when it is first
    /// asked for, and ends with the program's services.
    /// </summary>
    /// <param name="services">The program's services.</param>
    /// <param name="folder">A folder with config.json, weights and a tokenizer.</param>
    /// <param name="options">How much it takes on; null for the defaults.</param>
    /// <param name="device">Where to compute, as <c>cpu</c>, <c>cuda</c> or <c>auto</c>.</param>
    /// <param name="key">Names it where there are several models; null for the one.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddReft(
        this IServiceCollection services, string folder, ServingOptions? options = null, string device = "cpu", object? key = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return key is null
            ? services.AddSingleton(_ => ServedModel.Load(folder, options, device))
                .AddSingleton<IChatClient>(all => new ReftChatClient(all.GetRequiredService<ServedModel>()))
            : services.AddKeyedSingleton(key, (_, _) => ServedModel.Load(folder, options, device))
                .AddKeyedSingleton<IChatClient>(key, (all, own) => new ReftChatClient(all.GetRequiredKeyedService<ServedModel>(own)));
    }
}
