using Reft.Configuration;
using Reft.Methods;
using Reft.Outside;
using Reft.Problems.Files;
using Reft.Problems.Generated;
using Reft.Rollouts;
using Reft.Text.Prompts;
using Reft.Training.Schedules;
using Reft.Verification.Forms;
using Reft.Verification.Rewards;

namespace Reft.Tests.Configuration;

/// <summary>What a config names of the catalog: as a word, or by its type with options; also what somebody else has put there.</summary>
public sealed class NamedThingsTests
{
    private static readonly Catalog _mine = OutsideCatalog.All;

    [Fact]
    public void Read_WordOrType_IsTheSame()
    {
        var word = Configs.Read(Configs.Reft, "optimizer.schedule=stable", "rollouts.curriculum=adaptiveHints");
        var typed = Configs.Read(
            Configs.Reft, "optimizer.schedule={type: stable}", "rollouts.curriculum={type: adaptiveHints, threshold: 0.5}");

        Assert.Equal(new StableSchedule(), word.Optimizer.Schedule);
        Assert.Equal((word.Optimizer.Schedule, word.Rollouts.Curriculum), (typed.Optimizer.Schedule, typed.Rollouts.Curriculum));
        Assert.Equal(ConfigIdentity.Of(word), ConfigIdentity.Of(typed));
    }

    [Fact]
    public void Read_RewardInEveryForm_IsAListAndKeepsItsIdentity()
    {
        var unset = Configs.Read(Configs.Reft);
        var section = Configs.Read(Configs.Reft, "reward={partial: 0.1}");
        var list = Configs.Read(Configs.Reft, "reward=[{type: verdict, partial: 0.1}]");
        var two = Configs.Read(Configs.Reft, "reward=[{type: verdict}, {type: format, worth: 0.25}]", "reward[1].pattern=^a");

        Assert.Equal([new RewardRule()], section.Reward);
        Assert.Equal([new RewardRule(), new FormatReward { Worth = 0.25, Pattern = "^a" }], two.Reward);
        Assert.All([section, list], config => Assert.Equal(ConfigIdentity.Of(unset), ConfigIdentity.Of(config)));
        Assert.NotEqual(ConfigIdentity.Of(unset), ConfigIdentity.Of(two));
    }

    [Theory]
    [InlineData("reward={partial: 0.05}", "reward:\n  correct: 1  # default\n  partial: 0.05  # --set\n")]
    [InlineData("reward=[{type: verdict, partial: 0.05}]", "reward:\n  correct: 1  # default\n  partial: 0.05  # --set\n")]
    [InlineData("reward=[{type: format}, {type: verdict}]",
        "reward:\n  - type: format  # --set\n    worth: 0.1  # default\n    pattern: null  # default\n  - type: verdict  # --set\n    correct: 1  # default\n")]
    [InlineData("optimizer.schedule=cosine", "  schedule: cosine  # --set\n")]
    [InlineData("optimizer.schedule={type: stable, decayShare: 0.5}", "  schedule:\n    type: stable  # --set\n    decayShare: 0.5  # --set\n")]
    public void Write_NamedThing_ReadsBackAsTheSame(string set, string expected)
    {
        var loaded = Configs.Load(Configs.Reft, set);

        var text = ConfigText.Write(loaded.Config, loaded.Provenance);

        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.Null(Configs.Difference(loaded.Config, Configs.Read(text)));
    }

    [Theory]
    [InlineData("rollouts.curriculum=adaptivehints",
        "rollouts.curriculum: is 'adaptivehints': it must be one of plain, adaptiveHints, scheduledHints, clusterBandit, targetDifficulty, difficulty; did you mean 'adaptiveHints'?")]
    [InlineData("rollouts.curriculum={type: hard}", "rollouts.curriculum.type: is 'hard': it must be one of plain, adaptiveHints, scheduledHints, clusterBandit, targetDifficulty")]
    [InlineData("rollouts.curriculum={threshold: 0.5}", "rollouts.curriculum.threshold: is not a key here; it belongs under rollouts.curriculum")]
    [InlineData("rollouts.curriculum={type: adaptiveHints, plainShare: 2}", "rollouts.curriculum.plainShare: is 2: it must be between 0 and 1")]
    [InlineData("reward=[{type: format, worth: x}]", "reward[0].worth: is 'x': it must be a number, such as 0.5 or 3e-7")]
    [InlineData("reward=[verdict, {type: format, pattern: '('}]",
        "reward[1].pattern: is '(': it must be a regular expression without looking around or back")]
    [InlineData("reward=[format, format]", "reward: has format twice; give each reward once")]
    [InlineData("reward=[]", "reward: is empty: it must hold at least one reward")]
    [InlineData("reward=[{type: [a]}]", "reward[0].type: is a list: it must be one of verdict, format")]
    [InlineData("answers.form=tagged", "answers.form: is tagged, which answers of style program cannot be given in; remove it")]
    [InlineData("answers.form=tags", "answers.form: is 'tags': it must be one of paper, tagged, wholeSolution, parities")]
    [InlineData("problems.train={generated: {type: registerChian, split: train, count: 9}}",
        "problems.train[0].generated.type: is 'registerChian': it must be one of words, parityChain, registerChain, twoWays, hiddenChoice, multiHop, listFunctions, digitSums, paraphrases, nextItem, formulas; did you mean 'registerChain'?")]
    [InlineData("problems.train={generated: registerChain}", "problems.train[0].generated.split: is missing")]
    [InlineData("problems.train={generated: {type: registerChain, split: train, count: 0, modulus: 11}}",
        "problems.train[0].generated.modulus: is 11: it must be between 2 and 10")]
    [InlineData("problems.train={generated: {type: registerChain, split: train, count: 9, maxSteps: 2}}",
        "problems.train[0].generated.maxSteps: is not a key here; it belongs under problems.")]
    [InlineData("problems.train={generated: {type: registerChain, split: train, count: 9}}",
        "problems.train[0].generated: makes no problems of style program; set answers.style to number")]
    [InlineData("optimizer.schedule={type: stable, decayShare: 0}", "optimizer.schedule.decayShare: is 0: it must be above 0 and at most 1")]
    public void Read_WrongNamedThing_SaysWhereAndWhat(string set, string expected) =>
        Assert.Contains($"--set {set}: {expected}", string.Join('\n', Configs.Errors(Configs.Reft, set)), StringComparison.Ordinal);

