using System.Text.Json.Nodes;
using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Tests.Checkpoints;

public sealed class RewardModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // The score that Transformers' classifiers give: softmax(W h) of the last token's final state, here put together from the
    // golden model's own hidden states.
    [Theory]
    [InlineData("llama", "LlamaForSequenceClassification")]
    [InlineData("llama-tied", "LlamaForSequenceClassification")]
    [InlineData("mistral", "MistralForSequenceClassification")]
    [InlineData("qwen2", "Qwen2ForSequenceClassification")]
    [InlineData("qwen3", "Qwen3ForSequenceClassification")]
    [InlineData("gpt2", "GPT2ForSequenceClassification")]
    [InlineData("opt", "OPTForSequenceClassification")]
    [InlineData("gpt-neox", "GPTNeoXForSequenceClassification")]
    public void SaveAndLoad_EveryFamily_ScoresTheSame(string name, string architecture)
    {
        using var golden = Golden.Open(name);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        using var model = RewardModel.Begin(golden.Model, givesHeader: true, seed: 5);
        model.Save(_folder["saved"], endToken: 2);
        using var loaded = RewardModel.Load(_folder["saved"], ScalarType.Float32, CPU);
        int[][] texts = [.. golden.Sequences.Where(ids => ids.Length > 1)];

        var scores = Scores(loaded, texts);
        using var file = SafeTensorsFile.Open(Path.Combine(_folder["saved"], "model.safetensors"));
        var weight = loaded.Classifier.Parameters[^1].Value;
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder["saved"], "config.json")))!;

        for (var i = 0; i < texts.Length; i++)
        {
            var hidden = golden.Decoder.Hidden(new TokenBatch([texts[i]]));
            var last = hidden[hidden.shape[0] - 1];
            var expected = nn.functional.softmax(matmul(weight, last), 0)[RewardModel.Right].item<float>();
            Assert.Equal(expected, scores[i], 1e-5);
        }

        Assert.Equal(Scores(model, texts), scores);
        Assert.True(loaded.GivesProgramHeader);
        Assert.Contains("score.weight", file.Entries.Keys);
        Assert.DoesNotContain(file.Entries.Keys, key => key.Contains("lm_head", StringComparison.Ordinal) || key.Contains("embed_out", StringComparison.Ordinal));
        Assert.Equal(architecture, config["architectures"]![0]!.GetValue<string>());
        Assert.Equal(("wrong", "right"), (config["id2label"]!["0"]!.GetValue<string>(), config["id2label"]!["1"]!.GetValue<string>()));
        Assert.NotNull(config["pad_token_id"]);
    }

    [Fact]
    public void Begin_FamilyWithoutClassifier_IsRefused()
    {
        using var golden = Golden.Open("codegen");

        var error = Assert.Throws<InputException>(() => RewardModel.Begin(golden.Model, givesHeader: false, seed: 1));

        Assert.Contains("type codegen", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_OtherKindOfModel_IsRefusedByName()
    {
        using var golden = Golden.Open("llama");
        using var model = RewardModel.Begin(golden.Model, givesHeader: false, seed: 1);
        model.Save(_folder["reward"], endToken: 2);

        var language = Assert.Throws<InputException>(() => RewardModel.Load(golden.Folder, ScalarType.Float32, CPU));
        var reward = Assert.Throws<InputException>(() => PretrainedModel.Load(_folder["reward"], ScalarType.Float32, CPU));

        Assert.Contains("is no reward model", language.Message, StringComparison.Ordinal);
        Assert.Contains("scores texts and writes none", reward.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Begin_LanguageHead_IsNotTrained()
    {
        using var golden = Golden.Open("llama");
        using var model = RewardModel.Begin(golden.Model, givesHeader: false, seed: 1);
        var names = model.Classifier.Parameters.Select(p => p.Name).ToArray();

        Assert.Equal(golden.Decoder.Parameters.Count, names.Length); // The head for the language head.
        Assert.DoesNotContain("lm_head.weight", names);
        Assert.Equal("score.weight", names[^1]);
    }

    private static float[] Scores(RewardModel model, int[][] texts) =>
    [
        .. PolicyEvaluation.LogProbs(
            model.Classifier, [.. texts.Select(ids => new PolicySequence([.. ids, RewardModel.Right], ids.Length))], 64)
            .Select(logs => MathF.Exp(logs[0])),
    ];
}
