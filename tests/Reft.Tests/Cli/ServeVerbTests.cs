using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Reft.Hosting;
using Reft.Tests.Serving;

namespace Reft.Tests.Cli;

/// <summary><c>reft serve</c> as a user starts, asks and stops it.</summary>
public sealed partial class ServeVerbTests
{
    [Fact]
    public async Task Serve_Model_AnswersUntilItIsStopped()
    {
        using var folder = new ChatFolder();
        var (output, error) = (new Lines(), new Lines());
        using var stop = new CancellationTokenSource();

        var running = App.RunAsync(
            ["serve", folder.Path, "--port", "0", "--log", "--name", "small", "--temperature", "0"], new Terminal(output, error, TextReader.Null), stop.Token);
        var address = Address().Match(await output.WaitForAsync("/v1", running)).Value;
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        using var response = await http.PostAsync(
            "/v1/completions", new StringContent("""{"prompt": "How many", "max_tokens": 9, "model": "small"}""", Encoding.UTF8, "application/json"));
        var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        await stop.CancelAsync();

        Assert.Equal(App.Done, await running);
        var greedy = (Out: new StringWriter(), Error: new StringWriter());
        await App.RunAsync(
            ["generate", folder.Path, "--prompt", "How many", "--raw", "--temperature", "0", "--max-tokens", "9", "--json"],
            new Terminal(greedy.Out, greedy.Error, TextReader.Null));
        Assert.Equal((string)JsonNode.Parse(greedy.Out.ToString())!["completions"]![0]!["text"]!, (string)answer["choices"]![0]!["text"]!);
        Assert.Contains("Serving small at http://127.0.0.1:", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("chat template", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("/v1/completions 200, 9 tokens", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Stopped after 9 tokens.", error.ToString(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync("/health"));
    }

    [Theory]
    [InlineData("--slots 0 --port 70000", "--slots is 0: it must be at least 1; --port is 70000: it must be from 0 to 65535")]
    [InlineData("--host here", "host is 'here': it must be an address")]
    [InlineData("--context 401", "context is 401: it must be at most 400")]
    [InlineData("--temperature -1", "--temperature is -1")]
    public async Task Serve_WrongOption_IsOneLine(string options, string expected)
    {
        using var folder = new ChatFolder();
        var error = new StringWriter();

        var code = await App.RunAsync(["serve", folder.Path, .. options.Split(' ')], new Terminal(new StringWriter(), error, TextReader.Null));

        Assert.Equal(App.BadInput, code);
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
        Assert.Single(error.ToString().Trim().Split('\n'));
    }

    [GeneratedRegex(@"http://[\d.:]+")]
    private static partial Regex Address();

    /// <summary>What is written, for a reader on another thread.</summary>
    private sealed class Lines : StringWriter
    {
        private readonly Lock _lock = new();

        public override void Write(char value)
        {
            lock (_lock)
            {
                base.Write(value);
            }
        }

        public override void Write(string? value)
        {
            lock (_lock)
            {
                base.Write(value);
            }
        }

        public override void WriteLine(string? value) => Write(value + "\n");

        public override string ToString()
        {
            lock (_lock)
            {
                return base.ToString();
            }
        }

        public async Task<string> WaitForAsync(string text, Task running)
        {
            while (!ToString().Contains(text, StringComparison.Ordinal))
            {
                Assert.False(running.IsCompleted, "it ended");
                await Task.Delay(10);
            }

            return ToString();
        }
    }
}
