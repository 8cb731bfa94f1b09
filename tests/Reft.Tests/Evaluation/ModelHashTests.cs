using System.Text.Json.Nodes;
using Reft.Checkpoints;
using Reft.Composition;
using Reft.Evaluation;
using Reft.Models;
using Reft.Problems;
using Reft.Text;
using static TorchSharp.torch;

namespace Reft.Tests.Evaluation;

public sealed class ModelHashTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("llama", false)]
    [InlineData("gpt2", false)]
    [InlineData("opt", true)]
    public void Of_SavedAndLoaded_IsTheSame(string family, bool brain)
    {
        var dtype = brain ? ScalarType.BFloat16 : ScalarType.Float32;
        var (model, tokenizer) = RandomModel.Create(family, dtype, CPU, 3, _folder["new"]);
        using (model)
        {
            model.Save(_folder["saved"]);
            tokenizer.Save(_folder["saved"]);
            using var loaded = PretrainedModel.Load(_folder["saved"], dtype, CPU);

            var hash = ModelHash.Of(model.Decoder, tokenizer);

            Assert.Equal(hash, ModelHash.Of(loaded.Decoder, Tokenizer.Load(_folder["saved"])));
            Assert.Matches("^[0-9a-f]{16}$", hash);
        }
    }

    [Fact]
    public void Of_OneChangedWeight_IsAnother()
    {
        var (model, tokenizer) = RandomModel.Create("llama", ScalarType.Float32, CPU, 3, _folder.Path);
        using (model)
        {
            var before = ModelHash.Of(model.Decoder, tokenizer);
            using (no_grad())
            {
                model.Decoder.Parameters[^1].Value.view(-1)[^1] += 1e-3;
            }

            Assert.NotEqual(before, ModelHash.Of(model.Decoder, tokenizer));
        }
    }

    [Theory]
    [InlineData("\"rms_norm_eps\": 1e-6", true)]
    [InlineData("\"rope_theta\": 500000.0", true)]
    [InlineData("\"rope_scaling\": {\"rope_type\": \"linear\", \"factor\": 2.0}", true)]
    [InlineData("\"max_position_embeddings\": 128", true)]
    [InlineData("\"eos_token_id\": 7", false)]
    [InlineData("\"torch_dtype\": \"bfloat16\"", false)]
    [InlineData("\"initializer_range\": 0.5", false)]
    public void Of_OtherConfigWithTheSameWeights_DiffersWhereItMatters(string change, bool differs)
    {
        var (model, tokenizer) = RandomModel.Create("llama", ScalarType.Float32, CPU, 3, _folder.Path);
        using (model)
        {
            model.Save(_folder.Path);
            var path = _folder["config.json"];
            var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            foreach (var (key, value) in JsonNode.Parse($"{{{change}}}")!.AsObject())
            {
                config[key] = value?.DeepClone();
            }

            File.WriteAllText(path, config.ToJsonString());
            using var changed = PretrainedModel.Load(_folder.Path, ScalarType.Float32, CPU);

            var (before, after) = (ModelHash.Of(model.Decoder, tokenizer), ModelHash.Of(changed.Decoder, tokenizer));

            Assert.Equal(differs, before != after);
        }
    }

    [Fact]
    public void Of_OtherDtypeOrTokenizer_IsAnother()
    {
        var (model, tokenizer) = RandomModel.Create("llama", ScalarType.Float32, CPU, 3, _folder.Path);
        using (model)
        {
            model.Save(_folder.Path);
            using var brain = PretrainedModel.Load(_folder.Path, ScalarType.BFloat16, CPU);
            var before = ModelHash.Of(model.Decoder, tokenizer);
            var rounded = ModelHash.Of(brain.Decoder, tokenizer);
            File.AppendAllText(_folder["tokenizer.json"], " ");

            Assert.Equal(3, new[] { before, rounded, ModelHash.Of(model.Decoder, tokenizer) }.Distinct().Count());
        }
    }

    [Fact]
    public void Of_Adapters_CountWhereTheyAreOn()
    {
        var (model, tokenizer) = RandomModel.Create("llama", ScalarType.Float32, CPU, 3, _folder.Path);
        using (model)
        {
            var bare = ModelHash.Of(model.Decoder, tokenizer);
            model.Decoder.AddAdapters(new LoraOptions { Rank = 2, Alpha = 4 }, seed: 1);
            var adapted = ModelHash.Of(model.Decoder, tokenizer);
            using var off = model.Decoder.WithoutAdapters();

            Assert.NotEqual(bare, adapted);
            Assert.Equal(bare, ModelHash.Of(model.Decoder, tokenizer));
        }
    }

    [Fact]
    public void ProblemsHash_Solutions_DoNotCount()
    {
        Problem[] problems = [new("a", "Why?", "1", "so"), new("b", "How?", "2")];

        var hash = ProblemsHash.Of(problems);

        Assert.Equal(hash, ProblemsHash.Of(problems.Select(p => p with { Solution = "other" })));
        Assert.NotEqual(hash, ProblemsHash.Of(problems.Select(p => p with { Answer = p.Answer + "0" })));
        Assert.NotEqual(hash, ProblemsHash.Of(problems.Reverse()));
        Assert.NotEqual(ProblemsHash.Of([new Problem("a", "bc", "")]), ProblemsHash.Of([new Problem("ab", "c", "")]));
    }
}
