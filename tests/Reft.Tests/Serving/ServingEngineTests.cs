using Reft.Checkpoints;
using Reft.Generation;
using Reft.Numerics;
using Reft.Serving;
using static TorchSharp.torch;

namespace Reft.Tests.Serving;

/// <summary>Continuous batching: who joins and leaves changes nothing for the others.</summary>
public sealed class ServingEngineTests : IDisposable
{
    private static readonly SamplingOptions Options = new()
    {
        Temperature = 1,
        TopK = 0,
        TopP = 1,
        MinP = 0,
        MaxTokens = 30,
        StopTokens = [.. Enumerable.Range(0, 8)],
        Seed = 5,
    };

    private readonly ChatFolder _folder = new();
    private readonly PretrainedModel _model;

    public ServingEngineTests() => _model = PretrainedModel.Load(_folder.Path, ScalarType.Float32, CPU);

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Submit_ManyWithOptionsOfTheirOwn_EachIsWhatItIsAlone()
    {
        await using var engine = new ServingEngine(_model.Decoder, new ServingOptions { Slots = 5 });
        var asked = Enumerable.Range(0, 60).Select(i => (
            Request: new GenerationRequest(0, i % 3, [.. Enumerable.Range(0, 1 + (i % 11)).Select(t => 10 + ((t + i) * 7 % 280))]),
            Options: Options with { Seed = (ulong)i, Temperature = i % 4 * 0.5, TopP = i % 5 == 0 ? 0.8 : 1, TopK = i % 7 == 0 ? 9 : 0, MaxTokens = 1 + i }))
            .ToArray();

        var served = await Task.WhenAll(asked.Select(async (one, i) =>
        {
            await Task.Delay(i % 6); // so that they join at different steps
            var row = new ServedRow(one.Request, one.Options);
            engine.Submit([row]);
            return await ReadAsync(row);
        }));

        for (var i = 0; i < asked.Length; i++)
        {
            var alone = new CompletionGenerator(_model.Decoder, 1).Generate([asked[i].Request], asked[i].Options, step: 0)[0];
            Assert.Equal(alone.Tokens, served[i].Select(token => token.Chosen.Token));
            Assert.Equal(alone.LogProbs, served[i].Select(token => token.Chosen.LogProb));
            Assert.Equal(alone.FinishReason, served[i][^1].Finish);
        }

        Assert.Equal(served.Sum(tokens => tokens.Count), engine.Drawn);
    }

    [Fact]
    public async Task Submit_ByTheOperatorsOfGpus_EachIsWhatItIsAlone()
    {
        using var model = PretrainedModel.Load(_folder.Path, ScalarType.Float32, ComputeDevice.LibraryCpu);
        await using var engine = new ServingEngine(model.Decoder, new ServingOptions { Slots = 3 });
        var options = Enumerable.Range(0, 8).Select(i => Options with { Seed = (ulong)i, Temperature = i % 3 * 0.5, TopK = i % 2 * 5, MaxTokens = 4 + i }).ToArray();

        var served = await Task.WhenAll(options.Select(async (own, i) =>
        {
            var row = new ServedRow(new GenerationRequest(0, 0, [20, 30 + i]), own) { Likeliest = 2 };
            engine.Submit([row]);
            return await ReadAsync(row);
        }));

        for (var i = 0; i < options.Length; i++)
        {
            var alone = new CompletionGenerator(model.Decoder, 1).Generate([new GenerationRequest(0, 0, [20, 30 + i])], options[i], step: 0)[0];
            Assert.Equal(alone.Tokens, served[i].Select(token => token.Chosen.Token));
            Assert.All(alone.LogProbs.Zip(served[i]), pair => Assert.Equal(pair.First, pair.Second.Chosen.LogProb, 1e-4f));
            Assert.All(served[i], token => Assert.True(token.Likeliest.Count == 2 && token.Likeliest[0].LogProb >= token.Likeliest[1].LogProb));
        }
    }

