using System.Collections;
using System.Reflection;
using Reft.Configuration;

namespace Reft.Tests.Configuration;

/// <summary>Configs to begin with, and how tests read and compare them.</summary>
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

    /// <summary>A run of seconds, of any method that is named besides: a tiny fresh model, generated problems, checkpoints on the way.</summary>
    public static string SmallRun(string folder, int steps) => $$"""
        run: {{folder}}
        model:
          fresh: { layers: 1, width: 32, heads: 2, feedForward: 48, context: 200, vocabulary: 300 }
        problems:
          train: { generated: { split: train, count: 12, profile: easy, maxSteps: 1 } }
          dev: { generated: { split: dev, count: 4, profile: easy, maxSteps: 1 } }
        answers: { style: program, giveProgramHeader: true }
        training: { steps: {{steps}}, batchSize: 4, maxTokens: 200 }
        optimizer: { learningRate: 1e-3, schedule: linear, warmupShare: 0.2 }
        evaluation: { everySteps: 2 }
        checkpoints: { everySteps: 2, keep: 9 }
        invariants: { off: [reward-stuck, error-verdicts, kl-negative] }

        """;

    /// <summary>A config of method reft with a fresh model, adapters and generated problems: most sections are there.</summary>
    public const string Reft = """
        method: reft
        run: runs/a
        model:
          fresh: { layers: 2, width: 64, heads: 4, keyValueHeads: 2, feedForward: 128, context: 2048, vocabulary: 300 }
          lora: { rank: 4, alpha: 8 }
        problems:
          train:
            - file: data/train.json
            - generated: { split: train, count: 10 }
          devFraction: 0.1
          test: { file: data/test.json }
        answers: { style: program }
        training: { epochs: 4, batchSize: 8 }
        optimizer: { learningRate: 1e-5, schedule: constant }

        """;

    public static IReadOnlyList<string> Presets { get; } =
    [
        .. Directory.EnumerateFiles(Folder, "*.y*ml", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(ArchitectureTests.Repository(), path).Replace('\\', '/'))
            .Where(path => !path.StartsWith("configs/reproduce/", StringComparison.Ordinal)) // Those are comparisons of runs.
            .Order(StringComparer.Ordinal),
    ];

    public static string Folder => Path.Combine(ArchitectureTests.Repository(), "configs");

    public static string TextOf(string preset) => File.ReadAllText(Path.Combine(ArchitectureTests.Repository(), preset));

    public static RunConfig Read(string text, params string[] sets) => Load(text, sets).Config;

    public static LoadedConfig Load(string text, params string[] sets) => ConfigFile.Parse(text, Name, sets);

    /// <summary>The error's lines.</summary>
    public static string[] Errors(string text, params string[] sets) =>
        Assert.Throws<InputException>(() => Load(text, sets)).Message.Split('\n');

    /// <summary>The first path at which two records differ in a property; null if they are the same.</summary>
    public static string? Difference(object? one, object? other, string path = "")
    {
        if (ReferenceEquals(one, other))
        {
            return null;
        }

        if (one is null || other is null || one is string or ValueType)
        {
            return Equals(one, other) ? null : $"{path}: {one} and {other}";
        }

        var (a, b) = (Members(one).ToArray(), Members(other).ToArray());
        return a.Length != b.Length
            ? $"{path}: {a.Length} and {b.Length} items"
            : a.Zip(b).Select(pair => Difference(pair.First.Value, pair.Second.Value, $"{path}.{pair.First.Name}"))
                .FirstOrDefault(difference => difference is not null);
    }

    private static IEnumerable<(string Name, object? Value)> Members(object record) => record is IEnumerable list
        ? list.Cast<object?>().Select((item, index) => ($"[{index}]", item))
        : record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => (property.Name, property.GetValue(record)));
}
