using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Reft.Chat;
using Reft.Hosting;
using Reft.Serving;
using Reft.Tests.Serving;

namespace Reft.Tests.Chat;

/// <summary>The chat client; expected answers are those of <c>reft generate</c>.</summary>
public sealed class ReftChatClientTests : IDisposable
{
    private static readonly ChatOptions Options = new() { Seed = 5, MaxOutputTokens = 40, Temperature = 0.7f, TopP = 0.9f, TopK = 60 };

    private readonly ChatFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task GetResponse_Seed_IsWhatGenerateGives()
    {
        await using var client = ReftChatClient.Load(_folder.Path);
        var expected = JsonNode.Parse(await GenerateAsync("--json"))!;
        var completion = expected["completions"]![0]!;
        var ids = completion["ids"]!.AsArray().Select(id => (int)id!).ToArray();

        var response = await client.GetResponseAsync("How many apples?", Options);

        Assert.Equal((string)completion["text"]!, response.Text);
        Assert.Equal((string)completion["finish_reason"]!, response.FinishReason!.Value.Value);
        Assert.Equal(ids, Assert.IsType<int[]>(response.AdditionalProperties!["token_ids"]));
        Assert.Equal(
            completion["log_probs"]!.AsArray().Select(one => (float)one!), Assert.IsType<float[]>(response.AdditionalProperties["log_probs"]));
        Assert.Equal(5L, response.AdditionalProperties["seed"]);
        Assert.Equal(expected["prompt_ids"]!.AsArray().Count, response.Usage!.InputTokenCount);
        Assert.Equal(ids.Length, response.Usage.OutputTokenCount);
        Assert.Equal(response.Usage.InputTokenCount + ids.Length, response.Usage.TotalTokenCount);
        Assert.Equal("model", response.ModelId);
        Assert.Equal(ChatRole.Assistant, response.Messages[0].Role);
    }

    [Fact]
    public async Task GetStreamingResponse_Pieces_AreWhatGeneratePrints()
    {
        await using var client = ReftChatClient.Load(_folder.Path);
        var expected = await GenerateAsync();

        var updates = await client.GetStreamingResponseAsync("How many apples?", Options).ToListAsync();

        Assert.Equal(expected, string.Concat(updates.Select(update => update.Text)) + Environment.NewLine);
        Assert.True(updates.Count > 3);
        Assert.Single(updates, update => update.FinishReason is not null);
        Assert.Single(updates.Select(update => update.ResponseId).Distinct());
        var whole = updates.ToChatResponse();
        Assert.Equal((await client.GetResponseAsync("How many apples?", Options)).Usage!.TotalTokenCount, whole.Usage!.TotalTokenCount);
    }

    [Fact]
    public async Task GetResponse_Conversation_IsTheTemplates()
    {
        await using var client = ReftChatClient.Load(_folder.Path);
        var model = (ServedModel)client.GetService(typeof(ServedModel))!;
        ChatMessage[] messages = [new(ChatRole.User, "one"), new(ChatRole.Assistant, "two"), new(ChatRole.User, "three")];

        var response = await client.GetResponseAsync(messages, new ChatOptions { Instructions = "Be kind.", MaxOutputTokens = 1 });

        Assert.Equal(
            model.ChatTokens([new("system", "Be kind."), new("user", "one"), new("assistant", "two"), new("user", "three")]).Length,
            response.Usage!.InputTokenCount);
        Assert.Equal(1, response.Usage.OutputTokenCount);
        Assert.Equal("reft", client.GetService<ChatClientMetadata>()!.ProviderName);
    }

