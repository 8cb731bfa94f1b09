using Reft.Configuration;
using Reft.Problems.Generated;

namespace Reft.Tests.Configuration;

/// <summary>Settings of the command line over the file, and where values came from.</summary>
public sealed class SettingTests
{
    [Fact]
    public void Set_Leaf_GoesBeforeTheFile()
    {
        var config = Configs.Read(Configs.Least, "training.epochs=3", " training.epochs = 5", "seed=2");

        Assert.Equal((5, 8, 2ul), (config.Training.Epochs, config.Training.BatchSize, config.Seed));
    }

    [Fact]
    public void Set_Item_ChangesThatItemAlone()
    {
        var config = Configs.Read(Configs.Reft, "problems.train[0].file=x.json", "problems.train[1].generated.count=7");

        Assert.Equal(["x.json", null], config.Problems.Train.Select(set => set.File));
        var generated = config.Problems.Train[1].Generated!;
        Assert.Equal((7, GeneratedSplit.Train), (generated.Count, generated.Split));
    }

    [Fact]
    public void Set_ItemOfASetWithoutDash_IsTheFirst() => Assert.Equal(
        "x.json", Configs.Read(Configs.Reft, "problems.test[0].file=x.json").Problems.Test.Single().File);

    [Fact]
    public void Set_NextItem_IsAdded() => Assert.Equal(
        ["data/test.json", "b.json"],
        Configs.Read(Configs.Reft, "problems.test[1].file=b.json").Problems.Test.Select(set => set.File));

    [Fact]
    public void Set_ItemOfAnAbsentList_MakesTheList() => Assert.Equal(
        ["b.json"], Configs.Read(Configs.Least, "problems.dev[0].file=b.json").Problems.Dev.Select(set => set.File));

    [Fact]
    public void Set_Null_MakesAbsent()
    {
        var config = Configs.Read(
            Configs.Least,
            "model.path=null",
            "model.fresh={layers: 1, width: 8, heads: 2, feedForward: 9, context: 1024, vocabulary: 257}");

        Assert.Null(config.Model.Path);
        Assert.Equal((1, 8), (config.Model.Fresh!.Layers, config.Model.Fresh.Width));
    }

    [Fact]
    public void Set_KeyOfANullSection_MakesTheSection() => Assert.Equal(
        (4, 8.0),
        Configs.Read(Configs.Least + "invariants: {}\n", "model.lora=", "model.lora.rank=4", "model.lora.alpha=8").Model.Lora
            is { } lora ? (lora.Rank, lora.Alpha) : default);

    [Theory]
    [InlineData("seed", "must look like training.epochs=3 or problems.train[0].file=data/train.json")]
    [InlineData("=3", "must look like training.epochs=3 or problems.train[0].file=data/train.json")]
    [InlineData("a..b=3", "must look like training.epochs=3 or problems.train[0].file=data/train.json")]
    [InlineData("[0]=3", "must look like training.epochs=3 or problems.train[0].file=data/train.json")]
    [InlineData("a[x]=3", "must look like training.epochs=3 or problems.train[0].file=data/train.json")]
    [InlineData("problems.train.file=x", "problems.train.file: goes into a list; say into which item, as in [0].file")]
    [InlineData("problems.train[2].file=x", "problems.train[2].file: sets item 2 of a list of 1; the next one is 1")]
    [InlineData("training.epochs.x=3", "training.epochs: is a section: it must be a whole number")]
    [InlineData("run=&a b", "run: has the anchor '&a'; anchors are not read: remove it")]
    public void Set_CannotBeRead_SaysWhy(string set, string expected) =>
        Assert.Equal([$"--set {set}: {expected}"], Configs.Errors(Configs.Least, set));

    [Fact]
    public void Set_InvalidYaml_NamesTheSetting() => Assert.StartsWith(
        "--set run=[: run: is not valid YAML: ", Assert.Single(Configs.Errors(Configs.Least, "run=[")), StringComparison.Ordinal);

    [Fact]
    public void Errors_FileAndSettings_AreListedTogether() => Assert.Equal(
        [
            "a.yaml:12: training.batchSize: is 'x': it must be a whole number, written in digits alone",
            "--set seed=a: seed: is 'a': it must be a whole number, written in digits alone",
            "--set b: must look like training.epochs=3 or problems.train[0].file=data/train.json",
        ],
        Configs.Errors(Configs.Least.Replace("batchSize: 8", "batchSize: x", StringComparison.Ordinal), "seed=a", "b"));

    [Theory]
    [InlineData("method", "a.yaml:1")]
    [InlineData("problems.train[0].file", "a.yaml:7")]
    [InlineData("problems.train[0].format", "default")]
    [InlineData("training.epochs", "a.yaml:11")]
    [InlineData("training.steps", "default")]
    [InlineData("seed", "--set")]
    [InlineData("checkpoints.keepEpochs", "--set")]
    [InlineData("training.batchSize", "--set")]
    [InlineData("model.lora.rank", "--set")]
    [InlineData("model.lora.targets", "default")]
    public void Provenance_OfEveryValue_SaysWhereItStands(string path, string expected)
    {
        var loaded = Configs.Load(
            Configs.Least, "seed=3", "checkpoints={keepEpochs: [1]}", "training.batchSize=8", "model.lora={rank: 2, alpha: 2}");

        Assert.Equal(expected, loaded.Provenance.Of(path));
        Assert.Equal("default", Provenance.None.Of(path));
    }
}
