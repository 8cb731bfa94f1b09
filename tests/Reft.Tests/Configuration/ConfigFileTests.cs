using System.Text;
using Reft.Algorithms;
using Reft.Answers;
using Reft.Configuration;
using Reft.Training.Schedules;

namespace Reft.Tests.Configuration;

public sealed class ConfigFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_LeastConfig_HasItsValuesAndTheDefaults()
    {
        var config = Configs.Read(Configs.Least);

        Assert.Equal(("sft", "runs/a", "models/a"), (config.Method, config.Run, config.Model.Path));
        Assert.Equal(("data/train.json", AnswerStyle.Program), (config.Problems.Train.Single().File, config.Answers.Style));
        Assert.Equal((2, null, 8), (config.Training.Epochs, config.Training.Steps, config.Training.BatchSize));
        Assert.Equal((1e-5, new LinearSchedule()), (config.Optimizer.LearningRate, config.Optimizer.Schedule));
        Assert.Equal((1ul, 512), (config.Seed, config.Options<CrossEntropyOptions>().ConstantLength));
        Assert.Null(config.Model.Fresh);
        Assert.Empty(config.Problems.Dev);
    }

    [Fact]
    public void Load_SetOfProblemsWithoutDash_IsAListOfOne()
    {
        var config = Configs.Read(Configs.Least.Replace("- file", "  file", StringComparison.Ordinal));

        Assert.Equal(["data/train.json"], config.Problems.Train.Select(set => set.File));
    }

    [Theory]
    [InlineData("\uFEFF")]
    [InlineData("# a comment\n\n---\n")]
    [InlineData("%YAML 1.2\n---\n")]
    public void Load_PrefixedFile_IsTheSame(string prefix)
    {
        File.WriteAllText(_folder["a.yaml"], prefix + Configs.Least, new UTF8Encoding(false));

        var loaded = ConfigFile.Load(_folder["a.yaml"], []);

        Assert.Null(Configs.Difference(Configs.Read(Configs.Least), loaded.Config));
    }

    [Fact]
    public void Load_WindowsLineEnds_AreTheSame() => Assert.Null(Configs.Difference(
        Configs.Read(Configs.Least), Configs.Read(Configs.Least.ReplaceLineEndings("\r\n"))));

    [Fact]
    public void Load_MissingFile_NamesIt()
    {
        var error = Assert.Throws<InputException>(() => ConfigFile.Load(_folder["none.yaml"], []));

        Assert.Equal($"{_folder["none.yaml"]}: no such file; check the path", error.Message);
    }

    [Fact]
    public void Load_Folder_SaysSo()
    {
        var error = Assert.Throws<InputException>(() => ConfigFile.Load(_folder.Path, []));

        Assert.Contains("is a folder where a file is needed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NotUtf8_SaysSo()
    {
        File.WriteAllBytes(_folder["a.yaml"], [(byte)'a', 0xFF, 0xFE]);

        var error = Assert.Throws<InputException>(() => ConfigFile.Load(_folder["a.yaml"], []));

        Assert.Equal($"{_folder["a.yaml"]}: is not UTF-8 text; a config is a YAML file", error.Message);
    }

    [Fact]
    public void Load_HugeFile_IsRefused()
    {
        File.WriteAllText(_folder["a.yaml"], Configs.Least + new string('#', 1 << 18));

        var error = Assert.Throws<InputException>(() => ConfigFile.Load(_folder["a.yaml"], []));

        Assert.Contains("more than the 262144", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_FileThatIsNoConfig_ListsAHundredErrorsAndCountsTheRest()
    {
        var text = string.Concat(Enumerable.Range(0, 200).Select(i => $"question{i}: x\n"));

        var errors = Configs.Errors(text);

        // 200 unknown keys and 7 missing ones.
        Assert.Equal((101, "and 107 more errors"), (errors.Length, errors[^1]));
    }
}
