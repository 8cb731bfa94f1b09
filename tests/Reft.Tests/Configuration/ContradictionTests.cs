using Reft.Methods;
using Reft.Problems.Files;

namespace Reft.Tests.Configuration;

/// <summary>Values that are right by themselves and wrong together.</summary>
public sealed class ContradictionTests
{
    [Theory]
    [InlineData("training.steps=3", "training: has both epochs and steps; give one of the two")]
    [InlineData("training.epochs=", "training: needs either epochs or steps")]
    [InlineData("training.stopAfterEpochs=3",
        "training.stopAfterEpochs: is 3: it must be at most epochs, 2, the length of the schedule")]
    [InlineData("training.stopAfterSteps=1",
        "training.stopAfterSteps: counts steps, but the schedule counts epochs; use stopAfterEpochs")]
    [InlineData("training={steps: 5, batchSize: 1, stopAfterSteps: 6}",
        "training.stopAfterSteps: is 6: it must be at most steps, 5, the length of the schedule")]
    [InlineData("training={steps: 5, batchSize: 1, stopAfterEpochs: 1}",
        "training.stopAfterEpochs: counts epochs, but the schedule counts steps; use stopAfterSteps")]
    [InlineData("checkpoints.keepEpochs=[1, 3]",
        "checkpoints.keepEpochs: has epoch 3, but training ends after epoch 2")]
    [InlineData("evaluation.everyEpochs=1",
        "evaluation.everyEpochs: asks for evaluations, but there is no dev; give problems.dev or problems.devFraction")]
    [InlineData("evaluation.everySteps=1",
        "evaluation.everySteps: asks for evaluations, but there is no dev; give problems.dev or problems.devFraction")]
    [InlineData("evaluation.temperature=0.5",
        "evaluation.temperature: is for sampled completions, but evaluation.samples is 0; give samples, or remove it")]
    [InlineData("problems.devLimit=5", "problems.devLimit: limits dev, but there is none; give dev or devFraction")]
    [InlineData("problems.train[0].generated={split: train, count: 1}",
        "problems.train[0]: has both file and generated; give one of the two")]
    [InlineData("problems.test={format: csv}", "problems.test[0]: needs either file or generated")]
    [InlineData("problems.test={generated: {split: test, count: 1}, format: csv}",
        "problems.test[0]: tells how a file is read, but the problems are generated; remove format, columns and gsm8kSolution")]
    [InlineData("problems.test={generated: {split: test, count: 1}, columns: {id: a}}",
        "problems.test[0]: tells how a file is read, but the problems are generated; remove format, columns and gsm8kSolution")]
    [InlineData("problems.dev={generated: {split: test, count: 1}}",
        "problems.dev[0].generated.split: is test: checkpoints are "
        + "chosen by dev, and nothing may be chosen by test; use dev")]
    [InlineData("model.fresh={layers: 1, width: 8, heads: 2, feedForward: 9, context: 1024, vocabulary: 257}",
        "model: has both path and fresh; give one of the two")]
    [InlineData("model.path=", "model: needs either path or fresh")]
    [InlineData("model.separateValueNetwork=true",
        "model.separateValueNetwork: is not read by method sft, only by reft and abc; remove it")]
    [InlineData("model.zeroValueHead=true", "model.zeroValueHead: is not read by method sft, only by reft and abc; remove it")]
    [InlineData("model.quantization=nf4", "model.quantization: keeps weights that cannot be trained: add lora, or leave it out")]
    [InlineData("model.device=gpu", "model.device: is 'gpu': it must be cpu, cuda, cuda:0, cuda:1, …, or auto")]
    [InlineData("ppo.epochs=2", "ppo: is not read by method sft, only by reft; remove it")]
    [InlineData("crossEntropy.constantLength=3",
        "crossEntropy.constantLength: is read only with crossEntropy.aggregation sequenceSumConstant; set that, or remove it")]
    public void Read_Supervised_IsRefused(string set, string expected) =>
        Assert.Equal([$"--set {set}: {expected}"], Configs.Errors(Configs.Least, set));

