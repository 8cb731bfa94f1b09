using System.Text.Json;
using System.Text.Json.Nodes;
using Reft.Tests.Training.Runs;
using Reft.Training.Runs;

namespace Reft.Tests.Replay;

/// <summary>The folder of a toy run of PPO that was really trained, with the config and the problems that belong to it.</summary>
internal sealed class StoredToyRun : IDisposable
{
    /// <summary>The options of <see cref="ToyRun"/>.</summary>
    private const string Config = """
        method: reft
        run: runs/toy
        model: { path: models/toy }
        problems: { train: [{ file: data/toy.json }] }
        answers: { style: number }
        training: { epochs: 2, batchSize: 16 }
        optimizer: { learningRate: 3e-3, schedule: constant }
        ppo: { kl: { coefficient: 0.05, target: 0.5, horizon: 100 } }

        """;

    private readonly TemporaryFolder _folder = new();

    public StoredToyRun()
    {
        Folder = new RunFolder(_folder["run"]);
        using (var run = new ToyRun(Folder.Path))
        {
            run.Run(TestContext.Current.CancellationToken);
        }

        // The toy's evaluations are not evaluations.
        Directory.Delete(Folder.Evaluations, recursive: true);
        File.WriteAllText(Folder.Config, Config);
        File.WriteAllLines(Folder.Problems, Enumerable.Range(0, 16).Select(i => JsonSerializer.Serialize(
            new { id = $"{i}", set = "train", question = "", answer = "7", solution = (string?)null })));
    }

    internal RunFolder Folder { get; }

    public JsonObject[] Rollouts => [.. File.ReadLines(Folder.Rollouts).Select(line => JsonNode.Parse(line)!.AsObject())];

    public JsonObject[] Metrics => [.. File.ReadLines(Folder.Metrics).Select(line => JsonNode.Parse(line)!.AsObject())];

    /// <summary>Changes one rollout in the file.</summary>
    public void Tamper(int index, Action<JsonObject> change)
    {
        var rollouts = Rollouts;
        change(rollouts[index]);
        File.WriteAllText(Folder.Rollouts, string.Concat(rollouts.Select(r => r.ToJsonString() + "\n")));
    }

    public void Dispose() => _folder.Dispose();
}
