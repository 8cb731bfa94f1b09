using Reft.Algorithms;
using Reft.Composition.Configuration;
using Reft.Problems;
using Reft.Training;
using Reft.Verification;

namespace Reft.Tests.Composition.Configuration;

/// <summary>The configs that come with Reft.</summary>
public sealed class PresetTests
{
    private static readonly Lazy<Dictionary<string, RunConfig>> _configs = new(
        () => Configs.Presets.ToDictionary(preset => preset, preset => Configs.Read(Configs.TextOf(preset))));

    public static TheoryData<string> Presets => [.. Configs.Presets];

    [Fact]
    public void Presets_AreAllSeen()
    {
        Assert.Equal(39, Configs.Presets.Count(preset => preset.StartsWith("configs/paper/", StringComparison.Ordinal)));
        Assert.Equal(13, Configs.Presets.Count(preset => preset.StartsWith("configs/small/", StringComparison.Ordinal)));
        Assert.Equal(52, Configs.Presets.Count);
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Preset_Loads_AndOpensWithItsCommandNeedsAndExpectation(string preset)
    {
        var text = Configs.TextOf(preset);

        var config = Configs.Read(text);

        var comments = text.Split('\n').TakeWhile(line => line.StartsWith('#')).ToArray();
        Assert.Equal($"# reft train {preset}", comments[0]);
        Assert.Contains(comments, line => line.StartsWith("# Needs: ", StringComparison.Ordinal));
        Assert.Contains(comments, line => line.StartsWith("# Expect: ", StringComparison.Ordinal));
        Assert.False(Path.IsPathRooted(config.Run));
    }

    [Fact]
    public void Presets_EachWritesIntoAFolderOfItsOwn()
    {
        var runs = _configs.Value.Values.Select(config => config.Run).ToArray();

        Assert.Equal(runs.Length, runs.Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Preset_ModelOfAnotherRun_IsAnEpochThatRunKeeps(string preset)
    {
        var config = _configs.Value[preset];
        if (config.Model.Path is not { } path || !path.StartsWith("runs/", StringComparison.Ordinal))
        {
            Assert.True(config.Method != "reft", "ReFT begins with a warm-up");
            return;
        }

        var source = Assert.Single(_configs.Value.Values, other => path.StartsWith(other.Run + "/", StringComparison.Ordinal));
        var kept = source.Checkpoints.KeepEpochs.Select(epoch => $"{source.Run}/checkpoints/epoch-{epoch:D4}");
        Assert.Contains(path, kept);
        // Dev questions stay unseen from the first run of a chain to the last.
        Assert.Equal(source.Problems.DevFraction, config.Problems.DevFraction);
    }

    [Fact]
    public void Presets_ThatCompare_TrainAndTestOnTheSame()
    {
        var runs = _configs.Value.Where(pair => !pair.Key.Contains("pretrain", StringComparison.Ordinal))
            .Select(pair => (Key: Folder(pair.Key), Config: pair.Value));

        Assert.All(runs.GroupBy(run => run.Key), group => Assert.All(group, run => Assert.Null(
            Configs.Difference(group.First().Config.Problems, run.Config.Problems)
            ?? Configs.Difference(group.First().Config.Answers, run.Config.Answers))));

        static string Folder(string preset) => preset.Replace("-warmup", "", StringComparison.Ordinal)
            .Replace("-reft", "", StringComparison.Ordinal).Replace("-online-self-training", "", StringComparison.Ordinal).Replace("-sft", "", StringComparison.Ordinal);
    }

    // The paper's appendix and the official program's scripts.
    [Theory]
    [InlineData("gsm8k/7b-ncot", 40, 2, 1e-5, 300, 32, 3e-7, 5, 0.05)]
    [InlineData("gsm8k/7b-pcot", 40, 2, 1e-5, 300, 32, 3e-7, 5, 0.01)]
    [InlineData("svamp/7b-ncot", 40, 2, 1e-5, 300, 32, 3e-7, 5, 0.05)]
    [InlineData("svamp/7b-pcot", 40, 2, 1e-5, 300, 32, 3e-7, 5, 0.01)]
    [InlineData("mathqa-mcq/7b-ncot", 40, 5, 1e-5, 300, 32, 3e-7, 5, 0.05)]
    [InlineData("mathqa-mcq/7b-pcot", 40, 2, 1e-5, 300, 32, 3e-7, 5, 0.01)]
    [InlineData("mathqa-numeric/7b-ncot", 40, 10, 1e-5, 300, 32, 3e-7, 5, 0.01)]
    [InlineData("gsm8k/galactica-125m-pcot", 40, 10, 2e-5, 700, 256, 3e-6, 5, 0.01)]
    [InlineData("svamp/galactica-125m-pcot", 40, 10, 2e-5, 700, 256, 3e-6, 5, 0.01)]
    [InlineData("mathqa-mcq/galactica-125m-pcot", 100, 40, 2e-5, 700, 256, 3e-6, 5, 0.01)]
    [InlineData("gsm8k/codeparrot-small-pcot", 100, 40, 2e-5, 700, 256, 3e-6, 1, 0.01)]
    [InlineData("svamp/codeparrot-small-pcot", 100, 40, 2e-5, 700, 256, 3e-6, 1, 0.01)]
    [InlineData("mathqa-mcq/codeparrot-small-pcot", 100, 40, 2e-5, 700, 256, 3e-6, 1, 0.01)]
    [InlineData("gsm8k/codegen-350m-pcot", 40, 10, 2e-5, 700, 128, 3e-6, 0.1, 0.01)]
    [InlineData("svamp/codegen-350m-pcot", 40, 10, 2e-5, 700, 128, 3e-6, 0.1, 0.01)]
    [InlineData("mathqa-mcq/codegen-350m-pcot", 100, 40, 2e-5, 700, 128, 3e-6, 0.1, 0.01)]
    public void PaperPreset_HasThePublishedValues(
        string name, int epochs, int stop, double rate, int reftEpochs, int batch, double reftRate, double value, double kl)
    {
        var warmup = _configs.Value[$"configs/paper/{name}-warmup.yaml"];
        var reft = _configs.Value[$"configs/paper/{name}-reft.yaml"];

        Assert.Equal((epochs, stop, 48, 1024), (warmup.Training.Epochs!.Value, warmup.Training.StopAfterEpochs!.Value,
            warmup.Training.BatchSize, warmup.Training.MaxTokens));
        Assert.Equal((rate, ScheduleKind.Linear, 0.1), Rate(warmup.Optimizer));
        Assert.Equal((reftEpochs, batch), (reft.Training.Epochs!.Value, reft.Training.BatchSize));
        Assert.Equal((reftRate, ScheduleKind.Constant, 0.0), Rate(reft.Optimizer));
        Assert.Equal((2, 0, value), (reft.Ppo.Epochs, reft.Ppo.MiniBatch, reft.Ppo.ValueCoefficient));
        Assert.Equal((kl, 1), (reft.Ppo.Kl.Coefficient, reft.Rollouts.SamplesPerProblem));
        Assert.All([warmup, reft], AssertCommon);
    }

    [Theory]
    [InlineData("gsm8k/7b-ncot")]
    [InlineData("gsm8k/7b-pcot")]
    [InlineData("svamp/7b-ncot")]
    [InlineData("svamp/7b-pcot")]
    [InlineData("mathqa-mcq/7b-ncot")]
    [InlineData("mathqa-mcq/7b-pcot")]
    [InlineData("mathqa-numeric/7b-ncot")]
    public void PaperPreset_OfOnlineSelfTraining_StartsAndStepsAsReftDoes(string name)
    {
        var (reft, config) = (_configs.Value[$"configs/paper/{name}-reft.yaml"], _configs.Value[$"configs/paper/{name}-online-self-training.yaml"]);

        Assert.Equal("online-self-training", config.Method);
        Assert.Equal((2, 0, 0.5), (config.SelfTraining.Epochs, config.SelfTraining.MiniBatch, config.SelfTraining.GoldWeight));
        Assert.Equal(reft with { Method = config.Method, Run = config.Run, Ppo = config.Ppo, SelfTraining = config.SelfTraining }, config with
        {
            Problems = reft.Problems,
            Model = reft.Model,
            Checkpoints = reft.Checkpoints,
        });
        Assert.Equal(reft.Model.Path, config.Model.Path);
        AssertCommon(config);
    }

    private static (double, ScheduleKind, double) Rate(OptimizerSection optimizer) =>
        (optimizer.LearningRate, optimizer.Schedule, optimizer.WarmupShare);

    private static void AssertCommon(RunConfig config)
    {
        var (adam, ppo) = (config.Optimizer.Adam, config.Ppo);
        Assert.Equal((0.9, 0.999, 1e-8), (adam.Beta1, adam.Beta2, adam.Epsilon));
        Assert.Equal((0.0, 1.0), (adam.WeightDecay, adam.MaxGradientNorm));
        Assert.Equal((1.0, 0.95, 0.2, 0.2, 0.2), (ppo.Discount, ppo.Lambda, ppo.ClipLow, ppo.ClipHigh, ppo.ValueClip!.Value));
        Assert.Equal((Aggregation.SequenceMeanTokenMean, true), (ppo.Aggregation, ppo.WhitensAdvantages));
        Assert.Equal((1.0, 0.1, 0.0), (config.Reward.Correct, config.Reward.Partial, config.Reward.NoAnswer));
        Assert.Equal((ComputeDtype.Bf16, AnswerPolicy.Paper), (config.Model.Dtype, config.Answers.Policy));
        Assert.Equal(1, config.Evaluation.EveryEpochs);
        Assert.Equal(config.Answers.Style == AnswerStyle.Program, config.Answers.GiveProgramHeader);
    }
}