    [Theory]
    [InlineData("crossEntropy={}", "crossEntropy: is not read by method reft, only by pretrain and sft; remove it")]
    [InlineData("model.dropout=true",
        "model.dropout: is not read by method reft, only by pretrain, sft and 9 others; remove it")]
    [InlineData("model.separateValueNetwork=true",
        "model.separateValueNetwork: goes with full fine-tuning alone: a value network "
        + "of its own has no adapters; remove lora or this")]
    [InlineData("model.fresh.width=60",
        "model.fresh.width: is 60: it must be an even multiple of heads, 4, for a head turns pairs of numbers")]
    [InlineData("model.fresh.keyValueHeads=3", "model.fresh.heads: is 4: it must be a multiple of keyValueHeads, 3")]
    [InlineData("rollouts.maxTokens=2048",
        "rollouts.maxTokens: is 2048: it must be below model.fresh.context, 2048, to leave room for the prompt")]
    [InlineData("evaluation.maxTokens=2048",
        "evaluation.maxTokens: is 2048: it must be below model.fresh.context, 2048, to leave room for the prompt")]
    [InlineData("training.maxTokens=2049", "training.maxTokens: is 2049: it must be at most model.fresh.context, 2048")]
    [InlineData("evaluation={everyEpochs: 1, everySteps: 1}",
        "evaluation: has both everyEpochs and everySteps; give one of the two")]
    [InlineData("problems.dev={file: data/dev.json}",
        "problems.devFraction: holds out a part of train, but problems.dev is given; give one of the two")]
    [InlineData("answers={style: number, giveProgramHeader: true}",
        "answers.giveProgramHeader: is true, but the style is number, and only programs have a header; remove it")]
    [InlineData("answers={style: number, engine: cpython}",
        "answers.engine: runs programs, but the style is number; remove it")]
    [InlineData("answers={style: number, policy: paper, kinds: [number]}",
        "answers.kinds: are told apart by style number and policy exact alone; remove them")]
    [InlineData("answers.style=choice",
        "problems.train[1].generated: makes no multiple-choice problems; set answers.style to "
        + "number or program")]
    [InlineData("ppo.kl.horizon=5",
        "ppo.kl.horizon: is how fast the coefficient adapts, but without a target it is fixed; give "
        + "ppo.kl.target, or remove it")]
    [InlineData("ppo.kl={target: 6, coefficient: 0}",
        "ppo.kl.target: cannot be reached from a coefficient of 0, which stays 0; "
        + "start above it, or remove the target")]
    [InlineData("problems.train[1].generated.solutions=11",
        "problems.train[1].generated.solutions: is 11: it must be at most count, 10")]
    [InlineData("ppo.miniBatch=9", "ppo.miniBatch: is 9, but a step has 8 sequences; 0 takes them all at once")]
    [InlineData("ppo.truncationReward=-1",
        "ppo.truncationReward: is read only with ppo.truncation fixedPenalty; set that, or remove it")]
    [InlineData("ppo.constantLength=3",
        "ppo.constantLength: is read only with ppo.aggregation sequenceSumConstant; set that, or remove it")]
    public void Read_Reft_IsRefused(string set, string expected) =>
        Assert.EndsWith($": {expected}", Assert.Single(Configs.Errors(Configs.Reft, set)), StringComparison.Ordinal);

