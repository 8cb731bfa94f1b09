using Reft.Checkpoints;
using Reft.Models;
using Reft.Tests.Models;
using static TorchSharp.torch;

namespace Reft.Tests.Checkpoints;

/// <summary>Model folders as people have them.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class FolderQuirkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("module.")]
    [InlineData("_orig_mod.")]
    [InlineData("base_model.model.")]
    [InlineData("pretrained_model.")]
    public void Load_NamesOfAWrapper_AreTheModels(string prefix)
    {
        using var model = SmallModels.Of("llama");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        model.Save(_folder.Path);
        TensorSource[] wrapped =
        [
            .. model.Decoder.Parameters.Select(p => WeightTensor.Source(prefix + p.Name, p.Value)),
            WeightTensor.Source("v_head.summary.weight", ones(1, 64)),
        ];
        SafeTensorsWriter.Write(_folder["model.safetensors"], wrapped);

        using var again = PretrainedModel.Load(_folder.Path, ScalarType.Float32, CPU);

        Assert.All(model.Decoder.Parameters.Zip(again.Decoder.Parameters), pair => Assert.True(pair.First.Value.equal(pair.Second.Value).all().item<bool>()));
    }

    [Theory]
    [InlineData("base")]
    [InlineData(null)]
    public void Load_AdaptersAlone_AreAddedToTheirBase(string? relative)
    {
        using var model = SmallModels.Of("llama");
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        model.Save(_folder["adapter/base"]);
        var options = new LoraOptions { Rank = 2, Alpha = 4 };
        model.Decoder.AddAdapters(options, seed: 1);
        foreach (var parameter in model.Decoder.AdapterParameters)
        {
            parameter.Value.fill_(0.05);
        }

        PeftFolder.Save(model.Decoder, options, relative ?? _folder["adapter/base"], _folder["adapter"]);
        model.Decoder.MergeAdapters();

        using var again = PretrainedModel.Load(_folder["adapter"], ScalarType.Float32, CPU);

        Assert.All(model.Decoder.Parameters.Zip(again.Decoder.Parameters), pair => Assert.True(pair.First.Value.equal(pair.Second.Value).all().item<bool>()));
        PeftFolder.Save(SmallAdapted(), options, "elsewhere/llama", _folder["lost"]);
        Assert.Contains("'elsewhere/llama' is no folder here", Assert.Throws<InputException>(
            () => PretrainedModel.Load(_folder["lost"], ScalarType.Float32, CPU)).Message, StringComparison.Ordinal);

        Decoder SmallAdapted()
        {
            again.Decoder.AddAdapters(options, seed: 1);
            return again.Decoder;
        }
    }

    [Theory]
    [InlineData("\"torch_dtype\": \"auto\"")]
    [InlineData("\"torch_dtype\": \"torch.bfloat16\"")]
    public void Load_DtypesAsPythonSpellsThem_AreRead(string dtype)
    {
        using var model = SmallModels.Of("llama");
        model.Save(_folder.Path);
        var text = File.ReadAllText(_folder["config.json"]);
        File.WriteAllText(_folder["config.json"], "\uFEFF" + text.Replace("\"dtype\": \"float32\"", "\"temperature\": NaN", StringComparison.Ordinal)
            .Replace("\"torch_dtype\": \"float32\"", dtype, StringComparison.Ordinal));

        using var again = PretrainedModel.Load(_folder.Path, ScalarType.Float32, CPU);

        Assert.Equal(dtype.Contains("auto", StringComparison.Ordinal) ? null : "bfloat16", again.Decoder.Config.Dtype);
    }

    [Fact]
    public void Load_QuantisedFolder_IsNamedAsSuch()
    {
        using var model = SmallModels.Of("llama");
        model.Save(_folder.Path);
        var text = File.ReadAllText(_folder["config.json"]);
        File.WriteAllText(_folder["config.json"], text.Replace(
            "\"torch_dtype\"", "\"quantization_config\": { \"quant_method\": \"awq\", \"bits\": 4 }, \"torch_dtype\"", StringComparison.Ordinal));

        var error = Assert.Throws<InputException>(() => PretrainedModel.Load(_folder.Path, ScalarType.Float32, CPU));

        Assert.Contains("the weights are quantised (awq)", error.Message, StringComparison.Ordinal);
    }
}