    [Fact]
    public async Task Cancel_InAndOutOfABatch_FreesThePlaces()
    {
        await using var engine = new ServingEngine(_model.Decoder, new ServingOptions { Slots = 2, Queue = 3 });
        var long_ = Options with { MaxTokens = 390, StopTokens = [] };
        ServedRow[] rows = [.. Enumerable.Range(0, 5).Select(i => new ServedRow(new GenerationRequest(0, i, [9]), long_))];
        engine.Submit(rows);

        var busy = Assert.Throws<ServingException>(() => engine.Submit([new ServedRow(new GenerationRequest(0, 9, [9]), long_)]));
        foreach (var row in rows)
        {
            engine.Cancel(row);
        }

        var next = new ServedRow(new GenerationRequest(0, 0, [9]), Options);
        engine.Submit([next]);

        Assert.Equal(Refusal.Busy, busy.Refusal);
        Assert.NotEmpty(await ReadAsync(next));
        Assert.True(engine.Drawn < 5 * 390, $"{engine.Drawn} tokens were drawn");
    }

    [Fact]
    public async Task StopAsync_Grace_FinishesOrCuts()
    {
        var patient = new ServingEngine(_model.Decoder, new ServingOptions { Slots = 2 });
        ServedRow[] rows = [.. Enumerable.Range(0, 6).Select(i => new ServedRow(new GenerationRequest(0, i, [9]), Options))];
        patient.Submit(rows);
        await patient.StopAsync(TimeSpan.FromMinutes(5));
        var hasty = new ServingEngine(_model.Decoder, new ServingOptions { Slots = 1 });
        ServedRow[] cut = [.. Enumerable.Range(0, 60).Select(i => new ServedRow(new GenerationRequest(0, i, [9]), Options with { MaxTokens = 390, StopTokens = [] }))];
        hasty.Submit(cut);
        await hasty.StopAsync(TimeSpan.Zero);

        Assert.All(await Task.WhenAll(rows.Select(ReadAsync)), tokens => Assert.NotNull(tokens[^1].Finish));
        var why = await Assert.ThrowsAsync<ServingException>(() => ReadAsync(cut[^1]));
        Assert.Equal(Refusal.Stopping, why.Refusal);
        Assert.Equal(Refusal.Stopping, Assert.Throws<ServingException>(() => hasty.Submit([cut[0]])).Refusal);
    }

    [Fact]
    public async Task Submit_WrongRequests_AreRefusedByName()
    {
        await using var engine = new ServingEngine(_model.Decoder, new ServingOptions { Slots = 2, Queue = 4, Context = 50 });

        Refused([], Options, "empty");
        Refused([9], Options with { MaxTokens = 50 }, "more than the context of 50");
        Refused([300], Options, "token 300, outside the model's vocabulary of 300");
        Refused([9], Options with { TopP = 0 }, "top-p is 0");
        Assert.Contains("context is 500: it must be at most 400", Assert.Throws<InputException>(
            () => new ServingEngine(_model.Decoder, new ServingOptions { Context = 500 })).Message);
        Assert.Contains("slots is 0", Assert.Throws<InputException>(
            () => new ServingEngine(_model.Decoder, new ServingOptions { Slots = 0 })).Message);
        var many = Enumerable.Range(0, 7).Select(i => new ServedRow(new GenerationRequest(0, i, [9]), Options)).ToArray();
        Assert.Contains("7 completions are asked for at once", Assert.Throws<InputException>(() => engine.Submit(many)).Message);

        void Refused(int[] prompt, SamplingOptions options, string expected) => Assert.Contains(expected, Assert.Throws<InputException>(
            () => engine.Submit([new ServedRow(new GenerationRequest(0, 0, prompt), options)])).Message);
    }

    private static async Task<List<ServedToken>> ReadAsync(ServedRow row) => await row.Reader.ReadAllAsync().ToListAsync();
}
