using System.Text.Json.Nodes;
using Reft.Algorithms;
using Reft.Certification;
using Reft.Checkpoints;
using Reft.Generation;
using Reft.Models;
using Reft.Models.Families;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Tests.Training;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Models;

/// <summary>What every family in the catalog keeps.</summary>
[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class FamilyContractTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private double _balance = double.NaN;

    public static TheoryData<string> Families => SmallModels.Families;

    public static TheoryData<string, ScalarType> FamiliesAndDtypes
    {
        get
        {
            var cases = new TheoryData<string, ScalarType>();
            foreach (var family in ModelFamilies.All)
            {
                cases.Add(family.ModelType, ScalarType.Float32);
                cases.Add(family.ModelType, ScalarType.BFloat16);
            }

            return cases;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Families_EveryOne_IsInTheReadme()
    {
        var line = File.ReadLines(Path.Combine(ArchitectureTests.Repository(), "README.md"))
            .Single(text => text.StartsWith("Model families: ", StringComparison.Ordinal));

        Assert.Equal($"Model families: {string.Join(", ", ModelFamilies.All.Select(family => $"`{family.ModelType}`"))}.", line);
        Assert.Distinct(ModelFamilies.All.Select(family => family.ModelType));
    }

    [Theory]
    [MemberData(nameof(FamiliesAndDtypes))]
    public void Certificate_FreshModel_HasNoFailure(string family, ScalarType dtype)
    {
        var (model, tokenizer) = RandomModel.Create(family, dtype, CPU, seed: 1, _folder.Path);
        using var owned = model;

        var figures = ModelCertificate.Measure(model, tokenizer, TestContext.Current.CancellationToken);

        Assert.DoesNotContain(figures, figure => figure.State == CheckState.Fail);
        Assert.Contains(figures, figure => figure.Id == "cached-decode" && figure.State == CheckState.Pass);
        // What a family gives up has to be said: all but those whose logits or scores have a cap, or whose shared expert a gate, have equal bits in every batch.
        Assert.Equal(family is not ("gemma2" or "qwen2_moe"), figures.Single(figure => figure.Id == "batch-log-probs").Limit == 0);
    }

    [Theory]
    [MemberData(nameof(FamiliesAndDtypes))]
    public void SaveAndLoad_SmallModel_ComputesTheSame(string family, ScalarType dtype)
    {
        using var model = SmallModels.Of(family, dtype);
        model.Save(_folder.Path);
        using var again = PretrainedModel.Load(_folder.Path, dtype, CPU);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();

        Assert.True(Same(Logits(model.Decoder), Logits(again.Decoder)));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void LogProbs_AreThoseOfTheLogits(string family)
    {
        using var model = SmallModels.Of(family);
        using var scope = NewDisposeScope();
        using var prepared = model.Decoder.Prepare();
        model.Decoder.RequireGradients(true);
        var targets = tensor(SmallModels.Ids(4, 23).Select(id => (long)id).ToArray());
        var hidden = model.Decoder.Hidden(new TokenBatch([SmallModels.Ids(1, 23)])).detach();
        var (first, second) = (hidden.clone().requires_grad_(), hidden.clone().requires_grad_());
        var entropy = empty(23);

        var logProbs = model.Decoder.LogProbs(first, targets, entropy, temperature: 2);
        logProbs.sum().backward();
        var all = nn.functional.log_softmax(model.Decoder.Logits(second) / 2, dim: 1);
        var expected = all.gather(1, targets.unsqueeze(1)).squeeze(1);
        expected.sum().backward();

        Near(expected, logProbs, 1e-4);
        Near(-(all.exp() * all).sum(1), entropy, 1e-4);
        Near(second.grad!, first.grad!, 1e-4);
        foreach (var parameter in model.Decoder.Parameters)
        {
            parameter.Value.grad?.Dispose();
            parameter.Value.grad = null;
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Adapters_OnOffMergedAndSaved_AgreeWithEachOther(string family)
    {
        using var model = SmallModels.Of(family);
        using var again = SmallModels.Of(family);
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var options = new LoraOptions { Rank = 4, Alpha = 8 };
        var plain = Logits(model.Decoder);

        model.Decoder.AddAdapters(options, seed: 1);
        var fresh = Logits(model.Decoder);
        foreach (var parameter in model.Decoder.AdapterParameters.Where(p => p.Name.EndsWith("lora_B.weight", StringComparison.Ordinal)))
        {
            parameter.Value.fill_(0.02);
        }

        var adapted = Logits(model.Decoder);
        PeftFolder.Save(model.Decoder, options, "base", _folder.Path);
        PeftFolder.Load(again.Decoder, _folder.Path);
        Tensor off;
        using (model.Decoder.WithoutAdapters())
        {
            off = Logits(model.Decoder);
        }

        Assert.True(Same(plain, fresh));
        Assert.True(Same(plain, off));
        Assert.True(Same(adapted, Logits(again.Decoder)));
        Assert.InRange((plain - adapted).abs().max().item<float>(), 1e-3, double.MaxValue);
        model.Decoder.MergeAdapters();
        Near(adapted, Logits(model.Decoder), 5e-4);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Sft_Steps_LowerTheLossAndDoNotDependOnTheSplit(string family)
    {
        var (losses, small) = (Losses(family, 4096), Losses(family, 24));

        Assert.True(losses[^1] < losses[0] - 0.1, string.Join(" ", losses));
        Assert.All(losses.Zip(small), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
        Assert.Equal(family.EndsWith("_moe", StringComparison.Ordinal), _balance is > 0.5 and <= 6);
    }

    /// <summary>Drawn by the generator, as a run draws: the first ratio is 1, and the step moves policy and values.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void Ppo_StepOnOwnSamples_BeginsAtRatioOneAndMovesTheWeights(string family)
    {
        using var model = SmallModels.Of(family, deviation: 0.05);
        using var policy = new Policy(model.Decoder, new ValueHead(model.Decoder.Config.Width, zero: false, seed: 5, CPU));
        policy.RequireGradients(true);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => new GenerationRequest(0, i, SmallModels.Ids(i, 2 + i)))];
        var completions = new CompletionGenerator(model.Decoder, slots: 3).Generate(
            requests, new SamplingOptions { Temperature = 1, TopK = 0, TopP = 1, MinP = 0, MaxTokens = 6, StopTokens = [0], Seed = 1 }, step: 0);
        ScoredRollout[] rows =
        [
            .. completions.Select((completion, i) => Episodes.Make(i, [.. requests[i].Prompt, .. completion.Tokens], requests[i].Prompt.Length) with
            {
                LogProbs = [.. completion.LogProbs],
                Reward = i % 2,
            }),
        ];
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions());
        var algorithm = Ppo.Create(new PpoOptions { FirstRatioTolerance = 1e-3 }, _ => [.. rows.Select(row => row.LogProbs)]);
        var trainer = new Trainer(policy, new FixedSource(rows), algorithm, optimizer, Episodes.Options(1e-3));
        var before = Episodes.Weights(policy);

        trainer.Step(0, TestContext.Current.CancellationToken);

        Assert.InRange(Episodes.Distance(before, Episodes.Weights(policy)), 5e-4, 5e-3);
        Assert.All(Episodes.Weights(policy), weight => Assert.True(float.IsFinite(weight)));
    }

    private double[] Losses(string family, int microBatchTokens)
    {
        using var model = SmallModels.Of(family, deviation: 0.05);
        using var policy = new Policy(model.Decoder);
        policy.RequireGradients(true);
        ScoredRollout[] rows = [.. Enumerable.Range(0, 4).Select(i => Row(i, SmallModels.Ids(i, 9 + (4 * i))))];
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions());
        var trainer = new Trainer(
            policy, new FixedSource(rows), CrossEntropy.Create(new CrossEntropyOptions()), optimizer,
            Episodes.Options(1e-2, microBatchTokens));
        return [.. Enumerable.Range(0, 5).Select(step => Step(trainer, step))];
    }

    private double Step(Trainer trainer, int step)
    {
        var done = trainer.Step(step, TestContext.Current.CancellationToken);
        _balance = done["router/balance"];
        return done["loss/nll"];
    }

    private sealed class FixedSource(ScoredRollout[] rows) : IRolloutSource
    {
        public long StepsPerEpoch => 1;

        public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation) => rows;

        public JsonObject Save() => [];

        public void Restore(JsonObject state)
        {
            // There is none.
        }
    }

    private static ScoredRollout Row(int index, int[] tokens) => new()
    {
        SampleId = $"{index}",
        Problem = new Problem($"{index}", "Q", "1"),
        Tokens = tokens,
        PromptLength = 2,
        Roles = [.. Enumerable.Repeat(TokenRole.Sampled, tokens.Length - 2)],
        FinishReason = FinishReason.Stop,
    };

    private static Tensor Logits(Decoder decoder) =>
        decoder.Logits(decoder.Hidden(new TokenBatch([SmallModels.Ids(1, 23), SmallModels.Ids(2, 4)])));

    private static bool Same(Tensor a, Tensor b) => a.eq(b).all().item<bool>();

    private static void Near(Tensor expected, Tensor actual, double tolerance) =>
        Assert.InRange((expected - actual).abs().max().item<float>(), 0, tolerance);
}
