using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Reft.Server;
using Reft.Serving;

namespace Reft.Tests.Server;

/// <summary>The endpoints over plain HTTP: texts and tokens, wrong requests, who goes away, the end.</summary>
public sealed class EndpointTests
{
    private const string Chat = "/v1/chat/completions";
    private const string Completions = "/v1/completions";

    [Fact]
    public async Task Completions_TextOrItsTokens_AreWhatGenerateGives()
    {
        await using var server = await RunningServer.StartAsync();
        var expected = await server.GenerateAsync("--prompt", "How many", "--raw", "--seed", "7", "--max-tokens", "30", "--samples", "3");
        var ids = string.Join(",", server.Model.TextTokens("How many"));

        foreach (var prompt in new[] { "\"How many\"", $"[{ids}]" })
        {
            var (status, body) = await server.PostAsync(
                Completions, $$"""{"prompt": {{prompt}}, "seed": 7, "max_tokens": 30, "n": 3, "logprobs": 2, "return_token_ids": true}""");

            Assert.Equal(200, status);
            var choices = body["choices"]!.AsArray();
            Assert.Equal([0, 1, 2], choices.Select(choice => (int)choice!["index"]!));
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal((string)expected[i]!["text"]!, (string)choices[i]!["text"]!);
                Assert.Equal((string)expected[i]!["finish_reason"]!, (string)choices[i]!["finish_reason"]!);
                Assert.Equal(expected[i]!["ids"]!.ToJsonString(), choices[i]!["token_ids"]!.ToJsonString());
                Assert.Equal($"[{ids}]", choices[i]!["prompt_token_ids"]!.ToJsonString());
                var logProbs = choices[i]!["logprobs"]!;
                Assert.Equal(expected[i]!["log_probs"]!.ToJsonString(), logProbs["token_logprobs"]!.ToJsonString());
                Assert.Equal(expected[i]!["ids"]!.AsArray().Count, logProbs["tokens"]!.AsArray().Count);
                Assert.All(logProbs["top_logprobs"]!.AsArray(), top => Assert.InRange(top!.AsObject().Count, 1, 2));
            }

            Assert.Equal(expected.Sum(one => one!["ids"]!.AsArray().Count), (int)body["usage"]!["completion_tokens"]!);
            Assert.Equal(7, (int)body["seed"]!);
        }
    }

    [Fact]
    public async Task Generate_TokenIds_AreThoseOfCompletions()
    {
        await using var server = await RunningServer.StartAsync();
        var ids = string.Join(",", server.Model.TextTokens("How many"));
        var (_, expected) = await server.PostAsync(
            Completions, $$"""{"prompt": [{{ids}}], "seed": 7, "max_tokens": 30, "n": 2, "temperature": 0.7, "logprobs": 0, "return_token_ids": true}""");

        var (status, body) = await server.PostAsync(
            "/inference/v1/generate",
            $$$"""{"token_ids": [{{{ids}}}], "sampling_params": {"seed": 7, "max_tokens": 30, "n": 2, "temperature": 0.7, "logprobs": 2}}""");

        Assert.Equal(200, status);
        Assert.StartsWith("generate-tokens-", (string)body["request_id"]!, StringComparison.Ordinal);
        for (var i = 0; i < 2; i++)
        {
            var (choice, like) = (body["choices"]![i]!, expected["choices"]![i]!);
            Assert.Equal(like["token_ids"]!.ToJsonString(), choice["token_ids"]!.ToJsonString());
            Assert.Equal((string)like["finish_reason"]!, (string)choice["finish_reason"]!);
            var content = choice["logprobs"]!["content"]!.AsArray();
            Assert.Equal(like["token_ids"]!.ToJsonString(), new JsonArray([.. content.Select(one => one!["token_id"]!.DeepClone())]).ToJsonString());
            Assert.Equal(like["logprobs"]!["token_logprobs"]!.ToJsonString(), new JsonArray([.. content.Select(one => one!["logprob"]!.DeepClone())]).ToJsonString());
            Assert.All(content, one => Assert.InRange(one!["top_logprobs"]!.AsArray().Count, 1, 2));
            Assert.False(choice.AsObject().ContainsKey("text"));
        }
    }

    [Theory]
    [InlineData("{}", "there are no token_ids")]
    [InlineData("""{"token_ids": [1, "a"]}""", "'token_ids' is")]
    [InlineData("""{"token_ids": [1], "stream": true}""", "'stream' is true, which this server cannot do")]
    [InlineData("""{"token_ids": [1], "features": {}}""", "there is no field 'features'")]
    [InlineData("""{"token_ids": [1], "sampling_params": {"topp": 1}}""", "there is no field 'topp'")]
    [InlineData("""{"token_ids": [1], "sampling_params": 3}""", "'sampling_params' is 3: it must be an object")]
    [InlineData("""{"token_ids": [999]}""", "outside the model's vocabulary")]
    public async Task Generate_WrongRequest_IsRefused(string request, string expected)
    {
        await using var server = await RunningServer.StartAsync();

        var (status, body) = await server.PostAsync("/inference/v1/generate", request);

        Assert.Equal(400, status);
        Assert.Contains(expected, (string)body["error"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Completions_SeveralPrompts_EachHasItsChoices()
    {
        await using var server = await RunningServer.StartAsync();

        var (_, body) = await server.PostAsync(Completions, """{"prompt": ["How many", "one and"], "seed": 3, "max_tokens": 12, "n": 2}""");

        foreach (var (first, prompt) in new[] { (0, "How many"), (2, "one and") })
        {
            var expected = await server.GenerateAsync("--prompt", prompt, "--raw", "--seed", "3", "--max-tokens", "12", "--samples", "2");
            Assert.Equal(
                expected.Select(one => (string)one!["text"]!),
                body["choices"]!.AsArray().Skip(first).Take(2).Select(choice => (string)choice!["text"]!));
        }
    }

    [Fact]
    public async Task Chat_StreamOfSeveral_IsTheWholeAnswerInPieces()
    {
        await using var server = await RunningServer.StartAsync();
        const string Ask = """
            "messages": [{"role": "user", "content": [{"type": "text", "text": "How "}, {"type": "text", "text": "many?"}]}],
            "seed": 4, "max_completion_tokens": 25, "n": 3, "logprobs": true, "top_logprobs": 2, "return_token_ids": true
            """;
        var (_, whole) = await server.PostAsync(Chat, $"{{{Ask}}}");

        var events = await server.EventsAsync(Chat, $$"""{ {{Ask}}, "stream": true, "stream_options": {"include_usage": true} }""");

        Assert.Equal("[DONE]", events[^1]);
        var last = JsonNode.Parse(events[^2])!;
        Assert.Empty(last["choices"]!.AsArray());
        Assert.Equal(whole["usage"]!.ToJsonString(), last["usage"]!.ToJsonString());
        var pieces = events[..^2].Select(one => JsonNode.Parse(one)!["choices"]![0]!).ToArray();
        for (var i = 0; i < 3; i++)
        {
            var own = pieces.Where(piece => (int)piece["index"]! == i).ToArray();
            var choice = whole["choices"]![i]!;
            Assert.Equal(
                choice["token_ids"]!.ToJsonString(), new JsonArray([.. own.SelectMany(piece => piece["token_ids"]!.AsArray()).Select(id => id!.DeepClone())]).ToJsonString());
            Assert.Equal(
                choice["logprobs"]!["content"]!.ToJsonString(),
                new JsonArray([.. own.SelectMany(piece => piece["logprobs"]!["content"]!.AsArray()).Select(one => one!.DeepClone())]).ToJsonString());
            Assert.Equal("assistant", (string)own[0]["delta"]!["role"]!);
            Assert.All(own[1..], piece => Assert.Null(piece["delta"]!["role"]));
            Assert.All(own[..^1], piece => Assert.Null(piece["finish_reason"]));
            Assert.Equal((string)choice["finish_reason"]!, (string)own[^1]["finish_reason"]!);
        }
    }

    [Fact]
    public async Task Chat_WithoutASeed_SaysTheOneItTook()
    {
        await using var server = await RunningServer.StartAsync();
        const string Ask = """ "messages": [{"role": "user", "content": "How many?"}], "max_tokens": 20 """;

        var (_, first) = await server.PostAsync(Chat, $"{{{Ask}}}");
        var (_, other) = await server.PostAsync(Chat, $"{{{Ask}}}");
        var (_, again) = await server.PostAsync(Chat, $$"""{ {{Ask}}, "seed": {{first["seed"]}} }""");

        Assert.NotEqual((long)first["seed"]!, (long)other["seed"]!);
        Assert.Equal(first["choices"]!.ToJsonString(), again["choices"]!.ToJsonString());
    }

    [Theory]
    [InlineData(Chat, "{", 400, null, "no JSON")]
    [InlineData(Chat, "[]", 400, null, "must be a JSON object")]
    [InlineData(Chat, "{\"messages\": []}", 400, "messages", "no messages")]
    [InlineData(Chat, "{\"messages\": 3}", 400, "messages", "'messages' is 3: it must be an array")]
    [InlineData(Chat, "{\"messages\": [3]}", 400, "messages[0]", "must be an object")]
    [InlineData(Chat, "{\"messages\": [{\"content\": \"a\"}]}", 400, "messages[0].role", "has no role")]
    [InlineData(Chat, "{\"messages\": [{\"role\": \"user\"}]}", 400, "messages[0].content", "has no content")]
    [InlineData(Chat, "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"image_url\"}]}]}", 400, "messages[0].content", "parts of type text")]
    [InlineData(Chat, "{M, \"temprature\": 1}", 400, "temprature", "there is no field 'temprature'")]
    [InlineData(Chat, "{M, \"temperature\": \"hot\"}", 400, "temperature", "must be a number")]
    [InlineData(Chat, "{M, \"temperature\": -1}", 400, "temperature", "temperature is -1")]
    [InlineData(Chat, "{M, \"top_p\": 0}", 400, "top_p", "top-p is 0")]
    [InlineData(Chat, "{M, \"top_k\": 1.5}", 400, "top_k", "must be a whole number")]
    [InlineData(Chat, "{M, \"n\": 0}", 400, "n", "'n' is 0: it must be from 1 to 128")]
    [InlineData(Chat, "{M, \"n\": 129}", 400, "n", "from 1 to 128")]
    [InlineData(Chat, "{M, \"max_tokens\": 0}", 400, "max_tokens", "must be from 1")]
    [InlineData(Chat, "{M, \"max_tokens\": 399}", 400, "max_tokens", "more than the context of 400")]
    [InlineData(Chat, "{M, \"max_tokens\": 9, \"max_completion_tokens\": 9}", 400, "max_tokens", "give one")]
    [InlineData(Chat, "{M, \"top_logprobs\": 3}", 400, "top_logprobs", "'logprobs' is not true")]
    [InlineData(Chat, "{M, \"logprobs\": true, \"top_logprobs\": 21}", 400, "top_logprobs", "from 0 to 20")]
    [InlineData(Chat, "{M, \"stop\": [\"\"]}", 400, "stop", "none may be empty")]
    [InlineData(Chat, "{M, \"presence_penalty\": 0.5}", 400, "presence_penalty", "cannot do")]
    [InlineData(Chat, "{M, \"tools\": [{}]}", 400, "tools", "cannot do")]
    [InlineData(Chat, "{M, \"response_format\": {\"type\": \"json_object\"}}", 400, "response_format", "cannot do")]
    [InlineData(Chat, "{M, \"stream_options\": {\"include_usage\": true}}", 400, "stream_options", "left out where stream is false")]
    [InlineData(Chat, "{M, \"n\": 1, \"n\": 2}", 400, null, "no JSON")]
    [InlineData(Chat, "{M, \"model\": \"gpt-4\"}", 404, "model", "there is no model 'gpt-4' here: this server has 'model'")]
    [InlineData(Chat, "{\"messages\": [{\"role\": \"user\", \"content\": \"\\ud800\"}]}", 400, "messages[0].content", "surrogate")]
    [InlineData(Completions, "{}", 400, "prompt", "no prompt")]
    [InlineData(Completions, "{\"prompt\": []}", 400, "prompt", "none may be empty")]
    [InlineData(Completions, "{\"prompt\": [300]}", 400, null, "token 300, outside the model's vocabulary of 300")]
    [InlineData(Completions, "{\"prompt\": [-1]}", 400, "prompt", "from 0 to")]
    [InlineData(Completions, "{\"prompt\": \"a\", \"echo\": true}", 400, "echo", "cannot do")]
    [InlineData(Completions, "{\"prompt\": [\"a\", \"b\"], \"n\": 65}", 400, "n", "more than the 128")]
    [InlineData("/v1/embeddings", "{}", 404, null, "there is no POST /v1/embeddings here")]
    public async Task Post_Wrong_IsRefusedInOpenAIsShape(string path, string body, int status, string? field, string expected)
    {
        await using var server = await RunningServer.StartAsync();

        var (answered, answer) = await server.PostAsync(
            path, body.Replace("{M,", "{\"messages\": [{\"role\": \"user\", \"content\": \"How many?\"}],", StringComparison.Ordinal));

        Assert.Equal(status, answered);
        Assert.Contains(expected, (string)answer["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(field, (string?)answer["error"]!["param"]);
        Assert.Equal("invalid_request_error", (string)answer["error"]!["type"]!);
    }

    [Fact]
    public async Task Post_WhatChangesNothing_IsTaken()
    {
        await using var server = await RunningServer.StartAsync();

        var (status, _) = await server.PostAsync(Chat, """
            {"messages": [{"role": "developer", "content": "Be kind."}, {"role": "user", "content": "How many?", "name": "Tom"}], "model": "model",
             "user": "tom", "metadata": {"a": "b"}, "store": false, "presence_penalty": 0, "frequency_penalty": 0.0, "logit_bias": {}, "tools": [],
             "response_format": {"type": "text"}, "stop": null, "top_k": -1, "min_p": 0, "max_tokens": 3, "seed": -5}
            """);

        Assert.Equal(200, status);
    }

    [Fact]
    public async Task Post_OtherContentHostOrSize_IsRefused()
    {
        await using var server = await RunningServer.StartAsync(options: new ServerOptions { MaxBody = 2000 });

        using var text = await server.Http.PostAsync(Chat, new StringContent("{}", Encoding.UTF8, "text/plain"));
        var (size, large) = await server.PostAsync(Chat, $$"""{"messages": "{{new string('a', 3000)}}"}""");
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { Host = "evil.example" } };
        using var refused = await server.Http.SendAsync(rebound);
        using var read = await server.Http.GetAsync(Chat);

        Assert.Equal(415, (int)text.StatusCode);
        Assert.Equal(413, size);
        Assert.Contains("larger than this server takes", (string)large["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal(403, (int)refused.StatusCode);
        Assert.Equal(404, (int)read.StatusCode);
    }

    [Fact]
    public async Task Post_FullQueue_IsToldToComeAgain()
    {
        await using var server = await RunningServer.StartAsync(new ServingOptions { Slots = 1, Queue = 1 });
        const string Long = """{"prompt": "How", "max_tokens": 390, "ignore_eos": true, "n": 2}""";
        using var stop = new CancellationTokenSource();
        var busy = Enumerable.Range(0, 4).Select(async _ =>
        {
            try
            {
                using var response = await server.Http.PostAsync(Completions, new StringContent(Long, Encoding.UTF8, "application/json"), stop.Token);
                return ((int)response.StatusCode, response.Headers.RetryAfter);
            }
            catch (OperationCanceledException)
            {
                return (0, null);
            }
        }).ToArray();

        var first = await await Task.WhenAny(busy);
        await stop.CancelAsync();
        await Task.WhenAll(busy);

        Assert.Equal(429, first.Item1);
        Assert.Equal(RetryConditionHeaderValue.Parse("1"), first.Item2);
    }

    [Fact]
    public async Task Post_ClientsThatGoAway_FreeTheirPlaces()
    {
        await using var server = await RunningServer.StartAsync(new ServingOptions { Slots = 2, Queue = 100 });
        var gone = Enumerable.Range(0, 20).Select(async i =>
        {
            using var leave = new CancellationTokenSource(TimeSpan.FromMilliseconds(30 + i));
            var stream = i % 2 == 0 ? ", \"stream\": true" : "";
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, Completions)
                {
                    Content = new StringContent($$"""{"prompt": "How", "max_tokens": 390, "ignore_eos": true, "n": 4{{stream}}}""", Encoding.UTF8, "application/json"),
                };
                using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leave.Token);
                await response.Content.ReadAsStringAsync(leave.Token);
            }
            catch (OperationCanceledException)
            {
                return true;
            }

            return false;
        });

        Assert.Contains(true, await Task.WhenAll(gone));
        var (status, _) = await server.PostAsync(Completions, """{"prompt": "How", "max_tokens": 5}""");
        Assert.Equal(200, status);
        JsonNode health;
        do
        {
            // The server learns of a closed connection a moment later.
            await Task.Delay(20);
            health = JsonNode.Parse(await server.Http.GetStringAsync("/health"))!;
        }
        while ((int)health["waiting"]! + (int)health["active"]! > 0);

        Assert.True((long)health["tokens"]! < 20 * 4 * 390, $"{health["tokens"]} tokens were drawn for nobody");
    }

    [Fact]
    public async Task Stop_Grace_FinishesAnswersAndRefusesNewOnes()
    {
        await using var server = await RunningServer.StartAsync(new ServingOptions { Slots = 2 });
        using var request = new HttpRequestMessage(HttpMethod.Post, Completions)
        {
            Content = new StringContent("""{"prompt": "How", "max_tokens": 200, "ignore_eos": true, "stream": true}""", Encoding.UTF8, "application/json"),
        };
        using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        var stopping = server.StopAsync(TimeSpan.FromMinutes(5));
        var text = await response.Content.ReadAsStringAsync();
        await stopping;

        Assert.EndsWith("data: [DONE]\n\n", text, StringComparison.Ordinal);
        Assert.Contains("\"finish_reason\":\"length\"", text, StringComparison.Ordinal);
        Assert.Throws<ServingException>(() => server.Model.Begin([]));
    }

    [Fact]
    public async Task Stop_NoGrace_EndsStreamsWithAnError()
    {
        await using var server = await RunningServer.StartAsync(new ServingOptions { Slots = 1 });
        using var request = new HttpRequestMessage(HttpMethod.Post, Completions)
        {
            Content = new StringContent("""{"prompt": "How", "max_tokens": 390, "ignore_eos": true, "stream": true, "n": 50}""", Encoding.UTF8, "application/json"),
        };
        using var response = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);

        await server.StopAsync(TimeSpan.Zero);
        var text = await response.Content.ReadAsStringAsync();

        var last = JsonNode.Parse(text.TrimEnd().Split("\n\n")[^1]["data: ".Length..])!;
        Assert.Equal("stopping", (string)last["error"]!["code"]!);
    }
}