    [Fact]
    public async Task GetResponse_StopSequence_EndsBeforeIt()
    {
        await using var client = ReftChatClient.Load(_folder.Path);
        var whole = await GenerateAsync();
        var stop = System.Text.RegularExpressions.Regex.Match(whole[6..], "[A-Za-z]{2,}").Value;
        var options = Options.Clone();
        options.StopSequences = [stop];

        var response = await client.GetResponseAsync("How many apples?", options);

        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], response.Text);
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public async Task GetResponse_WithoutASeed_SaysTheOneItTook()
    {
        await using var client = ReftChatClient.Load(_folder.Path);
        var options = new ChatOptions { MaxOutputTokens = 20 };

        var first = await client.GetResponseAsync("How many?", options);
        options.Seed = (long)first.AdditionalProperties!["seed"]!;
        var again = await client.GetResponseAsync("How many?", options);

        Assert.Equal(first.Text, again.Text);
    }

    [Fact]
    public async Task GetStreamingResponse_Cancelled_FreesThePlace()
    {
        await using var client = ReftChatClient.Load(_folder.Path, new ServingOptions { Slots = 1, Queue = 0 });
        var seen = 0;

        await foreach (var update in client.GetStreamingResponseAsync("How many?", new ChatOptions { Seed = 1 }))
        {
            seen++;
            break; // whoever stops reading gives it up
        }

        await IdleAsync();
        using var stop = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var update in client.GetStreamingResponseAsync("How many?", new ChatOptions { Seed = 1 }, stop.Token))
            {
                await stop.CancelAsync();
            }
        });
        await IdleAsync();

        Assert.Equal(1, seen);
        Assert.NotNull(await client.GetResponseAsync("How many?", Options));

        // It leaves before the next step.
        async Task IdleAsync()
        {
            while (client.GetService<ServedModel>()!.Engine.Active > 0)
            {
                await Task.Delay(5);
            }
        }
    }

    [Fact]
    public async Task GetResponse_WhatItCannotDo_IsRefusedByName()
    {
        await using var client = ReftChatClient.Load(_folder.Path);

        await Refused(new ChatOptions { FrequencyPenalty = 1 }, "FrequencyPenalty");
        await Refused(new ChatOptions { PresencePenalty = 1 }, "PresencePenalty");
        await Refused(new ChatOptions { Tools = [AIFunctionFactory.Create(() => 1, "one")] }, "Tools");
        await Refused(new ChatOptions { ResponseFormat = ChatResponseFormat.Json }, "ResponseFormat");
        await Refused(new ChatOptions { ConversationId = "a" }, "ConversationId");
        await Refused(new ChatOptions { ModelId = "gpt-4" }, "ModelId is 'gpt-4': this client has 'model'");
        await Refused(new ChatOptions { AdditionalProperties = new() { ["beam"] = 4 } }, "'beam'");
        await Refused(new ChatOptions { Temperature = -1 }, "temperature is -1");
        await Refused(new ChatOptions { MaxOutputTokens = 500 }, "more than the context of 400");
        var image = await Assert.ThrowsAsync<InputException>(() => client.GetResponseAsync(
            new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])));
        Assert.Contains("DataContent: only text", image.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InputException>(() => client.GetResponseAsync([]));

        async Task Refused(ChatOptions options, string expected) => Assert.Contains(
            expected, (await Assert.ThrowsAsync<InputException>(() => client.GetResponseAsync("How many?", options))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddReft_OneOrSeveral_AreChatClientsOfOneModelEach()
    {
        var services = new ServiceCollection();
        services.AddReft(_folder.Path, new ServingOptions { Slots = 3 });
        services.AddReft(_folder.Path, key: "other");
        await using var all = services.BuildServiceProvider();

        var one = all.GetRequiredService<IChatClient>();
        var other = all.GetRequiredKeyedService<IChatClient>("other");

        Assert.Same(all.GetRequiredService<ServedModel>(), one.GetService<ServedModel>());
        Assert.NotSame(one.GetService<ServedModel>(), other.GetService<ServedModel>());
        Assert.Equal((await one.GetResponseAsync("How many?", Options)).Text, (await other.GetResponseAsync("How many?", Options)).Text);
    }

    private async Task<string> GenerateAsync(params string[] more)
    {
        var (output, error) = (new StringBuilder(), new StringWriter());
        var code = await App.RunAsync(
            [
                "generate", _folder.Path, "--prompt", "How many apples?", "--seed", "5", "--max-tokens", "40", "--temperature", "0.7", "--top-p", "0.9",
                "--top-k", "60", .. more,
            ],
            new Terminal(new StringWriter(output), error, TextReader.Null));
        Assert.True(code == App.Done, error.ToString());
        return output.ToString();
    }
}
