using Reft.Checkpoints;
using Reft.Generation;
using Reft.Leases;
using Reft.Models;
using Reft.Numerics;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Leases;

/// <summary>A worker that reads the folder draws what the trainer draws, version for version.</summary>
public sealed class WeightFolderTests : IDisposable
{
    private static readonly SamplingOptions _sampling = new()
    {
        Temperature = 1,
        TopK = 0,
        TopP = 1,
        MinP = 0,
        MaxTokens = 12,
        StopTokens = [0],
        Seed = 3,
        ScoresUnfiltered = true,
    };

    private readonly TemporaryFolder _folder = new();

    private LeasedRun Run => new("abc", "1", "run", _folder["weights/abc-1"], 0);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(ScalarType.Float32, false, false)]
    [InlineData(ScalarType.BFloat16, false, false)]
    [InlineData(ScalarType.Float32, true, false)]
    [InlineData(ScalarType.BFloat16, true, false)]
    [InlineData(ScalarType.Float32, false, true)]
    public void Publish_EveryVersion_GivesTheTrainersBytes(ScalarType dtype, bool hasAdapters, bool hasSlot)
    {
        using var model = TinyModels.Llama(40, width: 32, layers: 2, dtype: dtype);
        var lora = hasAdapters ? new LoraOptions { Rank = 2, Alpha = 4 } : null;
        Arrange(model, lora, hasSlot);
        using var weights = new WeightFolder(Run, model, lora);
        var first = weights.Publish();
        using var worker = LeasedModel.Open(weights.Path);

        AssertSame(model, worker, first);
        for (var number = 1; number <= 3; number++)
        {
            Move(model.Decoder.TrainedParameters);
            var version = weights.Publish();
            Assert.Equal(number, version.Number);
            AssertSame(model, worker, version);
        }

        using var late = LeasedModel.Open(weights.Path); // One that comes later.
        AssertSame(model, late, weights.Publish());
    }

    [Fact]
    public void Publish_NothingHasChanged_GivesTheSameVersion()
    {
        using var model = TinyModels.Llama(40);
        using var weights = new WeightFolder(Run, model, null);
        var first = weights.Publish();

        Assert.Equal(first, weights.Publish());
    }

    [Fact]
    public void Publish_OfAdapters_LeavesTheBaseOut()
    {
        using var model = TinyModels.Llama(40, layers: 2);
        var lora = new LoraOptions { Rank = 2, Alpha = 4, Targets = ["q_proj"] };
        Arrange(model, lora, hasSlot: false);
        using var weights = new WeightFolder(Run, model, lora);
        weights.Publish();
        Move(model.Decoder.TrainedParameters);

        using var file = SafeTensorsFile.Open(Path.Combine(weights.Path, weights.Publish().FileName));
        Assert.Equal(model.Decoder.AdapterParameters.Select(parameter => parameter.Name).Order(), file.Entries.Keys.Order());
    }

    [Fact]
    public void Publish_ManyVersions_KeepsTheFirstAndTheLastTwo_AndRemovesAllAtTheEnd()
    {
        using var model = TinyModels.Llama(40);
        using (var weights = new WeightFolder(Run, model, null))
        {
            for (var i = 0; i < 5; i++)
            {
                weights.Publish();
                Move(model.Decoder.Parameters);
            }

            Assert.Equal(["model.json", "v000000.safetensors", "v000003.safetensors", "v000004.safetensors"], Directory.GetFiles(weights.Path).Select(Path.GetFileName).Order());
        }

        Assert.False(Directory.Exists(_folder["weights"]));
    }

    [Fact]
    public void New_AnEarlierStartOfTheRunWasKilled_RemovesWhatItLeftAndNothingElse()
    {
        using var model = TinyModels.Llama(40);
        new WeightFolder(Run, model, null).Publish();
        Directory.CreateDirectory(_folder["weights/other-1"]);
        File.WriteAllText(_folder["weights/other-1/v000000.safetensors"], "another run's");

        using (new WeightFolder(Run with { Start = "2", Weights = _folder["weights/abc-2"] }, model, null))
        {
            Assert.Equal(["abc-2", "other-1"], Directory.GetDirectories(_folder["weights"]).Select(Path.GetFileName).Order());
        }

        Assert.True(File.Exists(_folder["weights/other-1/v000000.safetensors"]));
    }

    [Fact]
    public void Draw_FileIsNotWhatTheTrainerWrote_IsRefused()
    {
        using var model = TinyModels.Llama(40);
        using var weights = new WeightFolder(Run, model, null);
        weights.Publish();
        Move(model.Decoder.Parameters);
        var version = weights.Publish();
        using var worker = LeasedModel.Open(weights.Path);
        var path = Path.Combine(weights.Path, version.FileName);
        var bytes = File.ReadAllBytes(path);
        bytes[^5] ^= 8;
        File.WriteAllBytes(path, bytes);

        Assert.Contains("is not what the trainer wrote", Assert.Throws<InputException>(() => Draw(worker, version)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Draw_VersionIsGone_IsStale()
    {
        using var model = TinyModels.Llama(40);
        using var weights = new WeightFolder(Run, model, null);
        weights.Publish();
        using var worker = LeasedModel.Open(weights.Path);

        Assert.Throws<StaleLeaseException>(() => Draw(worker, new WeightsVersion(7, "")));
    }

    [Fact]
    public void Open_FolderIsNotSeenHere_SaysWhatToDo() =>
        Assert.Contains("--weights", Assert.Throws<InputException>(() => LeasedModel.Open(_folder["elsewhere"])).Message, StringComparison.Ordinal);

    private static void Arrange(PretrainedModel model, LoraOptions? lora, bool hasSlot)
    {
        if (hasSlot)
        {
            model.Decoder.AddSlot(5);
        }

        if (lora is not null)
        {
            model.Decoder.AddAdapters(lora, seed: 9);
            Move(model.Decoder.AdapterParameters); // B is nothing at first.
        }
    }

    /// <summary>Changes weights, each in its own way.</summary>
    private static void Move(IEnumerable<Parameter> parameters)
    {
        foreach (var (parameter, i) in parameters.Select((parameter, i) => (parameter, i)))
        {
            using var scope = NewDisposeScope();
            using var frozen = no_grad();
            var wave = arange(parameter.Value.numel(), dtype: ScalarType.Float32).reshape(parameter.Value.shape);
            parameter.Set(parameter.Value.to(ScalarType.Float32).Plus(wave.Times(0.7 + i).sin().Times(0.05)));
        }
    }

    private static void AssertSame(PretrainedModel model, LeasedModel worker, WeightsVersion version)
    {
        var requests = Requests();
        var expected = new CompletionGenerator(model.Decoder, slots: 3).Generate(requests, _sampling, step: 4);
        var actual = Draw(worker, version).Read(requests);

        Assert.Equal(expected.Select(completion => completion.Tokens), actual.Select(completion => completion.Tokens));
        Assert.Equal(expected.Select(completion => completion.LogProbs), actual.Select(completion => completion.LogProbs));
        Assert.Equal(expected.Select(completion => completion.FinishReason), actual.Select(completion => completion.FinishReason));
    }

    private static LeaseAnswer Draw(LeasedModel worker, WeightsVersion version) => worker.Draw(
        new Lease("0.0.0", 0, version, _sampling, 4, 8, Requests()), "a", () => { }, TestContext.Current.CancellationToken);

    private static GenerationRequest[] Requests() =>
        [.. Enumerable.Range(0, 6).Select(i => new GenerationRequest((ulong)i / 2, i % 2, [5 + (i / 2), 7, 11]) { Asked = 2 })];
}
