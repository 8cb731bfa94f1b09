using System.Text.Json.Nodes;
using Reft.Answers;
using Reft.Certification;
using Reft.Checkpoints;
using Reft.Configuration;
using Reft.Evaluation.Reranking;
using Reft.Models;
using Reft.Problems.Generated;
using Reft.Replay;
using Reft.Runs;
using Reft.Tests.Configuration;
using Reft.Tests.Training.Runs;
using Reft.Text;
using Reft.Training;
using Reft.Training.Runs;
using static TorchSharp.torch;

namespace Reft.Tests.Runs;

/// <summary>Whole runs from configs: every method and kind of model, stopped and resumed.</summary>
public sealed class TrainingRunTests : IDisposable
{
    private const int Steps = 5;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("method=sft")]
    [InlineData("method=pretrain")]
    [InlineData("method=sft", "model.dtype=bf16")]
    [InlineData("method=sft", "model.activationCheckpointing=true", "training.microBatchTokens=300")]
    [InlineData("method=reft")]
    [InlineData("method=reft", "model.dtype=bf16")]
    [InlineData("method=reft", "model.lora={rank: 2, alpha: 4}")]
    [InlineData("method=reft", "model.separateValueNetwork=true", "model.zeroValueHead=true")]
    [InlineData("method=reft", "rollouts.samplesPerProblem=2", "ppo.miniBatch=5", "ppo.aggregation=tokenMean")]
    [InlineData("method=reft", "rollouts={samplesPerProblem: 2, maxTokens: 8, curriculum: {type: adaptiveHints, threshold: 0.15}}",
        "reward=[verdict, {type: format, pattern: r}]", "optimizer.schedule={type: stable, decayShare: 0.5}")]
    [InlineData("method=online-self-training", "rollouts.curriculum=adaptiveHints")]
    [InlineData("method=grpo", "rollouts={samplesPerProblem: 2, maxTokens: 8, curriculum: {type: clusterBandit, embedding: hidden, discount: 0.9, clusters: 3}}")]
    [InlineData("method=remax", "rollouts={samplesPerProblem: 1, maxTokens: 8, curriculum: {type: targetDifficulty, reward: 0.01}}")]
    [InlineData("method=online-self-training", "model.dtype=bf16")]
    [InlineData("method=online-self-training", "rollouts.samplesPerProblem=2", "selfTraining={miniBatch: 7, goldWeight: 0.25}")]
    [InlineData("method=sft", "model.device=cpu:libtorch", "model.activationCheckpointing=true")]
    [InlineData("method=reft", "model.device=cpu:libtorch", "model.lora={rank: 2, alpha: 4}")]
    [InlineData("method=outcome-reward")]
    [InlineData("method=outcome-reward", "model.dtype=bf16", "rewardModel.mostPerProblem=2")]
    [InlineData("method=grpo", "grpo={klCoefficient: 0.1, update: {truncation: fixedPenalty, truncationReward: -1, miniBatch: 7}}")]
    [InlineData("method=dr-grpo", "drGrpo.update={truncation: fixedPenalty, truncationReward: -1}")]
    [InlineData("method=dapo", "dapo={mostRounds: 2, lengthBuffer: 4}")]
    [InlineData("method=gspo", "gspo.update={truncation: fixedPenalty, truncationReward: -1, miniBatch: 8}")]
    [InlineData("method=rloo")]
    [InlineData("method=reinforce-plus-plus")]
    [InlineData("method=reinforce-plus-plus", "reinforcePlusPlus.groupBaseline=true", "model.lora={rank: 2, alpha: 4}")]
    [InlineData("method=remax")]
    [InlineData("method=cispo", "cispo.update={truncation: fixedPenalty, truncationReward: -1, epochs: 2}")]
    [InlineData("method=verified-dpo")]
    [InlineData("method=rejection-sampling", "model.dropout=true")]
    public void Run_StoppedAndResumed_GivesTheSameBytes(params string[] sets)
    {
        Assert.Equal(RunEnd.Finished, Run("unbroken", sets, stopAfter: Steps + 1, resume: false).End);
        Assert.Equal(new { End = RunEnd.Stopped, Step = 3L }, Ended(Run("broken", sets, stopAfter: 3, resume: false)));
        Assert.Equal(new { End = RunEnd.Finished, Step = (long)Steps }, Ended(Run("broken", sets, stopAfter: Steps + 1, resume: true)));

        ToyRun.AssertSame(ToyRun.Bytes(_folder["unbroken"]), ToyRun.Bytes(_folder["broken"]));
    }

    [Theory]
    [InlineData("method=sft")]
    [InlineData("method=sft", "model.dropout=true")]
    [InlineData("method=sft", "model.activationCheckpointing=true")]
    [InlineData("method=reft", "model.dtype=bf16", "rollouts.samplesPerProblem=2", "ppo.miniBatch=5")]
    [InlineData("method=reft", "model.separateValueNetwork=true", "ppo.valueWarmupSteps=2")]
    [InlineData("method=online-self-training")]
    [InlineData("method=outcome-reward")]
    public void Run_MicroBatchesSideBySide_GivesTheSameBytes(params string[] sets)
    {
        string[] small = [.. sets, "training.microBatchTokens=300"];
        Run("one", [.. small, "training.microBatchesAtOnce=1"], stopAfter: Steps + 1, resume: false);
        // Stopped and gone on with another number: it is not part of what a run is.
        Run("three", [.. small, "training.microBatchesAtOnce=3"], stopAfter: 3, resume: false);
        Run("three", [.. small, "training.microBatchesAtOnce=2"], stopAfter: Steps + 1, resume: true);

        ToyRun.AssertSame(ToyRun.Bytes(_folder["one"]), ToyRun.Bytes(_folder["three"]));
    }

    [Theory]
    [InlineData("method=sft")]
    [InlineData("method=reft", "model.dtype=bf16")]
    [InlineData("method=reft", "model.lora={rank: 2, alpha: 4}")]
    public void Checkpoint_AnyMethod_IsAModelThatIsSafeToTrain(params string[] sets)
    {
        Run("run", sets, stopAfter: Steps + 1, resume: false);
        var path = new CheckpointStore(new RunFolder(_folder["run"])).PathOf(Steps);

        using var model = PretrainedModel.Load(path, ScalarType.Float32, CPU);
        var figures = ModelCertificate.Measure(model, Tokenizer.Load(path), TestContext.Current.CancellationToken);

        Assert.True(figures.Count > 5, $"only {figures.Count} figures");
        Assert.Empty(figures.Where(figure => figure.State == CheckState.Fail).Select(figure => figure.Id));
        Assert.Contains("# " + sets[0]["method=".Length..], File.ReadAllText(Path.Combine(path, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Run_AdaptersOn_AreWrittenForPeftBesideTheMergedModel()
    {
        Run("run", ["method=reft", "model.lora={rank: 2, alpha: 4}"], stopAfter: Steps + 1, resume: false);
        var path = new CheckpointStore(new RunFolder(_folder["run"])).PathOf(Steps);
        var start = new CheckpointStore(new RunFolder(_folder["run"])).PathOf(0);

        using var merged = PretrainedModel.Load(path, ScalarType.Float32, CPU);
        using var adapted = PretrainedModel.Load(start, ScalarType.Float32, CPU);
        PeftFolder.Load(adapted.Decoder, Path.Combine(path, "adapter"));
        adapted.Decoder.MergeAdapters();

        foreach (var (a, b) in merged.Decoder.Parameters.Zip(adapted.Decoder.Parameters))
        {
            using var scope = NewDisposeScope();
            Assert.True(a.Value.equal(b.Value).all().item<bool>(), a.Name);
        }
    }

    [Theory]
    [InlineData("model.dtype=fp32")]
    [InlineData("model.lora={rank: 2, alpha: 4}")]
    public void Rollouts_AtATemperature_AreThoseOfThePolicyThatIsTrained(string set)
    {
        string[] sets = ["method=reft", "rollouts.temperature=0.6", set];
        Run("run", sets, stopAfter: Steps + 1, resume: false);
        var folder = new RunFolder(_folder["run"]);
        var start = new CheckpointStore(folder).PathOf(0);
        using var model = PretrainedModel.Load(start, ScalarType.Float32, CPU);
        var tokens = 0;

        foreach (var rollout in Lines(folder.Rollouts).TakeWhile(r => (long)r["step"]! == 0))
        {
            using var scope = NewDisposeScope();
            int[] ids = [.. rollout["ids"]!.AsArray().Select(id => (int)id!)];
            var prompt = (int)rollout["promptLength"]!;
            var logits = model.Decoder.Logits(model.Decoder.Hidden(new TokenBatch([ids]))).to(ScalarType.Float64);
            var tempered = nn.functional.log_softmax(logits / 0.6, 1);
            for (var t = prompt; t < ids.Length; t++, tokens++)
            {
                var expected = tempered[t - 1, ids[t]].item<double>();
                Assert.Equal(expected, (double)rollout["logProbs"]![t - prompt]!, 1e-4);
                Assert.Equal(expected, (double)rollout["referenceLogProbs"]![t - prompt]!, 1e-4);
            }
        }

        Assert.True(tokens > 20, $"only {tokens} tokens");
        Assert.InRange((double)Lines(folder.Metrics).First()["ppo/first_ratio_p99"]!, 0, 1e-5);
    }

    [Fact]
    public void Run_GoesOnOnAnotherKindOfDevice_IsRefused()
    {
        Run("run", ["method=sft", "model.device=auto"], stopAfter: 1, resume: false);

        var error = Assert.Throws<InputException>(() => Run("run", ["method=sft", "model.device=cpu:libtorch"], stopAfter: 9, resume: true));

        // What auto chose is what the folder remembers.
        Assert.Contains("was started on cpu and would go on on cpu:libtorch", error.Message, StringComparison.Ordinal);
        Assert.Equal(RunEnd.Finished, Run("run", ["method=sft", "model.device=auto"], stopAfter: 9, resume: true).End);
    }

    [Fact]
    public void Run_LibrarysOperators_LosesWhatTheKernelsLose()
    {
        foreach (var method in new[] { "sft", "reft" })
        {
            Run($"{method}-own", [$"method={method}"], stopAfter: 9, resume: false);
            Run($"{method}-library", [$"method={method}", "model.device=cpu:libtorch"], stopAfter: 9, resume: false);
            var own = Lines(new RunFolder(_folder[$"{method}-own"]).Metrics).ToArray();
            var library = Lines(new RunFolder(_folder[$"{method}-library"]).Metrics).ToArray();

            Assert.Equal(Steps, library.Length);
            foreach (var key in new[] { "optimizer/gradient_norm", method == "sft" ? "loss/nll" : "policy/entropy" })
            {
                Assert.All(own.Zip(library), pair => Assert.Equal(
                    (double)pair.First[key]!, (double)pair.Second[key]!, 1e-3 * Math.Abs((double)pair.First[key]!)));
            }
        }
    }

    [Fact]
    public void Run_HintsAndTwoRewards_AreLoggedAndReplayed()
    {
        Run(
            "run",
            ["method=reft", "rollouts.curriculum={type: adaptiveHints, plainShare: 0}", "reward=[verdict, {type: format, pattern: r}]"],
            stopAfter: Steps + 1, resume: false);
        var folder = new RunFolder(_folder["run"]);
        var rollouts = Lines(folder.Rollouts).ToArray();

        Assert.Contains(rollouts, r => ((string)r["roles"]!).StartsWith("HH", StringComparison.Ordinal));
        Assert.All(rollouts, r => Assert.Equal(
            (double)r["reward"]!, (double)r["rewardParts"]!["verdict"]! + (double)r["rewardParts"]!["format"]!));
        Assert.All(Lines(folder.Metrics), m => Assert.Equal(
            rollouts.Where(r => (long)r["step"]! == (long)m["step"]!).Average(r => (double)r["rewardParts"]!["format"]!),
            (double)m["reward/format_mean"]!, 1e-12));
        Assert.Contains(Lines(folder.Metrics), m => (double?)m["rollout/hint_mean"] > 0);

        var replay = RunReplay.Run(folder, new ReplaySettings([], Verify: true, null, null), TestContext.Current.CancellationToken);
        var without = RunReplay.Run(folder, new ReplaySettings(["reward[1].worth=0"], Verify: false, null, null), TestContext.Current.CancellationToken);

        Assert.Null(replay.Difference);
        Assert.True(without.Steps.Sum(step => step.RewardsChanged) > 0);
    }

    [Fact]
    public void Run_FolderHoldsARun_Refuses()
    {
        Run("run", ["method=sft"], stopAfter: 1, resume: false);

        var error = Assert.Throws<InputException>(() => Run("run", ["method=sft"], stopAfter: 9, resume: false));

        Assert.Contains("holds a run already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_TestSet_IsLookedAtOnceWithTheBestCheckpoint()
    {
        string[] sets = ["method=sft", "problems.test={generated: {split: test, count: 4, maxSteps: 1}}"];
        var outcome = Run("run", sets, stopAfter: Steps + 1, resume: false);
        var folder = new RunFolder(_folder["run"]);

        Assert.NotNull(outcome.Best);
        Assert.True(File.Exists(folder.Evaluation(outcome.Best.Step, "test")));
        Run("run", sets, stopAfter: Steps + 1, resume: true);
        Assert.Single(File.ReadLines(folder.TestLooks));
    }

    // The fields that these tests read are all there: a missing one throws.
    private static IEnumerable<JsonNode> Lines(string file) => File.ReadLines(file).Select(line => JsonNode.Parse(line)!);

    private static object Ended(RunOutcome outcome) => new { outcome.End, outcome.Step };

    [Fact]
    public void RewardModel_LearnableLabels_AreLearnedAndRankedOnDev()
    {
        Run("run", ["method=outcome-reward", "training.steps=60", "optimizer.learningRate=3e-3", "evaluation.everySteps=60"], stopAfter: 99, resume: false);
        var folder = new RunFolder(_folder["run"]);

        var first = RerankFile.Read(Path.ChangeExtension(folder.Evaluation(0, "dev"), RerankFile.Extension)).Report;
        var last = RerankFile.Read(Path.ChangeExtension(folder.Evaluation(60, "dev"), RerankFile.Extension)).Report;
        using var model = RewardModel.Load(new CheckpointStore(folder).PathOf(60), ScalarType.Float32, CPU);

        Assert.Equal((4, 16, 0.5), (last.Problems, last.Samples, last.Calibration.Right));
        Assert.Equal(0.5, last.Rows[0].Best.Value); // One sample leaves no choice.
        Assert.True(last.Rows[^1].Best.Value > 0.9, $"best-of-4 {last.Rows[^1].Best.Value}");
        Assert.True(last.Calibration.Accuracy > 0.8, $"accuracy {last.Calibration.Accuracy}, first {first.Calibration.Accuracy}");
        Assert.True(model.GivesProgramHeader);
        Assert.Equal(300, Tokenizer.Load(new CheckpointStore(folder).PathOf(60)).VocabularySize);
    }

    [Theory]
    [InlineData("", "holds no sample of the 12 training problems")]
    [InlineData("another question", "has another question for problem 'train_0'")]
    public void RewardModel_SamplesOfOtherProblems_AreRefused(string question, string expected)
    {
        File.WriteAllText(_folder["samples.jsonl"], question.Length == 0
            ? Line("elsewhere", 0, "q", "1", "text", isRight: true)
            : Line("train_0", 0, question, "1", "text", isRight: true));

        var error = Assert.Throws<InputException>(() => Run("run", ["method=outcome-reward"], stopAfter: 1, resume: false));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("method=reft")]
    [InlineData("method=online-self-training")]
    public void Prepare_PromptsThatLeaveNoRoomForACompletion_AreLeftOutAndCounted(string method)
    {
        // Gold solutions would need room of their own.
        string[] sets = method == "method=reft" ? [method] : [method, "selfTraining.goldWeight=0"];
        int[] prompts;
        using (var all = Prepare("all", [.. sets, "training.maxTokens=null"]))
        {
            Assert.DoesNotContain(all.Notes, note => note.Contains("prompts", StringComparison.Ordinal));
            prompts = [.. all.Forecast().Lengths[0].Lengths];
        }

        var most = prompts[prompts.Length / 2];
        var over = prompts.Count(length => length > most);
        Assert.InRange(over, 1, prompts.Length - 1);

        using var some = Prepare("some", [.. sets, $"training.maxTokens={most + 8}"]); // A completion has at most 8.
        var error = Assert.Throws<InputException>(() => Prepare("none", [.. sets, "training.maxTokens=9"]));

        Assert.Equal(
            $"{over} of 12 prompts are longer than the {most} tokens that rollouts.maxTokens leaves of training.maxTokens, and are left out", some.Notes[0]);
        Assert.Contains("no prompt of 12 fits", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Two right samples of every problem, and two wrong ones that give thousands.</summary>
    private string Samples()
    {
        var path = _folder["samples.jsonl"];
        if (!File.Exists(path))
        {
            var options = GeneratorOptions.Easy with { Seed = 0, MaxSteps = 1 };
            var problems = new[] { (GeneratedSplit.Train, 12), (GeneratedSplit.Dev, 4) }.SelectMany(
                set => new GeneratedSource(
                    new ProblemGenerator(options with { DistinctStructures = set.Item1 != GeneratedSplit.Train }), set.Item1, set.Item2, AnswerStyle.Program).Load());
            File.WriteAllText(path, string.Concat(problems.SelectMany(p => Enumerable.Range(0, 4).Select(i =>
                Line(p.Id, i, p.Question, p.Answer, $"def solution():\n    return {(i % 2 == 0 ? p.Answer : $"{i}000")}", i % 2 == 0)))));
        }

        return path;
    }

    private static string Line(string id, int sample, string question, string answer, string text, bool isRight) =>
        new JsonObject
        {
            ["id"] = id,
            ["sample"] = sample,
            ["question"] = question,
            ["answer"] = answer,
            ["completion"] = text,
            ["outcome"] = isRight ? "correct" : "incorrect",
        }.ToJsonString() + "\n";

    private string[] Own(string[] sets) => sets[0] switch
    {
        "method=reft" or "method=online-self-training" => [.. sets, "rollouts.maxTokens=8", .. Writes],
        "method=outcome-reward" => [.. sets, $"rewardModel.samples={Samples()}"],
        "method=sft" or "method=pretrain" => [.. sets, .. Writes],
        _ => [.. sets, "rollouts={samplesPerProblem: 3, maxTokens: 8}", .. Writes],
    };

    private static string[] Writes => ["evaluation.maxTokens=8"];

    private RunOutcome Run(string name, string[] sets, int stopAfter, bool resume)
    {
        using var stop = new CancellationTokenSource();
        using var run = Prepare(name, sets, new StopAfter(stop, stopAfter));
        return run.Run(resume, "test", stop.Token);
    }

    private TrainingRun Prepare(string name, string[] sets, ITrainingObserver? observer = null)
    {
        var config = ConfigFile.Parse(
            Configs.SmallRun(_folder[name], Steps),
            "test.yaml",
            Own(sets));
        return TrainingRun.Prepare(config, observer ?? new StopAfter(null, 0), TimeProvider.System);
    }

    private sealed class StopAfter(CancellationTokenSource? source, int steps) : ITrainingObserver
    {
        public void Stepped(TrainingStep step, long of)
        {
            if (step.Step + 1 == steps)
            {
                source?.Cancel();
            }
        }

        public void Noted(string note, bool isWarning)
        {
        }
    }
}
