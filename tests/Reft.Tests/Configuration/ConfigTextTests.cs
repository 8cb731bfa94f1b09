using Reft.Configuration;
using Reft.Quickstart;

namespace Reft.Tests.Configuration;

/// <summary>Configs that are written.</summary>
public sealed class ConfigTextTests
{
    public static TheoryData<string> Presets => [.. Configs.Presets];

    [Fact]
    public void Write_LeastConfig_HasEveryValueWithItsOrigin()
    {
        var loaded = Configs.Load(Configs.Least, "training.epochs=3", "checkpoints.keepEpochs=[1, 3]");

        var text = ConfigText.Write(loaded.Config, loaded.Provenance);

        Assert.Equal(
            """
            method: sft  # a.yaml:1
            run: runs/a  # a.yaml:2
            seed: 1  # default
            model:
              path: models/a  # a.yaml:4
              fresh: null  # default
              dtype: fp32  # default
              device: cpu  # default
              products: exact  # default
              lora: null  # default
              quantization: none  # default
              latentSlot: false  # default
              activationCheckpointing: false  # default
              dropout: false  # default
            problems:
              train:
                - file: data/train.json  # a.yaml:7
                  format: auto  # default
                  columns:
                    id: null  # default
                    question: null  # default
                    questionTemplate: null  # default
                    answer: null  # default
                    solution: null  # default
                    group: null  # default
                    ignored: null  # default
                  gsm8kSolution: null  # default
                  generated: null  # default
              dev: []  # default
              devFraction: 0  # default
              devLimit: null  # default
              test: []  # default
            answers:
              style: program  # a.yaml:9
              policy: exact  # default
              giveProgramHeader: false  # default
              engine: managed  # default
              kinds: []  # default
              form: paper  # default
              prompt:
                type: marks  # default
                system: null  # default
                instruction: ""  # default
                question: "Question:\U0000000A"  # default
                answer: "\U0000000AAnswer reasoning:\U0000000A"  # default
            training:
              epochs: 3  # --set
              steps: null  # default
              stopAfterEpochs: null  # default
              stopAfterSteps: null  # default
              batchSize: 8  # a.yaml:12
              maxTokens: null  # default
              microBatchTokens: 4096  # default
              microBatchesAtOnce: null  # default
              gradientLeaves: 0  # default
            optimizer:
              learningRate: 1e-5  # a.yaml:14
              schedule: linear  # a.yaml:15
              warmupShare: 0  # default
              adam:
                beta1: 0.9  # default
                beta2: 0.999  # default
                epsilon: 1e-8  # default
                weightDecay: 0  # default
                maxGradientNorm: 1  # default
            crossEntropy:
              aggregation: tokenMean  # default
              constantLength: 512  # default

            """,
            text[..text.IndexOf("evaluation:", StringComparison.Ordinal)]);
        Assert.Contains("  keepEpochs: [1, 3]  # --set\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Presets))]
    public void Write_Preset_ReadsBackTheSame(string preset)
    {
        var loaded = Configs.Load(Configs.TextOf(preset));

        var again = Configs.Read(ConfigText.Write(loaded.Config, loaded.Provenance));

        Assert.Null(Configs.Difference(loaded.Config, again));
    }

    [Fact]
    public void Write_QuickstartConfigs_CanBeReadToResumeThem()
    {
        var configs = QuickstartConfigs.Make("runs/first steps", 7, "cuda:1");

        Assert.All([configs.Sft, configs.Reft, configs.MoreAnswers], config => Assert.Null(
            Configs.Difference(config, Configs.Read(ConfigText.Write(config, Provenance.None)))));
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("-a")]
    [InlineData("a: b")]
    [InlineData("a #b")]
    [InlineData("a ")]
    [InlineData(" a")]
    [InlineData("null")]
    [InlineData("TRUE")]
    [InlineData("1e5")]
    [InlineData(".5")]
    [InlineData(".inf")]
    [InlineData("~")]
    [InlineData("yes")]
    [InlineData("0x10")]
    [InlineData("12:30:00")]
    [InlineData("---")]
    [InlineData("...")]
    [InlineData("'a'")]
    [InlineData("\"a\\\"")]
    [InlineData("C:\\runs\\ä")]
    [InlineData("日本\u2028\u0085\uFEFF\u00A0😀")]
    [InlineData("[a, b]")]
    [InlineData("{a}")]
    [InlineData("*a")]
    [InlineData("&a")]
    [InlineData("!a")]
    [InlineData("%a")]
    [InlineData("@a")]
    [InlineData("a,b")]
    public void Write_AnyText_ReadsBackTheSame(string text)
    {
        if (text.Any(char.IsControl))
        {
            text = string.Concat(text.Where(c => !char.IsControl(c)));
        }

        var loaded = Configs.Load(Configs.Reft);
        var config = loaded.Config with
        {
            Run = text,
            Model = loaded.Config.Model with { Lora = loaded.Config.Model.Lora! with { Targets = [text, "b", text] } },
        };

        var again = Configs.Read(ConfigText.Write(config, loaded.Provenance));

        Assert.Equal(text, again.Run);
        Assert.Equal([text, "b", text], again.Model.Lora!.Targets);
    }

    [Theory]
    [InlineData(1e-5, "1e-5")]
    [InlineData(1e-10, "1e-10")]
    [InlineData(3e20, "3e+20")]
    [InlineData(0.1, "0.1")]
    [InlineData(-0.0, "-0")]
    [InlineData(5.0, "5")]
    [InlineData(0.30000000000000004, "0.30000000000000004")]
    public void Scalar_Number_IsTheShortestThatReadsBack(double value, string expected) =>
        Assert.Equal(expected, ConfigText.Scalar(value));

    [Fact]
    public void Write_FileNameWithLineBreak_StaysAComment()
    {
        var loaded = ConfigFile.Parse(Configs.Least, "a\nrun: b.yaml", []);

        Assert.Null(Configs.Difference(loaded.Config, Configs.Read(ConfigText.Write(loaded.Config, loaded.Provenance))));
    }
}
