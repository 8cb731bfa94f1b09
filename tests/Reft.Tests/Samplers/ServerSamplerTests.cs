using System.Text.Json.Nodes;
using Reft.Checkpoints;
using Reft.Generation;
using Reft.Samplers;
using Reft.Tests.Serving;
using Reft.Text;
using static TorchSharp.torch;

namespace Reft.Tests.Samplers;

/// <summary>Servers that answer wrongly, slowly, too late or not at all: each ends in a line that says so, or is asked again.</summary>
public sealed class ServerSamplerTests : IDisposable
{
    private const int Stop = 1;
    private readonly ChatFolder _folder = new();
    private readonly TemporaryFolder _weights = new();
    private readonly PretrainedModel _model;
    private readonly Tokenizer _tokenizer;
    private readonly int[] _prompt;

    public ServerSamplerTests()
    {
        _model = PretrainedModel.Load(_folder.Path, ScalarType.Float32, CPU);
        _tokenizer = Tokenizer.Load(_folder.Path);
        _prompt = _tokenizer.EncodePrompt("How many");
    }

    private int[] Tokens => [.. _tokenizer.EncodeResponse(_prompt, " apples and two"), Stop];

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
        _weights.Dispose();
    }

    [Fact]
    public async Task Draw_RightAnswers_AreTheCompletions()
    {
        await using var server = new CannedServer((path, _, _) => path == "/v1/models" ? Models() : new(200, Right().ToJsonString()));

        var drawn = Draw(server, requests: 5);

        Assert.Equal(5, drawn.Count);
        Assert.All(drawn, one => Assert.Equal(Tokens, one.Tokens));
        Assert.All(drawn, one => Assert.Equal(FinishReason.Stop, one.FinishReason));
        Assert.All(drawn, one => Assert.Equal(Tokens.Select(_ => -0.5f), one.LogProbs));
        var asked = server.Requests[^1].Body!;
        Assert.Equal(_prompt, asked["prompt"]!.AsArray().Select(id => (int)id!));
        Assert.Equal(0.75, (double)asked["temperature"]!);
        Assert.Equal(1.0, (double)asked["top_p"]!);
        Assert.Equal(-1, (int)asked["top_k"]!);
        Assert.Equal(0.0, (double)asked["min_p"]!);
        Assert.Equal(1.0, (double)asked["repetition_penalty"]!);
        Assert.Equal(20, (int)asked["max_tokens"]!);
        Assert.True((bool)asked["return_token_ids"]!);
        Assert.True((bool)asked["ignore_eos"]!);
        Assert.Equal([Stop], asked["stop_token_ids"]!.AsArray().Select(id => (int)id!));
        Assert.Equal(5, server.Requests.Where(request => request.Body is not null).Select(request => (long)request.Body!["seed"]!).Distinct().Count());
    }

    public static TheoryData<string, string> Faults => new()
    {
        { "no token ids", "has no token ids" },
        { "retokenised", "and 5 log-probabilities" },
        { "other text", "its tokens read" },
        { "other prompt", "the prompt was read as other tokens (token 0 is 7, not" },
        { "longer prompt", "the prompt was read as other tokens" },
        { "no logprobs", "has no log-probabilities" },
        { "one logprob fewer", "log-probabilities: the tokens may have been read back" },
        { "null logprob", "the log-probability of token 1 is NaN" },
        { "positive logprob", "the log-probability of token 1 is 0.25" },
        { "outside", "is 300, outside the vocabulary of 300" },
        { "negative", "is -1, outside the vocabulary of 300" },
        { "no tokens", "the answer has no tokens" },
        { "too many", "20 were asked for at most" },
        { "goes on", "goes on behind token 1, which ends it" },
        { "stops early", "which is none that ends it" },
        { "cut short", "the server's context is shorter" },
        { "other model", "the answer is of model 'gpt-2', and 'toy' was asked" },
        { "old weights", "weights 'v000000-000000000000' drew the answer" },
        { "two choices", "there are 2 choices" },
        { "no choices", "there are 0 choices" },
        { "text for a number", "the answer is not as it must be" },
        { "no json", "answers no JSON" },
        { "no object", "answers no object" },
        { "400", "answers 400 Said: top_k must be positive" },
        { "401", "answers 401 Said: wrong key" },
        { "404", "answers 404 Said" },
        { "302", "answers 302 Said" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task Draw_WrongAnswer_EndsInOneLineThatNamesIt(string kind, string expected)
    {
        await using var server = new CannedServer((path, _, _) => path == "/v1/models" ? Models()
            : path.StartsWith("/update", StringComparison.Ordinal) ? new(200, """{"success": true}""")
            : Wrong(kind));

        var error = Assert.Throws<InputException>(() => Draw(server, with: kind == "old weights" ? Publishing(server) : null));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.StartsWith($"rollouts.server {server.Url}/v1/completions: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Single(server.Requests, request => request.Path == "/v1/completions");
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(408)]
    public async Task Draw_PassingFaults_AreAskedAgain(int status)
    {
        await using var server = new CannedServer((path, _, asked) => path == "/v1/models" ? Models()
            : asked < 2 ? new(status, """{"error": {"message": "later"}}""") { Headers = "Retry-After: 0\r\n" }
            : new(200, Right().ToJsonString()));

        var drawn = Draw(server);

        Assert.Equal(Tokens, Assert.Single(drawn).Tokens);
        var seeds = server.Requests.Where(request => request.Path == "/v1/completions").Select(request => (long)request.Body!["seed"]!).ToArray();
        Assert.Equal(3, seeds.Length);
        Assert.Single(seeds.Distinct());
    }

    [Theory]
    [InlineData(429, "answers 429 Said: later; asked 3 times")]
    [InlineData(500, "answers 500 Said: later; asked 3 times")]
    public async Task Draw_FaultsThatDoNotPass_EndInOneLine(int status, string expected)
    {
        await using var server = new CannedServer((path, _, _) => path == "/v1/models" ? Models() : new(status, """{"error": {"message": "later"}}"""));

        var error = Assert.Throws<InputException>(() => Draw(server));

        Assert.EndsWith(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Draw_CutInTheMiddleOfTheBody_IsAskedAgain()
    {
        await using var server = new CannedServer((path, _, asked) => path == "/v1/models" ? Models() : new(200, Right().ToJsonString()) { IsCut = asked == 0 });

        Assert.Equal(Tokens, Assert.Single(Draw(server)).Tokens);
        Assert.Equal(2, server.Requests.Count(request => request.Path == "/v1/completions"));
    }

    [Fact]
    public async Task Draw_AlwaysCut_EndsInOneLine()
    {
        await using var server = new CannedServer((path, _, _) => path == "/v1/models" ? Models() : new(200, Right().ToJsonString()) { IsCut = true });

        var error = Assert.Throws<InputException>(() => Draw(server));

        Assert.Contains("asked 3 times", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Draw_TooSlow_EndsInOneLine()
    {
        await using var server = new CannedServer((path, _, _) => path == "/v1/models" ? Models() : new(200, Right().ToJsonString()) { After = 4 });

        var error = Assert.Throws<InputException>(() => Draw(server, with: Of(server.Url) with { TimeoutSeconds = 1, Retries = 1 }));

        Assert.EndsWith("has not answered within 1 s; asked 2 times", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Draw_NobodyThere_EndsInOneLine()
    {
        var server = new CannedServer((_, _, _) => Models());
        var url = server.Url;
        await server.DisposeAsync();

        var error = Assert.Throws<InputException>(() => Draw(Of(url)));

        Assert.Contains("/v1/models: does not answer (", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("; asked 3 times", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Draw_ServerWithOtherModels_SaysWhichThereAre()
    {
        await using var server = new CannedServer((_, _, _) => new(200, """{"data": [{"id": "gpt-2"}, {"id": "gpt-3"}]}"""));

        var error = Assert.Throws<InputException>(() => Draw(server));

        Assert.Contains("has no model 'toy', but 'gpt-2', 'gpt-3'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Begin_WeightsRefused_EndsInOneLine()
    {
        await using var server = new CannedServer((path, _, _) => path == "/v1/models" ? Models() : new(200, """{"success": false, "message": "no such file"}"""));

        var error = Assert.Throws<InputException>(() => Draw(server, with: Publishing(server)));

        Assert.Contains("/update_weights_from_disk: did not put the weights in", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Begin_Vllm_CallsItsEndpointsInOrderOnceAStep()
    {
        await using var server = new CannedServer((path, body, _) => path == "/inference/v1/generate" ? new(200, Generated(body!).ToJsonString()) : new(200, "{}"));
        using var sampler = Sampler(Publishing(server) with { Publish = WeightRoute.Vllm, Dialect = SamplerDialect.VllmGenerate });

        foreach (var step in new[] { 4, 4, 5 })
        {
            sampler.Begin(step, TestContext.Current.CancellationToken);
            Assert.Equal(Tokens, Assert.Single(sampler.Draw(Requests(1), Sampling(), (ulong)step, (_, _) => { }, TestContext.Current.CancellationToken)).Tokens);
        }

        string[] update = ["/pause?mode=wait", "/start_weight_update", "/update_weights", "/finish_weight_update", "/resume"];
        const string Generate = "/inference/v1/generate";
        Assert.Equal([.. update, Generate, Generate, .. update, Generate], server.Requests.Select(request => request.Path));
        var folder = Assert.Single(Directory.GetDirectories(_weights.Path));
        Assert.Equal(folder, (string)server.Requests[^4].Body!["update_info"]!["path"]!);
        Assert.Equal(Path.GetFileName(folder), (string)server.Requests[^3].Body!["weight_version"]!);
        Assert.StartsWith("v000005-", Path.GetFileName(folder), StringComparison.Ordinal);
        using var published = PretrainedModel.Load(folder, ScalarType.Float32, CPU);
        Assert.All(published.Decoder.Parameters.Zip(_model.Decoder.Parameters), pair => Assert.True(pair.First.Value.eq(pair.Second.Value).all().item<bool>()));

        JsonObject Generated(JsonObject ask)
        {
            Assert.Equal(_prompt, ask["token_ids"]!.AsArray().Select(id => (int)id!));
            Assert.Equal(1.0, (double)ask["sampling_params"]!["top_p"]!);
            return new()
            {
                ["choices"] = new JsonArray(new JsonObject
                {
                    ["index"] = 0,
                    ["token_ids"] = Ids(Tokens),
                    ["finish_reason"] = "stop",
                    ["logprobs"] = new JsonObject
                    {
                        ["content"] = new JsonArray([.. Tokens.Select(id => new JsonObject { ["token_id"] = id, ["logprob"] = -0.5 })]),
                    },
                    ["weight_versions"] = new JsonArray(new JsonObject
                    {
                        ["version"] = Path.GetFileName(Directory.GetDirectories(_weights.Path).Single()),
                        ["start"] = 0,
                        ["end"] = Tokens.Length,
                    }),
                }),
            };
        }
    }

    [Fact]
    public async Task Draw_Sglang_ReadsItsPairs()
    {
        await using var server = new CannedServer((path, _, _) => path != "/generate" ? new(404, "{}") : new(200, new JsonObject
        {
            ["text"] = _tokenizer.DecodeResponse(_prompt, Tokens),
            ["output_ids"] = Ids(Tokens),
            ["meta_info"] = new JsonObject
            {
                ["finish_reason"] = new JsonObject { ["type"] = "stop" },
                ["output_token_logprobs"] = new JsonArray([.. Tokens.Select(id => new JsonArray(-0.5, id, null))]),
                ["weight_version"] = "default",
            },
        }.ToJsonString()));

        var drawn = Assert.Single(Draw(server, with: Of(server.Url) with { Dialect = SamplerDialect.SglangGenerate }));

        Assert.Equal(Tokens, drawn.Tokens);
        Assert.Equal(Tokens.Select(_ => -0.5f), drawn.LogProbs);
        var asked = server.Requests[^1].Body!;
        Assert.Equal(_prompt, asked["input_ids"]!.AsArray().Select(id => (int)id!));
        Assert.Equal(20, (int)asked["sampling_params"]!["max_new_tokens"]!);
        Assert.True((bool)asked["return_logprob"]!);
    }

    [Fact]
    public async Task Draw_Key_IsSentAndAnEmptyOneRefused()
    {
        const string Name = "REFT_TEST_SAMPLER_KEY";
        await using var server = new CannedServer((path, _, _) => path == "/v1/models" ? Models() : new(200, Right().ToJsonString()));

        Assert.Contains(Name + ", which is empty", Assert.Throws<InputException>(
            () => Draw(server, with: Of(server.Url) with { KeyVariable = Name })).Message, StringComparison.Ordinal);
        Environment.SetEnvironmentVariable(Name, "secret");
        Draw(server, with: Of(server.Url) with { KeyVariable = Name });

        Assert.All(server.Requests, request => Assert.Contains("Authorization: Bearer secret\r\n", request.Head, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(5, 1.0, 0.0)]
    [InlineData(0, 0.9, 0.0)]
    [InlineData(0, 1.0, 0.1)]
    public async Task Draw_WithFilters_IsRefused(int topK, double topP, double minP)
    {
        await using var server = new CannedServer((_, _, _) => Models());
        using var sampler = Sampler(Of(server.Url));

        var error = Assert.Throws<InputException>(() => sampler.Draw(
            Requests(1), Sampling() with { TopK = topK, TopP = topP, MinP = minP }, 0, (_, _) => { }, TestContext.Current.CancellationToken));

        Assert.Contains("without top-k, top-p and min-p", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    private Canned Wrong(string kind)
    {
        var right = Right();
        var choice = right["choices"]![0]!.AsObject();
        var logProbs = choice["logprobs"]!.AsObject();
        switch (kind)
        {
            case "no token ids": choice.Remove("token_ids"); break;
            case "retokenised": choice["token_ids"] = Ids([Tokens[0], .. Tokens]); logProbs["token_logprobs"] = new JsonArray(-1, -1, -1, -1, -1); break;
            case "other text": choice["text"] = " pears and three"; break;
            case "other prompt": choice["prompt_token_ids"] = Ids([7, .. _prompt[1..]]); break;
            case "longer prompt": choice["prompt_token_ids"] = Ids([0, .. _prompt]); break;
            case "no logprobs": choice["logprobs"] = null; break;
            case "one logprob fewer": logProbs["token_logprobs"]!.AsArray().RemoveAt(0); break;
            case "null logprob": logProbs["token_logprobs"]![1] = null; break;
            case "positive logprob": logProbs["token_logprobs"]![1] = 0.25; break;
            case "outside": choice["token_ids"]![0] = 300; break;
            case "negative": choice["token_ids"]![0] = -1; break;
            case "no tokens": choice["token_ids"] = new JsonArray(); break;
            case "too many": choice["token_ids"] = Ids([.. Enumerable.Repeat(Tokens[0], 21)]); break;
            case "goes on": choice["token_ids"] = Ids([Stop, .. Tokens[1..]]); break;
            case "stops early": choice["token_ids"] = Ids([.. Tokens[..^1], Tokens[0]]); break;
            case "cut short": choice["token_ids"] = Ids([.. Tokens[..^1], Tokens[0]]); choice["finish_reason"] = "length"; break;
            case "other model": right["model"] = "gpt-2"; break;
            case "old weights": choice["weight_version"] = "v000000-000000000000"; break;
            case "two choices": right["choices"]!.AsArray().Add(choice.DeepClone()); break;
            case "no choices": right["choices"] = new JsonArray(); break;
            case "text for a number": choice["token_ids"]![0] = "one"; break;
            case "no json": return new(200, "<html>hello</html>");
            case "no object": return new(200, "[]");
            case "400": return new(400, """{"error": {"message": "top_k must be positive"}}""");
            case "401": return new(401, """{"error": {"message": "wrong key"}}""");
            case "404": return new(404, """{"detail": "Not Found"}""");
            case "302": return new(302, "") { Headers = "Location: http://127.0.0.1:1/\r\n" };
            default: throw new ArgumentException(kind, nameof(kind));
        }

        return new(200, right.ToJsonString());
    }

    private JsonObject Right() => new()
    {
        ["model"] = "toy",
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["text"] = _tokenizer.DecodeResponse(_prompt, Tokens),
            ["finish_reason"] = "stop",
            ["token_ids"] = Ids(Tokens),
            ["prompt_token_ids"] = Ids(_prompt),
            ["logprobs"] = new JsonObject { ["token_logprobs"] = new JsonArray([.. Tokens.Select(_ => JsonValue.Create(-0.5))]) },
        }),
    };

    private static Canned Models() => new(200, """{"data": [{"id": "toy"}]}""");

    private static JsonArray Ids(int[] ids) => new([.. ids.Select(id => JsonValue.Create(id))]);

    private static SamplingServer Of(string url) => new() { Url = url, Model = "toy", Publish = WeightRoute.None, AcceptsStale = true, Retries = 2 };

    private SamplingServer Publishing(CannedServer server) =>
        Of(server.Url) with { Publish = WeightRoute.Sglang, AcceptsStale = false, Folder = _weights.Path };

    private ServerSampler Sampler(SamplingServer server) => new(server, _model.Decoder, _tokenizer, _model.Save, TimeSpan.FromMilliseconds(5));

    private IReadOnlyList<Completion> Draw(CannedServer server, int requests = 1, SamplingServer? with = null) => Draw(with ?? Of(server.Url), requests);

    private IReadOnlyList<Completion> Draw(SamplingServer server, int requests = 1)
    {
        using var sampler = Sampler(server);
        sampler.Begin(3, TestContext.Current.CancellationToken);
        return sampler.Draw(Requests(requests), Sampling(), 3, (_, _) => { }, TestContext.Current.CancellationToken);
    }

    private GenerationRequest[] Requests(int count) => [.. Enumerable.Range(0, count).Select(i => new GenerationRequest(9, i, _prompt))];

    private static SamplingOptions Sampling() => new()
    {
        Temperature = 0.75,
        TopK = 0,
        TopP = 1,
        MinP = 0,
        MaxTokens = 20,
        StopTokens = [Stop],
        Seed = 5,
        ScoresUnfiltered = true,
    };
}
