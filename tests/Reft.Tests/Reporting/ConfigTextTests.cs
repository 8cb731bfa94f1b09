using Reft.Reporting;

namespace Reft.Tests.Reporting;

public sealed class ConfigTextTests
{
    [Theory]
    [InlineData("seed", "7")]
    [InlineData("model.path", "runs/a # b")]
    [InlineData("model.lora.rank", "8")]
    [InlineData("run", "c#d")]
    [InlineData("training.epochs", null)]
    [InlineData("rank", null)]
    [InlineData("none", null)]
    public void Value_Path_IsFound(string path, string? expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.yaml"], """
            # A comment: with a colon.
            seed: 7   # default
            model:
              path: "runs/a # b"   # file: x.yaml:3
              lora:
                rank: 8
            run: c#d
            training:
              epochs: null   # default
            list:
              - a: 1
            """);

        Assert.Equal(expected, RecordedConfig.Read(folder["config.yaml"], [])[path]);
    }
}
