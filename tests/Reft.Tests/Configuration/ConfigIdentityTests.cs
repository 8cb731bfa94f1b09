using System.Security.Cryptography;
using System.Text;
using Reft.Configuration;

namespace Reft.Tests.Configuration;

/// <summary>What tells one run from another, over the versions of Reft.</summary>
public sealed class ConfigIdentityTests
{
    [Fact]
    public void Spell_KeysAddedWithTheirDefaults_ChangesNothing()
    {
        var before = ConfigIdentity.Spell(new Before());

        Assert.Equal("seed: 1  # default\nmodel:\n  path: null  # default\n", before);
        Assert.Equal(before, ConfigIdentity.Spell(new After()));
    }

    [Fact]
    public void Spell_AddedKeyOffItsDefault_IsAnother()
    {
        After[] others =
        [
            new() { Warms = true }, new() { Model = new() { Layers = 3 } }, new() { Added = new() { Limit = 2 } },
            new() { Added = new() { Names = ["a"] } }, new() { Parts = [new()] }, new() { Parts = [new() { Limit = 2 }] },
        ];

        Assert.Equal(others.Length + 1, others.Append(new()).Select(ConfigIdentity.Spell).Distinct().Count());
    }

    [Fact]
    public void Spell_FirstKeysDefaultChanged_IsAnother() =>
        Assert.NotEqual(ConfigIdentity.Spell(new Before()), ConfigIdentity.Spell(new ChangedDefault()));

    [Fact]
    public void Of_RunOfTheFirstVersion_IsWhatItWas()
    {
        // The hash of the text that version 0.1.0 wrote of this run's config.yaml, with the folder and the four keys that change nothing
        // put at their stand-ins.
        const string Toy = """
            method: reft
            run: runs/reft
            model:
              fresh: { layers: 1, width: 32, heads: 2, feedForward: 48, context: 200, vocabulary: 300 }
            problems:
              train: { generated: { split: train, count: 12, profile: easy, maxSteps: 1 } }
              dev: { generated: { split: dev, count: 4, profile: easy, maxSteps: 1 } }
            answers: { style: program, giveProgramHeader: true }
            training: { steps: 6, batchSize: 4, maxTokens: 200 }
            optimizer: { learningRate: 1e-3, schedule: linear, warmupShare: 0.2 }
            rollouts: { maxTokens: 8, slots: 7 }
            evaluation: { everySteps: 2, maxTokens: 8 }
            checkpoints: { everySteps: 2, keep: 9 }
            invariants: { off: [reward-stuck, error-verdicts, kl-negative] }
            """;

        var text = ConfigIdentity.Of(Configs.Load(Toy).Config);

        Assert.StartsWith("4cb24a0a541d8734", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_DrawOfProblems_TakesNoPart()
    {
        // The problems' own hash tells them apart; a run of before the draw had a name goes on where the config names it.
        const string Sets = "{ split: dev, count: 4, profile: easy, maxSteps: 1";
        string Of(string more) => ConfigIdentity.Of(Configs.Load($$"""
            method: sft
            run: runs/sft
            model: { fresh: { layers: 1, width: 32, heads: 2, feedForward: 48, context: 200, vocabulary: 300 } }
            problems: { train: { generated: { split: train, count: 12, profile: easy, maxSteps: 1 } }, dev: { generated: {{Sets}}{{more}} } } }
            answers: { style: program }
            training: { steps: 6, batchSize: 4, maxTokens: 200 }
            optimizer: { learningRate: 1e-3, schedule: linear }
            evaluation: { everySteps: 2, maxTokens: 8 }
            """).Config);

        Assert.Equal(Of(""), Of(", distinctStructures: false"));
        Assert.NotEqual(Of(""), Of(", mentalArithmeticRate: 0.5"));
    }

    [Fact]
    public void Of_Device_IsItsKind()
    {
        var texts = new[] { "cpu", "cuda", "cuda:0", "cuda:3" }.Select(device =>
        {
            var config = Configs.Load(Configs.Least).Config;
            return ConfigIdentity.Of(config with { Model = config.Model with { Device = device } });
        }).ToArray();

        Assert.Equal(ConfigIdentity.Of(Configs.Load(Configs.Least).Config), texts[0]);
        Assert.NotEqual(texts[0], texts[1]);
        Assert.Equal([texts[1], texts[1]], texts[2..]);
    }

    private sealed record Before
    {
        public ulong Seed { get; init; } = 1;

        public Section Model { get; init; } = new();

        public sealed record Section
        {
            public string? Path { get; init; }
        }
    }

    private sealed record After
    {
        public bool Warms { get; init; }

        public ulong Seed { get; init; } = 1;

        public Section Model { get; init; } = new();

        public NewSection Added { get; init; } = new();

        public NewSection? Absent { get; init; }

        public IReadOnlyList<NewSection> Parts { get; init; } = [];

        public sealed record Section
        {
            public string? Path { get; init; }

            public int Layers { get; init; } = 2;
        }
    }

    private sealed record NewSection
    {
        public double Limit { get; init; } = 0.5;

        public IReadOnlyList<string> Names { get; init; } = [];
    }

    private sealed record ChangedDefault
    {
        public ulong Seed { get; init; } = 2;

        public Before.Section Model { get; init; } = new();
    }
}
