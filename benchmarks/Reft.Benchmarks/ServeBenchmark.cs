using System.Diagnostics;
using System.Globalization;
using System.Text;
using Reft.Numerics;
using Reft.Server;
using Reft.Serving;
using static TorchSharp.torch;

namespace Reft.Benchmarks;

/// <summary>
/// Many streamed completions at once over HTTP, client and server in one process: requests a second, how long the first token and the whole
/// take. One slot is the service without batching, to compare with in the same run.
/// </summary>
internal static class ServeBenchmark
{
    private const int Tokens = 64;

    /// <summary>Measures.</summary>
    /// <param name="folder">The model's folder.</param>
    /// <param name="requests">How many requests, all sent at once.</param>
    public static async Task RunAsync(string? folder, int requests)
    {
        if (folder is null)
        {
            throw new InputException("name a model's folder: … -- serve ./model [requests]");
        }

        Console.WriteLine($"{Path.GetFileName(Path.TrimEndingDirectorySeparator(folder))}, {requests} requests at once, {Tokens} tokens each, {Environment.ProcessorCount} processors");
        Console.WriteLine("slots  requests/s  tokens/s  first token p50 s  p99 s  whole p50 s  p99 s  lost");
        foreach (var slots in new[] { 1, 4, 16, 64 })
        {
            await using var model = ServedModel.Load(
                folder, new ServingOptions { Slots = slots, Queue = requests, Context = 256 }, ScalarType.Float32, ComputeDevice.Cpu, "model");
            await using var server = await ReftServer.StartAsync(model, new ServerOptions(), "127.0.0.1", 0);
            using var http = new HttpClient { BaseAddress = new Uri(server.Address), Timeout = Timeout.InfiniteTimeSpan };
            await AskAsync(http, 0); // weights are packed, code is compiled
            var clock = Stopwatch.StartNew();
            var asked = await Task.WhenAll(Enumerable.Range(0, requests).Select(i => AskAsync(http, i)));
            var seconds = clock.Elapsed.TotalSeconds;
            var (first, whole) = (asked.Select(one => one.First).Order().ToArray(), asked.Select(one => one.Whole).Order().ToArray());
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{slots,5}  {requests / seconds,10:0.0}  {requests * Tokens / seconds,8:0}  {At(first, 0.5),17:0.000}  {At(first, 0.99),5:0.000}  {At(whole, 0.5),11:0.000}  {At(whole, 0.99),5:0.000}  {asked.Count(one => !one.IsWhole),4}"));
        }
    }

    private static double At(double[] ordered, double share) => ordered[(int)Math.Ceiling(share * ordered.Length) - 1];

    private static async Task<(double First, double Whole, bool IsWhole)> AskAsync(HttpClient http, int seed)
    {
        var clock = Stopwatch.StartNew();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/completions")
        {
            Content = new StringContent(
                $$"""{"prompt": "Once upon a time, there was a", "max_tokens": {{Tokens}}, "seed": {{seed}}, "ignore_eos": true, "return_token_ids": true, "stream": true}""",
                Encoding.UTF8, "application/json"),
        };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        var (first, count, isDone) = (0.0, 0, false);
        while (await lines.ReadLineAsync() is { } line)
        {
            first = count == 0 && line.Length > 0 ? clock.Elapsed.TotalSeconds : first;
            count += line.Contains("\"token_ids\"", StringComparison.Ordinal) ? 1 : 0;
            isDone |= line == "data: [DONE]";
        }

        return (first, clock.Elapsed.TotalSeconds, isDone && count == Tokens);
    }
}
