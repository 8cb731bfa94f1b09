namespace Reft.Tests.Configuration;

/// <summary>What is wrong with the YAML itself.</summary>
public sealed class YamlErrorTests
{
    private const string Empty =
        "is empty; a config needs at least method, run, model, problems, answers, training and optimizer";

    private const string NoKeys = "holds no keys; a config looks like 'seed: 1', a line for each key";

    [Theory]
    [InlineData("", "a.yaml:1: " + Empty)]
    [InlineData("# nothing\n", "a.yaml:1: " + Empty)]
    [InlineData("---\n~\n", "a.yaml:2: " + Empty)]
    [InlineData("- a\n", "a.yaml:1: " + NoKeys)]
    [InlineData("\ntext\n", "a.yaml:2: " + NoKeys)]
    public void Read_NothingToRead_SaysWhatAConfigIs(string text, string expected) =>
        Assert.Equal([expected], Configs.Errors(text));

    [Theory]
    [InlineData("run: [\n", 2)]
    [InlineData("run: a: b\n", 1)]
    [InlineData("method: sft\nrun: \"x\n", 2)]
    [InlineData("method: sft\n  run: x\n", 2)]
    [InlineData("run: @x\n", 1)]
    [InlineData("run: \"\\ud800\"\n", 1)]
    [InlineData("...\n? ...\n", 1)]
    [InlineData("run: x\nmodel:\n  - : \n", 3)]
    public void Read_InvalidYaml_NamesTheLine(string text, int line) =>
        Assert.StartsWith($"a.yaml:{line}: is not valid YAML: ", Assert.Single(Configs.Errors(text)), StringComparison.Ordinal);

    [Fact]
    public void Read_Tabs_NamesEveryLine()
    {
        var errors = Configs.Errors("method: sft\nmodel:\n\tpath: a\n  \tdtype: fp32\n\t# a comment\n\n\t\n");

        Assert.Equal(
            ["a.yaml:3: is indented with a tab; use spaces", "a.yaml:4: is indented with a tab; use spaces"], errors);
    }

    [Theory]
    [InlineData('\0')]
    [InlineData('\a')]
    [InlineData('\r')]
    [InlineData('\u0085')]
    public void Read_ControlCharacter_NamesTheLine(char character) => Assert.Equal(
        ["a.yaml:2: holds a control character; a config is plain text"],
        Configs.Errors($"method: sft\nrun: a{character}b\nseed: x\n"));

    [Fact]
    public void Read_DeepNesting_IsRefusedWithoutOverflow() => Assert.Equal(
        ["a.yaml:1: is not valid YAML: it is nested 33 levels deep"], Configs.Errors(new string('[', 100_000)));

    [Fact]
    public void Read_DuplicateKeys_NamesBothLines()
    {
        var text = Configs.Least.Replace(
            "  batchSize: 8", "  epochs: 3\n  batchSize: 8\nseed: 1\nmethod: reft", StringComparison.Ordinal);

        Assert.Equal(
            [
                "a.yaml:12: training.epochs: is given twice; it is already there in a.yaml:11",
                "a.yaml:15: method: is given twice; it is already there in a.yaml:1",
            ],
            Configs.Errors(text));
    }

    [Fact]
    public void Read_AnchorsAliasesTags_AreRefusedOneByOne()
    {
        var text = Configs.Least
            .Replace("runs/a", "&run runs/a", StringComparison.Ordinal)
            .Replace("models/a", "*run", StringComparison.Ordinal)
            .Replace("epochs: 2", "epochs: !!int 2", StringComparison.Ordinal)
            .Replace("schedule: linear", "schedule: !mine linear", StringComparison.Ordinal);

        Assert.Equal(
            [
                "a.yaml:2: run: has the anchor '&run'; anchors are not read: remove it",
                "a.yaml:4: model.path: is the alias '*run'; aliases are not read: write the value out",
                "a.yaml:11: training.epochs: has the tag 'tag:yaml.org,2002:int'; tags are not read: remove it",
                "a.yaml:15: optimizer.schedule: has the tag '!mine'; tags are not read: remove it",
            ],
            Configs.Errors(text));
    }

    [Fact]
    public void Read_SecondDocument_IsRefused() => Assert.Equal(
        ["a.yaml:16: starts a second document; one file is one run: split it"],
        Configs.Errors(Configs.Least + "---\nmethod: reft\n"));

    [Fact]
    public void Read_KeyThatIsAList_IsRefused() => Assert.Equal(
        ["a.yaml:16: has a key that is no plain name"], Configs.Errors(Configs.Least + "? [a]\n: 1\n"));
}
