using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Reft.Tests.Server;

/// <summary>What listeners are told of requests.</summary>
public sealed class ServerTelemetryTests
{
    [Fact]
    public async Task Completions_Listeners_AreToldOfRequestTokensAndSpan()
    {
        // Other tests' servers tell the same listeners: this one's requests have a length of their own.
        const int Tokens = 23;
        var (figures, spans) = (new ConcurrentQueue<(string Name, double Value, string Tags)>(), new ConcurrentQueue<Activity>());
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => { if (instrument.Meter.Name == "Reft") { listener.EnableMeasurementEvents(instrument); } } };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => figures.Enqueue((instrument.Name, value, Spell(tags))));
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => figures.Enqueue((instrument.Name, value, Spell(tags))));
        meters.Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Reft",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var server = await RunningServer.StartAsync();

        var (status, body) = await server.PostAsync("/v1/completions", $$"""{"prompt": "How many", "seed": 7, "max_tokens": {{Tokens}}, "temperature": 1}""");
        var (refused, _) = await server.PostAsync("/v1/completions", """{"prompt": 5.5}""");

        Assert.Equal((200, 400), (status, refused));
        var drawn = (int)body["usage"]!["completion_tokens"]!;
        var clock = Stopwatch.StartNew();
        while (!spans.Any(span => Equals(span.GetTagItem("status"), 400)) && clock.Elapsed < TimeSpan.FromSeconds(10))
        {
            await Task.Delay(20, TestContext.Current.CancellationToken); // What is told after the answer was sent.
        }

        Assert.Contains(figures, figure => figure is { Name: "reft.server.requests", Value: 1, Tags: "path=/v1/completions,status=200" });
        Assert.Contains(figures, figure => figure is { Name: "reft.server.requests", Value: 1, Tags: "path=/v1/completions,status=400" });
        Assert.Contains(figures, figure => figure.Name == "reft.server.tokens" && figure.Value == drawn && figure.Tags == "path=/v1/completions");
        Assert.Contains(figures, figure => figure is { Name: "reft.server.request.duration", Value: > 0, Tags: "path=/v1/completions,status=200" });
        Assert.Contains(spans, span => span.OperationName == "completion" && Equals(span.GetTagItem("status"), 200) && Equals(span.GetTagItem("tokens"), drawn));
    }

    private static string Spell(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"));
}
