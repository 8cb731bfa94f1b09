using System.Text.Json;
using Reft.Training.Runs;

namespace Reft.Reproduction;

/// <summary>The methods of a comparison, in the order of its table.</summary>
internal enum ComparedMethod
{
    /// <summary>Supervised fine-tuning.</summary>
    Sft,

    /// <summary>Offline self-training.</summary>
    Offline,

    /// <summary>Online self-training.</summary>
    Online,

    /// <summary>ReFT.</summary>
    Reft,

    /// <summary>ReFT on more questions than the others have, known by their answers.</summary>
    ReftAnswers,
}

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

    /// <summary>The set of problems that a method learns.</summary>
    public static string TrainSet(ComparedMethod method) => method == ComparedMethod.ReftAnswers ? "train-answers" : "train";

    /// <summary>A format's problems: train, train-answers, dev or test.</summary>
    public string Problems(string format, string set) => In(format, $"{set}.jsonl");

    /// <summary>The warm-up's samples of train and dev problems.</summary>
    public string WarmUpSamples(string format, ulong seed) => In(format, Seed(seed), "warmup-samples.jsonl");

    /// <summary>What offline self-training learns.</summary>
    public string OfflineSet(string format, ulong seed) => In(format, Seed(seed), "offline.jsonl");

    /// <summary>A method's run.</summary>
    public RunFolder Run(string format, ulong seed, ComparedMethod method) => new(In(format, Seed(seed), Name(method)));

    /// <summary>The run of a method's reward model.</summary>
    public RunFolder RewardRun(string format, ulong seed, ComparedMethod method) => new(In(format, Seed(seed), Name(method) + "-reward"));

    /// <summary>A method's greedy completions of the test problems.</summary>
    public string Greedy(string format, ulong seed, ComparedMethod method) => In(format, Seed(seed), Name(method) + ".test.json");

    /// <summary>A method's samples of the test problems.</summary>
    public string Samples(string format, ulong seed, ComparedMethod method) => In(format, Seed(seed), Name(method) + ".test-samples.jsonl");

    /// <summary>A method's samples of the dev problems at a temperature.</summary>
    public string DevSamples(string format, ulong seed, ComparedMethod method, double temperature) =>
        In(format, Seed(seed), FormattableString.Invariant($"{Name(method)}.dev-samples-{temperature:R}.jsonl"));

    /// <summary>The temperature that dev chose for a method's test samples.</summary>
    public string Temperature(string format, ulong seed, ComparedMethod method) => In(format, Seed(seed), Name(method) + ".temperature.json");

    /// <summary>The reward model's scores of those samples, in their order.</summary>
    public string Scores(string format, ulong seed, ComparedMethod method) => In(format, Seed(seed), Name(method) + ".test-scores.json");

    /// <summary>A method's name in files.</summary>
    public static string Name(ComparedMethod method) => JsonNamingPolicy.CamelCase.ConvertName($"{method}");

    private static string Seed(ulong seed) => FormattableString.Invariant($"seed-{seed}");

    private string In(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);
}

/// <summary>A stage that ended, in <see cref="ReproductionFiles.Stages"/>.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="IsDone">Whether it is done, and not only stopped.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record StageRecord(string Stage, bool IsDone, double Seconds);

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

    /// <summary>Adds a record; it is on the disk when this returns.</summary>
    public void Add(StageRecord record)
    {
        var whole = Read();
        AtomicFile.WriteAllText(path, string.Concat(whole.Append(record).Select(r => JsonSerializer.Serialize(r, _json) + "\n")));
    }
}
