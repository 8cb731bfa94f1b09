using System.Text.Json.Nodes;
using Reft.Checkpoints;
using Reft.Server;
using Reft.Serving;
using Reft.Tests.Serving;
using static TorchSharp.torch;

namespace Reft.Tests.Server;

/// <summary>Weights that are put in while the server runs.</summary>
public sealed class WeightsEndpointTests
{
    private const string Route = "/update_weights_from_disk";
    private const string Ask = """{"prompt": "How many", "seed": 7, "max_tokens": 24, "temperature": 1, "logprobs": 0, "return_token_ids": true}""";

    [Fact]
    public async Task Update_OtherWeights_AnswersAreThoseOfAServerThatStartedWithThem()
    {
        using var weights = new TemporaryFolder();
        await using var server = await RunningServer.StartAsync(options: new ServerOptions { WeightsFrom = weights.Path });
        var folder = Other(server.Folder, weights["v000001"], model => Scale(model, 0.5));
        var (_, before) = await server.PostAsync("/v1/completions", Ask);

        var (status, done) = await server.PostAsync(Route, $$"""{"model_path": "{{folder}}", "weight_version": "v000001"}""");
        var (_, after) = await server.PostAsync("/v1/completions", Ask);

        Assert.Equal(200, status);
        Assert.True((bool)done["success"]!);
        Assert.Equal("default", (string)before["choices"]![0]!["weight_version"]!);
        Assert.Equal("v000001", (string)after["choices"]![0]!["weight_version"]!);
        using var model = ServedModel.Load(folder);
        await using var fresh = await ReftServer.StartAsync(model, new ServerOptions(), "127.0.0.1", 0);
        using var http = new HttpClient { BaseAddress = new Uri(fresh.Address) };
        using var answer = await http.PostAsync(
            "/v1/completions", new StringContent(Ask, System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        var expected = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["choices"]![0]!.AsObject();
        Assert.Equal(expected["logprobs"]!.ToJsonString(), after["choices"]![0]!["logprobs"]!.ToJsonString());
        Assert.NotEqual(before["choices"]![0]!["logprobs"]!.ToJsonString(), after["choices"]![0]!["logprobs"]!.ToJsonString());
        Assert.False(expected.ContainsKey("weight_version"));
    }

    [Fact]
    public async Task Update_WhileCompletionsAreDecoded_EachIsOfOneVersionAndItsLogProbsSaySo()
    {
        using var weights = new TemporaryFolder();
        await using var server = await RunningServer.StartAsync(
            new ServingOptions { Slots = 2 }, new ServerOptions { WeightsFrom = weights.Path });
        var folder = Other(server.Folder, weights["v000001"], model => Scale(model, 0.5));
        const string Long = """{"prompt": "How many", "seed": SEED, "max_tokens": 200, "ignore_eos": true, "logprobs": 0, "return_token_ids": true}""";

        var asked = Enumerable.Range(0, 8).Select(i => server.PostAsync("/v1/completions", Long.Replace("SEED", $"{i}", StringComparison.Ordinal))).ToArray();
        var update = server.PostAsync(Route, $$"""{"model_path": "{{folder}}", "weight_version": "v000001"}""");
        var answers = (await Task.WhenAll(asked)).Select(answer => answer.Body["choices"]![0]!).ToArray();

        Assert.Equal(200, (await update).Status);
        using var old = ServedModel.Load(server.Folder.Path);
        using var young = ServedModel.Load(folder);
        await using var oldServer = await ReftServer.StartAsync(old, new ServerOptions(), "127.0.0.1", 0);
        await using var youngServer = await ReftServer.StartAsync(young, new ServerOptions(), "127.0.0.1", 0);
        using var http = new HttpClient();
        for (var i = 0; i < answers.Length; i++)
        {
            var version = (string)answers[i]["weight_version"]!;
            Assert.Contains(version, (string[])["default", "v000001"]);
            using var answer = await http.PostAsync(
                $"{(version == "default" ? oldServer : youngServer).Address}/v1/completions",
                new StringContent(Long.Replace("SEED", $"{i}", StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/json"),
                TestContext.Current.CancellationToken);
            var expected = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["choices"]![0]!;
            Assert.Equal(expected["token_ids"]!.ToJsonString(), answers[i]["token_ids"]!.ToJsonString());
            Assert.Equal(expected["logprobs"]!.ToJsonString(), answers[i]["logprobs"]!.ToJsonString());
        }
    }

    [Fact]
    public async Task Update_NotAskedFor_IsNotThere()
    {
        await using var server = await RunningServer.StartAsync();

        var (status, _) = await server.PostAsync(Route, $$"""{"model_path": "{{server.Folder.Path}}"}""");

        Assert.Equal(404, status);
        Assert.False((await server.PostAsync("/v1/completions", Ask)).Body["choices"]![0]!.AsObject().ContainsKey("weight_version"));
    }

    [Fact]
    public async Task Update_WrongFolder_IsRefusedAndNothingChanges()
    {
        using var weights = new TemporaryFolder();
        using var elsewhere = new TemporaryFolder();
        await using var server = await RunningServer.StartAsync(options: new ServerOptions { WeightsFrom = weights.Path });
        var outside = Other(server.Folder, elsewhere["v000001"], model => Scale(model, 0.5));
        Directory.CreateSymbolicLink(weights["link"], outside);
        Directory.CreateDirectory(weights["empty"]);
        var wide = Other(server.Folder, weights["wide"], _ => { });
        var config = Path.Combine(wide, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("10000", "20000", StringComparison.Ordinal));
        var (_, before) = await server.PostAsync("/v1/completions", Ask);

        foreach (var (path, expected, words) in new[]
        {
            (outside, 403, "not within the folder"), (weights["link"], 403, "not within the folder"), (weights.Path, 403, "not within the folder"),
            (weights["empty/../../" + Path.GetFileName(elsewhere.Path) + "/v000001"], 403, "not within the folder"),
            (weights["none"], 400, "is no folder"), (weights["empty"], 400, "no such file"), (wide, 400, "'rope_theta' is 20000"),
        })
        {
            var (status, body) = await server.PostAsync(Route, new JsonObject { ["model_path"] = path }.ToJsonString());

            Assert.Equal(expected, status);
            Assert.Contains(words, (string)body["error"]!["message"]!, StringComparison.Ordinal);
        }

        Assert.Equal(400, (await server.PostAsync(Route, """{"weight_version": "v1"}""")).Status);
        Assert.Equal(400, (await server.PostAsync(Route, $$"""{"model_path": "{{wide}}", "load_format": "gguf"}""")).Status);
        var (_, after) = await server.PostAsync("/v1/completions", Ask);
        Assert.Equal(before["choices"]!.ToJsonString(), after["choices"]!.ToJsonString());
    }

    private static string Other(ChatFolder folder, string path, Action<PretrainedModel> change)
    {
        using var model = PretrainedModel.Load(folder.Path, ScalarType.Float32, CPU);
        change(model);
        model.Save(path);
        return path;
    }

    private static void Scale(PretrainedModel model, double factor)
    {
        using var frozen = no_grad();
        foreach (var parameter in model.Decoder.Parameters)
        {
            using var scope = NewDisposeScope();
            parameter.Value.mul_(factor);
            parameter.MarkChanged();
        }
    }
}
