using System.ClientModel;
using System.Text;
using OpenAI;
using OpenAI.Chat;
using Reft.Server;

#pragma warning disable OPENAI001 // Seed: the client marks it as one that may change.

namespace Reft.Tests.Server;

/// <summary>OpenAI's own client against the server; expected texts are those of <c>reft generate</c>.</summary>
public sealed class OpenAIClientTests
{
    private static readonly ChatCompletionOptions Options = new() { Seed = 5, MaxOutputTokenCount = 40, Temperature = 0.7f, TopP = 0.9f };

    private static readonly string[] Same =
        ["--prompt", "How many apples?", "--seed", "5", "--max-tokens", "40", "--temperature", "0.7", "--top-p", "0.9"];

    [Fact]
    public async Task CompleteChat_Seed_IsWhatGenerateGives()
    {
        await using var server = await RunningServer.StartAsync();
        var expected = (await server.GenerateAsync(Same))[0]!;

        ChatCompletion completion = await Client(server).CompleteChatAsync([new UserChatMessage("How many apples?")], Options);

        Assert.Equal((string)expected["text"]!, completion.Content[0].Text);
        Assert.Equal(ChatMessageRole.Assistant, completion.Role);
        Assert.Equal((string)expected["finish_reason"]! == "stop" ? ChatFinishReason.Stop : ChatFinishReason.Length, completion.FinishReason);
        Assert.Equal(expected["ids"]!.AsArray().Count, completion.Usage.OutputTokenCount);
        Assert.Equal(
            server.Model.ChatTokens([new("user", "How many apples?")]).Length, completion.Usage.InputTokenCount);
        Assert.Equal("model", completion.Model);
        Assert.StartsWith("chatcmpl-", completion.Id, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CompleteChatStreaming_Seed_IsWhatGeneratePrints()
    {
        await using var server = await RunningServer.StartAsync();
        var expected = await server.PrintAsync(Same);
        var (text, usage, finish, count) = (new StringBuilder(), (ChatTokenUsage?)null, (ChatFinishReason?)null, 0);

        await foreach (var update in Client(server).CompleteChatStreamingAsync([new UserChatMessage("How many apples?")], Options))
        {
            count++;
            text.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            usage = update.Usage ?? usage;
            finish = update.FinishReason ?? finish;
        }

        Assert.Equal(expected, text + Environment.NewLine);
        Assert.InRange(count, 3, 42);
        Assert.NotNull(finish);
        Assert.Equal((await server.GenerateAsync(Same))[0]!["ids"]!.AsArray().Count, usage!.OutputTokenCount);
    }

    [Fact]
    public async Task CompleteChat_LogProbabilities_AreThoseOfGenerate()
    {
        await using var server = await RunningServer.StartAsync();
        var expected = (await server.GenerateAsync(Same))[0]!["log_probs"]!.AsArray().Select(one => (float)one!);

        ChatCompletion completion = await Client(server).CompleteChatAsync(
            [new UserChatMessage("How many apples?")],
            new ChatCompletionOptions
            {
                Seed = 5,
                MaxOutputTokenCount = 40,
                Temperature = 0.7f,
                TopP = 0.9f,
                IncludeLogProbabilities = true,
                TopLogProbabilityCount = 4,
            });

        Assert.Equal(expected, completion.ContentTokenLogProbabilities.Select(one => one.LogProbability));
        Assert.All(completion.ContentTokenLogProbabilities, one =>
        {
            var tops = one.TopLogProbabilities.Select(top => top.LogProbability).ToArray();
            Assert.InRange(tops.Length, 1, 4);
            Assert.Equal(tops.OrderDescending(), tops);
            Assert.True(one.LogProbability <= tops[0]);
            Assert.True(tops.Sum(top => Math.Exp(top)) < 1 + 1e-5);
        });
    }

    [Fact]
    public async Task CompleteChat_Stop_EndsBeforeIt()
    {
        await using var server = await RunningServer.StartAsync();
        var whole = await server.PrintAsync(Same);
        var stop = System.Text.RegularExpressions.Regex.Match(whole[6..], "[A-Za-z]{2,}").Value;
        var options = new ChatCompletionOptions { Seed = 5, MaxOutputTokenCount = 40, Temperature = 0.7f, TopP = 0.9f };
        options.StopSequences.Add(stop);

        ChatCompletion completion = await Client(server).CompleteChatAsync([new UserChatMessage("How many apples?")], options);

        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], completion.Content[0].Text);
        Assert.Equal(ChatFinishReason.Stop, completion.FinishReason);
    }

    [Fact]
    public async Task GetModels_Server_NamesTheOne()
    {
        await using var server = await RunningServer.StartAsync();
        var models = new OpenAIClient(new ApiKeyCredential("any"), new OpenAIClientOptions { Endpoint = server.Endpoint }).GetOpenAIModelClient();

        Assert.Equal(["model"], (await models.GetModelsAsync()).Value.Select(model => model.Id));
        Assert.Equal("reft", (await models.GetModelAsync("model")).Value.OwnedBy);
    }

    [Fact]
    public async Task CompleteChat_Key_IsAskedFor()
    {
        await using var server = await RunningServer.StartAsync(options: new ServerOptions { Key = "secret" });

        ChatCompletion right = await Client(server, "secret").CompleteChatAsync([new UserChatMessage("How many?")], Options);
        var wrong = await Assert.ThrowsAsync<ClientResultException>(
            () => Client(server, "secre").CompleteChatAsync([new UserChatMessage("How many?")], Options));

        Assert.NotEmpty(right.Content);
        Assert.Equal(401, wrong.Status);
        Assert.Contains("wants its key", wrong.Message, StringComparison.Ordinal);
        Assert.Equal(401, (int)(await server.Http.GetAsync("/v1/models")).StatusCode);
        Assert.Equal(200, (int)(await server.Http.GetAsync("/health")).StatusCode);
    }

    private static ChatClient Client(RunningServer server, string key = "any") => new(
        "model", new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = server.Endpoint });
}
