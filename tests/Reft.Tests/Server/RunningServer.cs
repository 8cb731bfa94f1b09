using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Reft.Hosting;
using Reft.Server;
using Reft.Serving;
using Reft.Tests.Serving;

namespace Reft.Tests.Server;

/// <summary>A server on a free port with a small random model, and the program that gives the same completions.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly ReftServer _server;

    private RunningServer(ChatFolder folder, ServedModel model, ReftServer server)
    {
        (Folder, Model, _server) = (folder, model, server);
        Http = new HttpClient { BaseAddress = new Uri(server.Address) };
    }

    public ChatFolder Folder { get; }

    public ServedModel Model { get; }

    public HttpClient Http { get; }

    public Uri Endpoint => new(Http.BaseAddress + "v1");

    public static async Task<RunningServer> StartAsync(ServingOptions? serving = null, ServerOptions? options = null, bool isChat = true)
    {
        var folder = new ChatFolder(isChat);
        var model = ServedModel.Load(folder.Path, serving);
        return new RunningServer(folder, model, await ReftServer.StartAsync(model, options ?? new ServerOptions(), "127.0.0.1", 0));
    }

    public Task StopAsync(TimeSpan grace) => _server.StopAsync(grace);

    /// <summary>Asks for JSON; the answer, whatever its status.</summary>
    public async Task<(int Status, JsonObject Body)> PostAsync(string path, string json)
    {
        using var response = await Http.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));
        return ((int)response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonObject>())!);
    }

    /// <summary>The events of a stream; the last one is <c>[DONE]</c> where it ended well.</summary>
    public async Task<List<string>> EventsAsync(string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        using var response = await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        var text = await response.Content.ReadAsStringAsync();
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line["data: ".Length..])];
    }

    /// <summary>What <c>reft generate --json</c> says, sample by sample.</summary>
    public async Task<JsonArray> GenerateAsync(params string[] options)
    {
        var output = await PrintAsync([.. options, "--json"]);
        return JsonNode.Parse(output)!["completions"]!.AsArray();
    }

    /// <summary>What <c>reft generate</c> prints.</summary>
    public async Task<string> PrintAsync(params string[] options)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await App.RunAsync(["generate", Folder.Path, .. options], new Terminal(output, error, TextReader.Null));
        Assert.True(code == App.Done, error.ToString());
        return output.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        await Model.DisposeAsync();
        Folder.Dispose();
    }
}
