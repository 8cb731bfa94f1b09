using Reft.Composition.Configuration;

namespace Reft.Tests.Composition.Configuration;

/// <summary>Configs to begin with, and how tests read them.</summary>
internal static class Configs
{
    public const string Name = "a.yaml";

    /// <summary>The smallest config; the numbers of its lines are in messages.</summary>
    public const string Least = """
        method: sft
        run: runs/a
        model:
          path: models/a
        problems:
          train:
            - file: data/train.json
        answers:
          style: program
        training:
          epochs: 2
          batchSize: 8
        optimizer:
          learningRate: 1e-5
          schedule: linear

        """;

    public static RunConfig Read(string text, params string[] sets) => Load(text, sets).Config;

    public static LoadedConfig Load(string text, params string[] sets) => ConfigFile.Parse(text, Name, sets);

    /// <summary>The error's lines.</summary>
    public static string[] Errors(string text, params string[] sets) =>
        Assert.Throws<InputException>(() => Load(text, sets)).Message.Split('\n');
}
