using System.Text.Json.Nodes;
using Reft.Generation;
using Reft.Serving;

namespace Reft.Tests.Server;

/// <summary>Many requests at once: nothing is lost, and none knows of the others.</summary>
public sealed class LoadTests
{
    [Fact]
    public async Task Completions_TwoHundredAtOnce_AreWhatTheyAreAlone()
    {
        const int Requests = 200;
        await using var server = await RunningServer.StartAsync(new ServingOptions { Slots = 16, Queue = Requests });
        string[] prompts = ["How many", "one and two", "The answer is", "so they say: apples, apples, apples and two"];

        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(async i =>
        {
            var ask = $"\"prompt\": \"{prompts[i % prompts.Length]}\", \"seed\": {i}, \"max_tokens\": {5 + (i % 40)}, \"temperature\": 0.{1 + (i % 9)}";
            if (i % 2 == 0)
            {
                var (status, body) = await server.PostAsync("/v1/completions", $$"""{ {{ask}}, "return_token_ids": true }""");
                Assert.Equal(200, status);
                return Ids(body["choices"]![0]!["token_ids"]!);
            }

            var events = await server.EventsAsync("/v1/completions", $$"""{ {{ask}}, "return_token_ids": true, "stream": true }""");
            Assert.Equal("[DONE]", events[^1]);
            return [.. events[..^1].SelectMany(one => Ids(JsonNode.Parse(one)!["choices"]![0]!["token_ids"]!))];
        }));

        using var model = Reft.Checkpoints.PretrainedModel.Load(server.Folder.Path, TorchSharp.torch.ScalarType.Float32, TorchSharp.torch.CPU);
        var generator = new CompletionGenerator(model.Decoder, 1);
        for (var i = 0; i < Requests; i++)
        {
            var expected = generator.Generate(
                [new GenerationRequest(0, 0, server.Model.TextTokens(prompts[i % prompts.Length]))],
                new SamplingOptions
                {
                    Temperature = (1 + (i % 9)) / 10.0,
                    TopK = 0,
                    TopP = 1,
                    MinP = 0,
                    MaxTokens = 5 + (i % 40),
                    StopTokens = server.Model.StopTokens,
                    Seed = (ulong)i,
                },
                step: 0)[0];
            Assert.Equal(expected.Tokens, answers[i]);
        }

        Assert.Equal(answers.Sum(ids => ids.Length), server.Model.Engine.Drawn);
    }

    private static int[] Ids(JsonNode ids) => [.. ids.AsArray().Select(id => (int)id!)];
}
