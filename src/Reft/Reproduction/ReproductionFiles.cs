using System.Text.Json;
using Reft.Training.Runs;

namespace Reft.Reproduction;

/// <summary>Where the files of a comparison lie.</summary>
/// <param name="Path">Its folder.</param>
internal sealed record ReproductionFiles(string Path)
{
    /// <summary>What decides the figures; who goes on must go on with it.</summary>
    public string Settings => In("settings.txt");

    /// <summary>Which stages are done, and how long each took.</summary>
    public string Stages => In("stages.jsonl");

    /// <summary>By which several processes share the stages.</summary>
    public string Locks => In(".locks");

    /// <summary>Every look at the test sets.</summary>
    public string TestLooks => In("test-looks.jsonl");

    /// <summary>The run of the base model.</summary>
    public RunFolder Base => new(In("base"));

    /// <summary>The figures.</summary>
    public string Results => In("results.json");

    /// <summary>Greedy accuracies as a figure.</summary>
    public string Figure => In("figure.svg");

    /// <summary>The tables.</summary>
    public string Tables => In("results.md");

    /// <summary>The page.</summary>
    public string Report => In("report.html");

    /// <summary>The set of problems that an arm learns.</summary>
    public static string TrainSet(Arm arm) => arm.Learns == ArmProblems.More ? $"train-{arm.Name}" : "train";

    /// <summary>A format's problems: train, dev, test, or those of an arm that has more.</summary>
    public string Problems(string format, string set) => In(format, $"{set}.jsonl");

    /// <summary>The warm-up's samples of train and dev problems.</summary>
    public string WarmUpSamples(string format, ulong seed) => In(format, Seed(seed), "warmup-samples.jsonl");

    /// <summary>What an arm on the warm-up's samples learns.</summary>
    public string WarmUpSet(string format, ulong seed, string arm) => In(format, Seed(seed), arm + ".jsonl");

    /// <summary>An arm's run.</summary>
    public RunFolder Run(string format, ulong seed, string arm) => new(In(format, Seed(seed), arm));

    /// <summary>The run of an arm's reward model.</summary>
    public RunFolder RewardRun(string format, ulong seed, string arm) => new(In(format, Seed(seed), arm + "-reward"));

    /// <summary>An arm's greedy completions of the test problems.</summary>
    public string Greedy(string format, ulong seed, string arm) => In(format, Seed(seed), arm + ".test.json");

    /// <summary>An arm's samples of the test problems.</summary>
    public string Samples(string format, ulong seed, string arm) => In(format, Seed(seed), arm + ".test-samples.jsonl");

    /// <summary>An arm's samples of the dev problems at a temperature.</summary>
    public string DevSamples(string format, ulong seed, string arm, double temperature) =>
        In(format, Seed(seed), FormattableString.Invariant($"{arm}.dev-samples-{temperature:R}.jsonl"));

    /// <summary>The temperature that dev chose for an arm's test samples.</summary>
    public string Temperature(string format, ulong seed, string arm) => In(format, Seed(seed), arm + ".temperature.json");

    /// <summary>The reward model's scores of those samples, in their order.</summary>
    public string Scores(string format, ulong seed, string arm) => In(format, Seed(seed), arm + ".test-scores.json");

    private static string Seed(ulong seed) => FormattableString.Invariant($"seed-{seed}");

    private string In(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);
}

/// <summary>A stage that ended, in <see cref="ReproductionFiles.Stages"/>.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="IsDone">Whether it is done, and not only stopped.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="ProcessorSeconds">What it took of processors: what the same machine, quiet, takes with one thread.</param>
internal sealed record StageRecord(string Stage, bool IsDone, double Seconds, double ProcessorSeconds = 0);

/// <summary>The log of stages; what a kill cut off is no record.</summary>
internal sealed class StageLog(string path)
{
    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>Every record.</summary>
    public IReadOnlyList<StageRecord> Read()
    {
        var records = new List<StageRecord>();
        foreach (var line in File.Exists(path) ? LineFile.Read(path) : [])
        {
            try
            {
                records.AddRange(new[] { JsonSerializer.Deserialize<StageRecord>(line, _json) }.OfType<StageRecord>());
            }
            catch (JsonException)
            {
                // The stage is done again, to the same result.
            }
        }

        return records;
    }

    /// <summary>The stages that are done.</summary>
    public HashSet<string> Done() => Read().Where(record => record.IsDone).Select(record => record.Stage).ToHashSet(StringComparer.Ordinal);

    /// <summary>Adds a record; it is on the disk when this returns.</summary>
    public void Add(StageRecord record)
    {
        var whole = Read();
        AtomicFile.WriteAllText(path, string.Concat(whole.Append(record).Select(r => JsonSerializer.Serialize(r, _json) + "\n")));
    }
}