    [Theory]
    [InlineData("sft", "reward={}", "reward", "reft, online-self-training")]
    [InlineData("sft", "rollouts.slots=64", "rollouts", "reft, online-self-training")]
    [InlineData("outcome-reward", "model.lora={rank: 2, alpha: 4}", "model.lora", "pretrain, sft")]
    [InlineData("outcome-reward", "evaluation.samples=2", "evaluation.samples", "pretrain, sft")]
    [InlineData("outcome-reward", "problems.test={generated: {split: test, count: 4}}", "problems.test", "pretrain, sft")]
    public void Read_KeyOfManyMethods_NamesTheFirst(string method, string set, string path, string first)
    {
        string[] own = method == "sft" ? [] : ["rewardModel.samples=s.jsonl"];
        var error = Assert.Single(Configs.Errors(Configs.Least, [$"method={method}", .. own, set]));

        var readers = Catalog.Default.Methods.Count(m => m.Reads.Contains(path));
        Assert.EndsWith(
            $"{path}: is not read by method {method}, only by {first} and {readers - 2} others; remove it", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("grpo", "rollouts.samplesPerProblem=1",
        "rollouts.samplesPerProblem: is 1, but grpo compares samples of one problem; ask for at least 2")]
    [InlineData("grpo", "grpo.update.miniBatch=9", "grpo.update.miniBatch: is 9, but a step has 8 sequences; 0 takes them all at once")]
    [InlineData("grpo", "grpo.update.truncationReward=-1",
        "grpo.update.truncationReward: is read only with grpo.update.truncation fixedPenalty; set that, or remove it")]
    [InlineData("grpo", "grpo.clipLow=1", "grpo.clipLow: is 1: it must be above 0 and below 1")]
    [InlineData("grpo", "ppo.epochs=2", "ppo: is not read by method grpo, only by reft; remove it")]
    [InlineData("dapo", "dapo.lengthBuffer=2000", "dapo.lengthBuffer: is 2000, more than the ")]
    [InlineData("rloo", "rloo.update.epochs=2", "rloo.update: rloo has no ratio to correct for samples of an older policy: one update a step")]
    [InlineData("verified-dpo", "verifiedDpo.miniBatch=9", "verifiedDpo.miniBatch: is 9, but a step has 8 sequences; 0 takes them all at once")]
    [InlineData("rejection-sampling", "rejectionSampling.mostPerProblem=0", "rejectionSampling.mostPerProblem: is 0: it must be at least 1, or absent")]
    public void Read_OwnSamples_IsRefused(string method, string set, string expected) => Assert.Contains(
        $": {expected}",
        Assert.Single(Configs.Errors(
            Configs.Reft, $"method={method}", "rollouts.samplesPerProblem=2", "training.batchSize=4", set)),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("selfTraining.miniBatch=17", "selfTraining.miniBatch: is 17, but a step has at most 16 sequences; 0 takes them all at once")]
    [InlineData("selfTraining={miniBatch: 9, goldWeight: 0}",
        "selfTraining.miniBatch: is 9, but a step has 8 sequences; 0 takes them all at once")]
    [InlineData("selfTraining.goldWeight=1.5", "selfTraining.goldWeight: is 1.5: it must be between 0 and 1")]
    [InlineData("ppo.epochs=2", "ppo: is not read by method online-self-training, only by reft; remove it")]
    public void Read_SelfTraining_IsRefused(string set, string expected) => Assert.EndsWith(
        expected, Assert.Single(Configs.Errors(Configs.Reft, "method=online-self-training", set)), StringComparison.Ordinal);

    [Theory]
    [InlineData("rewardModel.samples=null", "rewardModel.samples: is missing: name a file of 'reft sample'")]
    [InlineData("rewardModel.mostPerProblem=0", "rewardModel.mostPerProblem: is 0: it must be at least 1, or absent")]
    public void Read_RewardModel_IsRefused(string set, string expected) => Assert.EndsWith(
        expected, Assert.Single(Configs.Errors(Configs.Least, "method=outcome-reward", "rewardModel.samples=s.jsonl", set)), StringComparison.Ordinal);

    [Theory]
    [InlineData("answers.style=number", "is true, but the style is number, which has no programs; remove it")]
    [InlineData("answers.giveProgramHeader=true",
        "makes programs without a docstring, but giveProgramHeader gives one; choose one of the two")]
    public void Read_PlainProgramsWithoutUse_AreRefused(string set, string expected) => Assert.EndsWith(
        $": problems.train[1].generated.plainPrograms: {expected}",
        Assert.Single(Configs.Errors(Configs.Reft, "problems.train[1].generated.plainPrograms=true", set)),
        StringComparison.Ordinal);

    [Fact]
    public void Read_MentalArithmeticWithoutPrograms_IsRefused() => Assert.EndsWith(
        ": problems.train[1].generated.mentalArithmeticRate: is given, but the style is number, which has no programs; remove it",
        Assert.Single(Configs.Errors(Configs.Reft, "problems.train[1].generated.mentalArithmeticRate=0.5", "answers.style=number")),
        StringComparison.Ordinal);

    [Fact]
    public void Read_ProgramsAsSolutionsOfAnotherStyle_IsRefused() => Assert.Equal(
        ["--set problems.train[0].gsm8kSolution=program: problems.train[0].gsm8kSolution: is program, but answers.style is number; "
            + "make them agree"],
        Configs.Errors(Configs.Least, "problems.train[0].gsm8kSolution=program", "answers.style=number"));

    [Fact]
    public void Read_WordsAsSolutionsOfProgramStyle_AreForPretrainingAlone()
    {
        const string Words = "problems.train[0].gsm8kSolution=annotated";

        Assert.EndsWith(
            ": problems.train[0].gsm8kSolution: is annotated, but answers.style is program; make them agree",
            Assert.Single(Configs.Errors(Configs.Least, Words, "answers.style=program")), StringComparison.Ordinal);
        Assert.Equal(
            Gsm8kSolution.Annotated,
            Configs.Read(Configs.Least, Words, "answers.style=program", "method=pretrain").Problems.Train[0].Gsm8kSolution);
    }

    [Theory]
    [InlineData("dev", "./data//train.json", "train")]
    [InlineData("test", "other/../data/train.json", "train")]
    public void Read_FileInTwoRoles_IsRefused(string role, string file, string other)
    {
        var set = $"problems.{role}={{file: {file}}}";

        Assert.Equal(
            [$"--set {set}: problems.{other}[0].file: is the file of problems.{role}[0] too; {other} and {role} must be different "
                + "problems"],
            Configs.Errors(Configs.Least, set));
    }

    [Fact]
    public void Read_DevFileThatIsATestFile_IsRefused() => Assert.Equal(
        ["--set problems.dev=[{file: a}, {file: b}]: problems.dev[1].file: is the file of problems.test[0] too; dev and test must "
            + "be different problems"],
        Configs.Errors(Configs.Least, "problems.dev=[{file: a}, {file: b}]", $"problems.test={{file: {Path.GetFullPath("b")}}}"));

    [Theory]
    [InlineData("dev")]
    [InlineData("test")]
    public void Read_GeneratedSplitInTwoRoles_IsRefused(string role)
    {
        // Another seed does not make another split: a problem's structure alone decides where it belongs.
        var set = $"problems.{role}=[{{generated: {{split: train, count: 5, seed: 9}}}}]";

        var errors = Configs.Errors(Configs.Reft, "problems.devFraction=0", set);

        Assert.Equal(
            [$"--set {set}: problems.train[1].generated.split: is the split of problems.{role}[0] too; train and {role} must be "
                + "different problems"],
            errors);
    }

    [Fact]
    public void Read_DifferentFilesAndSplits_AreFine() => Assert.Equal(2, Configs.Read(
        Configs.Least,
        "problems.dev=[{file: data/dev.json}, {generated: {split: dev, count: 5}}]",
        "problems.test=[{file: data/test.json}, {generated: {split: test, count: 5}}]",
        "evaluation.everyEpochs=1").Problems.Test.Count);

    [Fact]
    public void Read_ManyContradictions_AreAllListedBehindOtherErrors() => Assert.Equal(
        [
            "--set seed=x: seed: is 'x': it must be a whole number, written in digits alone",
            "a.yaml:3: model: has both path and fresh; give one of the two",
            "--set training.stopAfterEpochs=3: training.stopAfterEpochs: is 3: it must be at most epochs, 2, the length of the schedule",
            "--set ppo.epochs=1: ppo: is not read by method sft, only by reft; remove it",
            "--set model.zeroValueHead=true: model.zeroValueHead: is not read by method sft, only by reft and abc; remove it",
        ],
        Configs.Errors(
            Configs.Least.Replace(
                "  path: models/a",
                "  path: models/a\n  fresh: { layers: 1, width: 8, heads: 2, feedForward: 9, context: 1024, vocabulary: 257 }",
                StringComparison.Ordinal),
            "training.stopAfterEpochs=3",
            "ppo.epochs=1",
            "model.zeroValueHead=true",
            "seed=x"));

    [Theory]
    [InlineData("training.epochs=x", "training.epochs: is 'x': it must be a whole number, written in digits alone")]
    [InlineData("training=3",
        "training: is '3': it must be a section with the keys epochs, steps, stopAfterEpochs, stopAfterSteps, "
        + "batchSize, maxTokens, microBatchTokens, microBatchesAtOnce, gradientLeaves")]
    [InlineData("model.path=3", "model.path: is '3': it must be text; put it in quotes")]
    [InlineData("method=", "method: has no value; give one, or leave the key out")]
    public void Read_FaultyValue_BringsNoContradictionsOfItsDefault(string set, string expected) =>
        Assert.Equal([$"--set {set}: {expected}"], Configs.Errors(Configs.Least, set));

    [Fact]
    public void Read_MisspeltKey_IsNotMissingBesides() => Assert.Equal(
        [
            "a.yaml:11: training.epoch: is not a key here; did you mean 'epochs'?",
            "a.yaml:12: training.batchsize: is not a key here; did you mean 'batchSize'?",
        ],
        Configs.Errors(Configs.Least.Replace("epochs", "epoch", StringComparison.Ordinal)
            .Replace("batchSize", "batchsize", StringComparison.Ordinal)));
}
