using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Reft.Tests.Cli;

/// <summary>What a collector of OpenTelemetry gets of a training: a small one, which reads protobuf by itself.</summary>
public sealed class TelemetryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Train_CollectorInTheEnvironment_GetsFiguresAndSpans()
    {
        using var collector = new Collector();
        var error = await TrainAsync(collector.Address);

        var lines = File.ReadLines(_folder["run/metrics.jsonl"]).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        // trace.v1: request.1 resource spans, .2 scope spans, .2 span; span: 2 its id, 4 its parent's, 5 its name.
        var spans = collector.Bodies("/v1/traces").SelectMany(body => Inside(body, 1, 2, 2))
            .Select(span => (Id: Hex(span, 2), Parent: Hex(span, 4), Name: Text(span, 5))).ToArray();
        Assert.True(spans.Length > 0, error);
        var train = Assert.Single(spans, span => span.Name == "train");
        var steps = spans.Where(span => span.Name == "step").ToArray();
        Assert.Equal(lines.Length, steps.Length);
        Assert.All(steps, step => Assert.Equal(train.Id, step.Parent));
        foreach (var phase in new[] { "rollout", "prepare", "update" })
        {
            Assert.Equal(steps.Select(step => step.Id).Order(), spans.Where(span => span.Name == phase).Select(span => span.Parent).Order());
        }

        Assert.Equal(3, spans.Count(span => span.Name == "evaluate"));
        Assert.Contains(spans, span => span.Name == "checkpoint");
        // metrics.v1: request.1 resource metrics, .2 scope metrics, .2 metric; metric: 1 its name, 5 gauge, 7 sum, 9 histogram; each .1 data points.
        var metrics = collector.Bodies("/v1/metrics").SelectMany(body => Inside(body, 1, 2, 2)).ToLookup(metric => Text(metric, 1));
        Assert.Equal(lines.Length, BitConverter.ToInt64(metrics["reft.training.steps"].SelectMany(metric => Inside(metric, 7, 1)).Last().Single(field => field.Number == 6).Bytes));
        var loss = BitConverter.ToDouble(metrics["reft.training.loss"].SelectMany(metric => Inside(metric, 5, 1)).Last().Single(field => field.Number == 4).Bytes);
        Assert.Equal(lines[^1].GetProperty("loss/nll").GetDouble(), loss, 12);
        Assert.NotEmpty(metrics["reft.training.phase.duration"]);
        var resource = collector.Bodies("/v1/metrics").SelectMany(body => Inside(body, 1, 1)).First();
        Assert.Contains("reft", Encoding.UTF8.GetString(resource.SelectMany(field => field.Bytes).ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_CollectorThatIsNotThere_TrainsAsEver()
    {
        var clock = Stopwatch.StartNew();

        await TrainAsync("http://127.0.0.1:9");

        Assert.Equal(6, File.ReadLines(_folder["run/metrics.jsonl"]).Count());
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"{clock.Elapsed}");
    }

    private async Task<string> TrainAsync(string endpoint)
    {
        File.WriteAllText(_folder["train.jsonl"], string.Concat(Enumerable.Range(0, 12).Select(i => $"{{\"id\":\"s{i}\",\"question\":\"{i} + 1?\",\"answer\":\"{i + 1}\",\"solution\":\"{i + 1}.\"}}\n")));
        File.WriteAllText(_folder["dev.jsonl"], "{\"id\":\"d\",\"question\":\"3 + 4?\",\"answer\":\"7\"}\n");
        File.WriteAllText(_folder["run.yaml"], $$"""
            method: sft
            run: {{_folder["run"]}}
            model: { fresh: { layers: 1, width: 32, heads: 2, feedForward: 48, context: 96, vocabulary: 300 } }
            problems: { train: { file: {{_folder["train.jsonl"]}} }, dev: { file: {{_folder["dev.jsonl"]}} } }
            answers: { style: number }
            training: { epochs: 2, batchSize: 4, maxTokens: 96 }
            optimizer: { learningRate: 3e-3, schedule: constant }
            evaluation: { everyEpochs: 1, maxTokens: 8 }
            """);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Reft.Cli.dll"), "train", _folder["run.yaml"]])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint;
        start.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        using var process = Process.Start(start)!; // It is a new process.
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return await error;
    }

    /// <summary>The messages at a path of field numbers.</summary>
    private static IEnumerable<Field[]> Inside(Field[] message, params int[] path) => path.Length == 0
        ? [message]
        : message.Where(field => field.Number == path[0]).SelectMany(field => Inside([.. Fields(field.Bytes)], path[1..]));

    private static IEnumerable<Field[]> Inside(byte[] body, params int[] path) => Inside([.. Fields(body)], path);

    private static string Text(Field[] message, int number) => Encoding.UTF8.GetString(message.First(field => field.Number == number).Bytes);

    private static string Hex(Field[] message, int number) => Convert.ToHexString(message.FirstOrDefault(field => field.Number == number).Bytes ?? []);

    /// <summary>The fields of a protobuf message: a key of number and wire type, and a variable-length number, 8, 4, or a length of bytes.</summary>
    private static IEnumerable<Field> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Number(message, ref at);
            var from = at;
            var length = (key & 7) switch
            {
                0 => Skipped(message, ref at) - from,
                1 => 8,
                5 => 4,
                2 => (int)Number(message, ref at),
                _ => throw new InvalidDataException($"wire type {key & 7}"),
            };
            from = (key & 7) == 0 ? from : at;
            at = from + length;
            yield return new Field((int)(key >> 3), message[from..at]);
        }
    }

    private static int Skipped(byte[] message, ref int at)
    {
        Number(message, ref at);
        return at;
    }

    private static ulong Number(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }

    private readonly record struct Field(int Number, byte[] Bytes);

    /// <summary>Keeps what is posted to it.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly ConcurrentQueue<(string Path, byte[] Body)> _bodies = new();

        public Collector()
        {
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                Address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}");
            }

            _listener.Prefixes.Add(Address + "/");
            _listener.Start();
            _ = Task.Run(ListenAsync);
        }

        public string Address { get; }

        public IEnumerable<byte[]> Bodies(string path) => _bodies.Where(body => body.Path == path).Select(body => body.Body);

        public void Dispose() => _listener.Close();

        private async Task ListenAsync()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                using var body = new MemoryStream();
                await using (Stream sent = context.Request.Headers["Content-Encoding"] == "gzip" ? new GZipStream(context.Request.InputStream, CompressionMode.Decompress) : context.Request.InputStream)
                {
                    await sent.CopyToAsync(body);
                }

                _bodies.Enqueue((context.Request.Url!.AbsolutePath, body.ToArray())); // A request has an address.
                context.Response.StatusCode = 200;
                context.Response.ContentType = "application/x-protobuf";
                context.Response.Close();
            }
        }
    }
}
