using System.Text.Json.Nodes;
using Reft.Certification;
using Reft.Checkpoints;
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
    public void Spell_PropertiesAddedAtTheirDefaults_ChangesNothing()
    {
        string[] first = ["Width"];
        string[] before = [.. ModelHash.Spell(new Before(), first)];

        Assert.Equal(["Width=8"], before);
        Assert.Equal(before, ModelHash.Spell(new After(), first));
        Assert.Equal(["Cap=30", "Width=8"], ModelHash.Spell(new After { Cap = 30 }, first));
        Assert.Equal(["Scales=1,2", "Width=8"], ModelHash.Spell(new After { Scales = [1, 2] }, first));
    }

    [Fact]
    public void Spell_Llama_IsWhatItWas()
    {
        // What version 0.1.0 hashed: a run that it was interrupted in goes on from a hash with these lines.
        const string Expected = """
            Activation=Silu
            AttentionOutputBias=False
            AttentionScales=0.25
            Dropout=Embedding=0;Residual=0;Attention=0;Layers=0
            EmbeddingWidth=32
            FeedForwardBias=False
            FinalNorm=True
            Gated=True
            HeadBias=False
            HeadSize=16
            Heads=2
            IntermediateSize=48
            KeyValueHeads=2
            Layers=1
            LearnedPositionOffset=null
            MaxPositions=200
            ModelType=llama
            Norm=RootMeanSquare
            NormAffine=True
            NormEpsilon=1E-05
            NormFirst=True
            Qkv=Separate
            QkvBias=False
            QueryKeyNorm=False
            Residual=Sequential
            Rotary=Dimensions=16;Theta=10000;Interleaved=False;Scaling=null
            SlidingWindows=null
            TieEmbeddings=True
            TransposedWeights=False
            VocabularySize=300
            Width=32
            """;

        using var model = PretrainedModel.Initialize(
            """
            { "model_type": "llama", "vocab_size": 300, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
              "num_key_value_heads": 2, "intermediate_size": 48, "max_position_embeddings": 200, "hidden_act": "silu",
              "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": true, "eos_token_id": 0 }
            """,
            ScalarType.Float32, CPU, 1);

        var lines = string.Join('\n', ModelHash.Spell(model.Decoder.Config, ModelHash.First));

        Assert.True(lines == Expected, lines);
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

    private sealed record Before
    {
        public int Width { get; init; } = 8;
    }

    private sealed record After
    {
        public int Width { get; init; } = 8;

        public double? Cap { get; init; }

        public IReadOnlyList<int> Scales { get; init; } = [];
    }
}
