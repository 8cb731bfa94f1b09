namespace Reft.Hub;

/// <summary>Where the hub is, where its files are kept, and who asks: the variables that Hugging Face's own programs read.</summary>
internal sealed record HubSettings
{
    private const string DefaultEndpoint = "https://huggingface.co";

    /// <summary>The hub's address.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The folder that holds a folder for every repository.</summary>
    public required string Cache { get; init; }

    /// <summary>What a user shows at private and restricted repositories; null for nothing. It goes to <see cref="Endpoint"/> alone.</summary>
    public string? Token { get; init; }

    /// <summary>Whether the network is left alone.</summary>
    public bool IsOffline { get; init; }

    /// <summary>How long an answer, or its next bytes, may take before it is asked for again.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Waits before a request is tried again.</summary>
    public Func<TimeSpan, CancellationToken, Task> Wait { get; init; } = Task.Delay;

    /// <summary>Tells what time it is, for servers that name one.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>What the environment says.</summary>
    /// <exception cref="InputException">A variable holds what cannot be.</exception>
    public static HubSettings FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>What variables say.</summary>
    /// <param name="variable">A variable's value; null or empty where it is not set.</param>
    internal static HubSettings From(Func<string, string?> variable)
    {
        var endpoint = Said("HF_ENDPOINT") ?? DefaultEndpoint;
        if (!Uri.TryCreate(endpoint.TrimEnd('/') + "/", UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new InputException($"HF_ENDPOINT is {OneLine.Quote(endpoint)}: it must be a web address, such as https://hub.example");
        }

        var home = Said("HF_HOME") ?? Path.Combine(
            Said("XDG_CACHE_HOME") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"), "huggingface");
        return new HubSettings
        {
            Endpoint = uri,
            Cache = Path.GetFullPath(Said("HF_HUB_CACHE") ?? Said("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub")),
            Token = Sendable(Said("HF_TOKEN") ?? Said("HUGGING_FACE_HUB_TOKEN") ?? Stored(Said("HF_TOKEN_PATH") ?? Path.Combine(home, "token"))),
            IsOffline = Said("HF_HUB_OFFLINE")?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE",
        };

        string? Said(string name) => variable(name) is { } value && value.Trim() is { Length: > 0 } said ? said : null;
    }

    /// <summary>What a login of Hugging Face's own program left.</summary>
    private static string? Stored(string path) => File.Exists(path) ? InputFile.Guarded(path, () => File.ReadAllText(path)) : null;

    private static string? Sendable(string? text) => text?.Trim() is not { Length: > 0 } token ? null
        : token.All(c => c is > ' ' and <= '~') ? token
        : throw new InputException("HF_TOKEN holds a character that no token has; copy it again"); // The token itself is nobody's to read.
}