    [Fact]
    public void Read_WrongItem_IsTheOnlyError()
    {
        Assert.Single(Configs.Errors(Configs.Reft, "reward=[{type: formt}]"));
        Assert.Single(Configs.Errors(Configs.Reft, "reward=[verdict, verdic]"));
    }

    [Fact]
    public void Write_Word_SaysWhereItWasRead()
    {
        var loaded = Configs.Load(Configs.Reft, "reward=[verdict, format]", "rollouts.curriculum=adaptiveHints");

        var text = ConfigText.Write(loaded.Config, loaded.Provenance);

        Assert.Equal(3, text.Split('\n').Count(line => line.Contains("type: ", StringComparison.Ordinal) && line.EndsWith("# --set", StringComparison.Ordinal)));
    }

    [Fact]
    public void Read_ThingsOfOnesOwn_AreNamedBoundAndWritten()
    {
        string[] sets = ["reward=[verdict, {type: length, most: 9}]", "rollouts.curriculum=lastFirst", "optimizer.schedule=half", "problems.test.format=pipe", "problems.train[1].generated={type: doubles, split: train, count: 3, most: 50}"];
        var loaded = ConfigFile.Parse(Configs.Reft, "a.yaml", sets, _mine);
        var text = ConfigText.Write(loaded.Config, loaded.Provenance);

        Assert.Equal([new RewardRule(), new LengthReward { Most = 9 }], loaded.Config.Reward);
        Assert.IsType<LastFirst>(loaded.Config.Rollouts.Curriculum);
        Assert.IsType<HalfSchedule>(loaded.Config.Optimizer.Schedule);
        Assert.Equal(new Doubles { Split = GeneratedSplit.Train, Count = 3, Most = 50 }, loaded.Config.Problems.Train[1].Generated);
        Assert.Null(Configs.Difference(loaded.Config, ConfigFile.Parse(text, "b.yaml", [], _mine).Config));
        foreach (var (set, name) in new[] { ("optimizer.schedule=x", "half"), ("rollouts.curriculum=x", "lastFirst"), ("problems.test.format=x", "pipe") })
        {
            var error = Assert.Throws<InputException>(() => ConfigFile.Parse(Configs.Reft, "a.yaml", [set], _mine));
            Assert.Contains("is 'x': it must be one of", error.Message, StringComparison.Ordinal);
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        }

        Assert.All(sets, set => Assert.Throws<InputException>(() => Configs.Read(Configs.Reft, set)));
    }

    [Fact]
    public void Load_FormatOfOnesOwn_ReadsItsFiles()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["a.pipe"], "How many?|2\nAnd now?|3\n");

        var contents = new ProblemFile(folder["a.pipe"], new() { Formats = _mine.Formats }).Read();

        Assert.Equal(("pipe", "How many?", "3"), (contents.Format.Name, contents.Problems[0].Question, contents.Problems[1].Answer));
    }

    [Fact]
    public void Catalog_EveryNamedThing_HasANameOfItsOwnAndASummary()
    {
        foreach (var kind in new[] { typeof(IAnswerForm), typeof(IPromptForm), typeof(IReward), typeof(ICurriculumOptions), typeof(ISchedule), typeof(IProblemGenerator) })
        {
            var all = Catalog.Default.Of(kind);
            Assert.Distinct(all.Select(one => one.Name));
            Assert.All(all, one => Assert.False(string.IsNullOrWhiteSpace(one.Summary)));
            Assert.All(all, one => Assert.Matches("^[a-z][A-Za-z]*$", one.Name));
        }
    }
}
