using System.Globalization;
using System.Text.Json.Nodes;
using Reft.Algorithms;
using Reft.Answers;
using Reft.Configuration;
using Reft.Reproduction;
using Reft.Tests.Reproduction;
using Reft.Training.Schedules;

namespace Reft.Tests.Configuration;

/// <summary>The configs that come with Reft.</summary>
public sealed class PresetTests
{
    private static readonly Lazy<Dictionary<string, RunConfig>> _configs = new(
        () => Configs.Presets.ToDictionary(preset => preset, preset => Configs.Read(Configs.TextOf(preset))));

    public static TheoryData<string> Presets => [.. Configs.Presets];

    [Fact]
    public void Presets_AreAllSeen()
    {
        Assert.Equal(59, Configs.Presets.Count(preset => preset.StartsWith("configs/paper/", StringComparison.Ordinal)));
        Assert.Equal(29, Configs.Presets.Count(preset => preset.StartsWith("configs/small/", StringComparison.Ordinal)));
        Assert.Equal(33, Configs.Presets.Count(preset => preset.StartsWith("configs/methods/", StringComparison.Ordinal)));
        Assert.Equal(121, Configs.Presets.Count);
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
    public void Preset_ModelOfAnotherRun_IsACheckpointThatRunKeeps(string preset)
    {
        var config = _configs.Value[preset];
        if (config.Model.Path is not { } path || !path.StartsWith("runs/", StringComparison.Ordinal))
        {
            Assert.True(config.Method != "reft", "ReFT begins with a warm-up");
            return;
        }

        var source = Assert.Single(_configs.Value.Values, other => path.StartsWith(other.Run + "/", StringComparison.Ordinal));
        var kept = source.Checkpoints.KeepEpochs.Select(epoch => $"{source.Run}/checkpoints/epoch-{epoch:D4}");
        // A run's last checkpoint stays too.
        Assert.Contains(path, source.Training.StopAfterSteps is { } last ? [.. kept, $"{source.Run}/checkpoints/step-{last:D6}"] : kept);
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
        Assert.Equal((rate, new LinearSchedule(), 0.1), Rate(warmup.Optimizer));
        Assert.Equal((reftEpochs, batch), (reft.Training.Epochs!.Value, reft.Training.BatchSize));
        Assert.Equal((reftRate, new ConstantSchedule(), 0.0), Rate(reft.Optimizer));
        Assert.Equal((2, 0, value), (reft.Options<PpoOptions>().Epochs, reft.Options<PpoOptions>().MiniBatch, reft.Options<PpoOptions>().ValueCoefficient));
        Assert.Equal((kl, 1), (reft.Options<PpoOptions>().Kl.Coefficient, reft.Rollouts.SamplesPerProblem));
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
        Assert.Equal((2, 0, 0.5), (config.Options<SelfTrainingOptions>().Epochs, config.Options<SelfTrainingOptions>().MiniBatch, config.Options<SelfTrainingOptions>().GoldWeight));
        Assert.Equal(reft with { Method = config.Method, Run = config.Run, MethodOptions = config.MethodOptions }, config with
        {
            Problems = reft.Problems,
            Model = reft.Model,
            Checkpoints = reft.Checkpoints,
            Reward = reft.Reward,
        });
        Assert.Equal(reft.Reward, config.Reward);
        // The program samples without dropout and updates with it, in which ReFT's differ.
        Assert.Equal(reft.Model with { Dropout = true }, config.Model);
        AssertCommon(config);
    }

    [Theory]
    [InlineData("gsm8k/7b-ncot")]
    [InlineData("gsm8k/7b-pcot")]
    [InlineData("svamp/7b-ncot")]
    [InlineData("svamp/7b-pcot")]
    [InlineData("mathqa-mcq/7b-ncot")]
    [InlineData("mathqa-mcq/7b-pcot")]
    [InlineData("mathqa-numeric/7b-ncot")]
    public void PaperPreset_OfOfflineSelfTraining_LearnsFromTheBaseModel(string name)
    {
        var (warmup, config) = (_configs.Value[$"configs/paper/{name}-warmup.yaml"], _configs.Value[$"configs/paper/{name}-offline-self-training.yaml"]);

        Assert.Equal((20, null, 48, 1024), (config.Training.Epochs, config.Training.StopAfterEpochs, config.Training.BatchSize, config.Training.MaxTokens));
        Assert.Equal((1e-5, new LinearSchedule(), 0.1), Rate(config.Optimizer));
        Assert.Equal((warmup.Model.Path, warmup.Answers), (config.Model.Path, config.Answers));
        AssertCommon(config);
    }

    [Theory]
    [InlineData("ncot", "sft")]
    [InlineData("ncot", "reft")]
    [InlineData("pcot", "sft")]
    [InlineData("pcot", "reft")]
    public void PaperPreset_OfRewardModels_HasThePublishedValues(string format, string start)
    {
        var config = _configs.Value[$"configs/paper/gsm8k/7b-{format}-outcome-reward-{start}.yaml"];

        Assert.Equal((3, 24, 700), (config.Training.Epochs, config.Training.BatchSize, config.Training.MaxTokens));
        Assert.Equal((1e-6, new LinearSchedule(), 0.1), Rate(config.Optimizer));
        AssertCommon(config);
    }

    // Each ablation is its base but for the one thing that its name says.
    [Theory]
    [InlineData("gsm8k-7b-pcot-reft-no-partial", "gsm8k/7b-pcot-reft", "reward.partial")]
    [InlineData("gsm8k-7b-pcot-reft-no-kl", "gsm8k/7b-pcot-reft", "ppo.kl.coefficient")]
    [InlineData("gsm8k-7b-pcot-reft-separate-value", "gsm8k/7b-pcot-reft", "model.separateValueNetwork")]
    [InlineData("gsm8k-7b-pcot-reft-warmup-1", "gsm8k/7b-pcot-reft", "model.path")]
    [InlineData("gsm8k-7b-pcot-reft-warmup-3", "gsm8k/7b-pcot-reft", "model.path")]
    [InlineData("gsm8k-7b-pcot-reft-warmup-4", "gsm8k/7b-pcot-reft", "model.path")]
    [InlineData("mathqa-mcq-7b-ncot-reft-no-floor", "mathqa-mcq/7b-ncot-reft", "reward.choice")]
    [InlineData("mathqa-mcq-7b-pcot-reft-no-floor", "mathqa-mcq/7b-pcot-reft", "reward.choice")]
    public void Ablation_DiffersInOneThing(string name, string from, string changed)
    {
        var config = _configs.Value[$"configs/paper/ablations/{name}.yaml"];
        var original = _configs.Value[$"configs/paper/{from}.yaml"];

        Assert.Equal(["run", changed], Lines(original).Zip(Lines(config)).Where(pair => !pair.First.Equals(pair.Second)).Select(pair => pair.First.Key));

        static KeyValuePair<string, string>[] Lines(RunConfig config)
        {
            var path = new List<string>();
            var lines = new List<KeyValuePair<string, string>>();
            foreach (var line in ConfigText.Write(config, Provenance.None).Split('\n').Where(line => line.Contains(':', StringComparison.Ordinal)))
            {
                var depth = line.TakeWhile(c => c == ' ').Count() / 2;
                path = [.. path.Take(depth), line.Trim().Split(':')[0]];
                lines.Add(KeyValuePair.Create(string.Join('.', path), line.Split(':', 2)[1]));
            }

            return [.. lines];
        }
    }

    [Theory]
    [InlineData("builtin", 4, 4)]
    [InlineData("gsm8k", 2, 2)]
    [InlineData("methods", 13, 13)]
    [InlineData("svamp", 4, 2)]
    [InlineData("svamp-reft", 2)]
    [InlineData("same-questions", 5, 5, 5, 5, 3, 3, 3, 1)]
    public void Comparison_Loads(string name, params int[] methods)
    {
        var text = Configs.TextOf($"configs/reproduce/{name}.yaml");
        var before = Directory.GetCurrentDirectory();
        try
        {
            Directory.SetCurrentDirectory(ArchitectureTests.Repository());

            var plan = ReproduceFile.Load($"configs/reproduce/{name}.yaml", []);

            Assert.StartsWith($"# reft reproduce configs/reproduce/{name}.yaml\n", text, StringComparison.Ordinal);
            Assert.Contains("\n# Needs: ", text, StringComparison.Ordinal);
            Assert.Equal(methods, plan.Formats.Select(format => format.Arms.Count));
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }

    [Fact]
    public void Comparisons_AreAllSeen() => Assert.Equal(
        ["builtin.yaml", "gsm8k.yaml", "methods.yaml", "same-questions.yaml", "svamp-reft.yaml", "svamp.yaml"],
        Directory.GetFiles(Path.Combine(Configs.Folder, "reproduce")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Trait("Category", "Slow")]
    [Theory]
    [InlineData("same-questions")]
    [InlineData("methods")]
    public void Comparison_Kept_TakesEveryArmAndTheTablesAreOfThem(string name)
    {
        var before = Directory.GetCurrentDirectory();
        using var folder = new TemporaryFolder();
        Directory.SetCurrentDirectory(ArchitectureTests.Repository());
        try
        {
            var results = Path.Combine("docs", "results", name);
            string[] files = [.. Directory.GetFiles(results, "*.json").Order(StringComparer.Ordinal)];
            var seeds = files.Select(file => int.Parse(Path.GetFileNameWithoutExtension(file).Split("-seed-")[1], CultureInfo.InvariantCulture)).Distinct().Order();
            var plan = ReproduceFile.Load($"configs/reproduce/{name}.yaml", [$"folder={folder["runs"]}", $"seeds=[{string.Join(',', seeds)}]"]);
            using var observer = new ToyComparison.Observer();
            new ReproductionRun(plan, observer, TimeProvider.System).Prepare();

            var result = new ReproductionReader(plan).Read();

            // A change of the config or of the problems that it names would orphan hours of runs in silence.
            Assert.Equal(files.Sum(file => JsonNode.Parse(File.ReadAllText(file))!["arms"]!.AsArray().Count), result.Arms.Count);
            var tables = File.ReadAllText(Path.Combine(results, "tables.md"));
            Assert.Equal(ReproductionTables.Markdown(result).TrimEnd(), tables.TrimEnd());
            // What the page of results shows of them are lines of theirs.
            var page = File.ReadAllText(Path.Combine("docs", "results.md"));
            var shown = page[page.IndexOf($"<!-- {name} -->\n", StringComparison.Ordinal)..].Split("<!-- end -->")[0].Split('\n')[1..];
            Assert.True(shown.Length > 5);
            Assert.All(shown, line => Assert.Contains(line, tables, StringComparison.Ordinal));
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }

    private static (double, ISchedule, double) Rate(OptimizerSection optimizer) =>
        (optimizer.LearningRate, optimizer.Schedule, optimizer.WarmupShare);

    private static void AssertCommon(RunConfig config)
    {
        var (adam, ppo) = (config.Optimizer.Adam, config.MethodOptions as PpoOptions ?? new());
        Assert.Equal((0.9, 0.999, 1e-8), (adam.Beta1, adam.Beta2, adam.Epsilon));
        Assert.Equal((0.0, 1.0), (adam.WeightDecay, adam.MaxGradientNorm));
        Assert.Equal((1.0, 0.95, 0.2, 0.2, 0.2), (ppo.Discount, ppo.Lambda, ppo.ClipLow, ppo.ClipHigh, ppo.ValueClip!.Value));
        Assert.Equal((Aggregation.SequenceMeanTokenMean, true), (ppo.Aggregation, ppo.WhitensAdvantages));
        Assert.Equal((1.0, 0.1, 0.0), (config.VerdictReward.Correct, config.VerdictReward.Partial, config.VerdictReward.NoAnswer));
        Assert.Equal((ComputeDtype.Bf16, AnswerPolicy.Paper), (config.Model.Dtype, config.Answers.Policy));
        Assert.Equal(1, config.Evaluation.EveryEpochs);
        Assert.Equal(config.Answers.Style == AnswerStyle.Program, config.Answers.GiveProgramHeader);
    }
}
