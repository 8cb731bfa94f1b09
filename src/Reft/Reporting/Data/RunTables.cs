using System.Globalization;
using Reft.Evaluation;

namespace Reft.Reporting.Data;

/// <summary>Tables of what runs came to: a row a run, an evaluation, a completion of an evaluation.</summary>
/// <param name="runs">The runs.</param>
/// <param name="notes">What could not be read.</param>
internal sealed class RunTables(IReadOnlyList<DataRun> runs, ICollection<string> notes)
{
    // What a table needs of a run is none of its completions.
    private static readonly ReportLimits _limits = new() { RolloutBytes = 0, EvaluationBytes = 0, FlipBytes = 0, ProblemBytes = 0 };

    private readonly Dictionary<string, RunRecord> _read = new(StringComparer.Ordinal);

    /// <summary>A run as the report reads it.</summary>
    public RunRecord Read(DataRun run)
    {
        if (!_read.TryGetValue(run.Path, out var record))
        {
            _read[run.Path] = record = RunReader.Read(run.Path, _limits);
            foreach (var note in record.Notes)
            {
                notes.Add($"{run.Name}: {note}");
            }
        }

        return record;
    }

    /// <summary>A row a run: how it stands, and its figures on dev and test.</summary>
    public DataTable Runs()
    {
        DataColumn[] columns =
        [
            new("run", DataKind.Text), new("method", DataKind.Text), new("seed", DataKind.Integer), new("state", DataKind.Text), new("steps", DataKind.Integer),
            new("of", DataKind.Integer), new("parameters", DataKind.Integer), new("trainedParameters", DataKind.Integer),
            new("devFirst", DataKind.Number), .. Estimated("dev"), new("devBest", DataKind.Number), new("devBestStep", DataKind.Integer),
            .. Estimated("test"), new("testStep", DataKind.Integer), new("testLooks", DataKind.Integer), new("alarms", DataKind.Integer),
            new("started", DataKind.Moment), new("lastStep", DataKind.Moment), new("version", DataKind.Text),
        ];
        return new("runs", columns, runs.Select(run => Row(run, Read(run))));

        static DataColumn[] Estimated(string name) =>
            [new(name, DataKind.Number), new($"{name}Low", DataKind.Number), new($"{name}High", DataKind.Number), new($"{name}Problems", DataKind.Integer)];
    }

    /// <summary>The same for people.</summary>
    public TextTable Shown() => new(
        "runs", ["run", "method", "state", "steps", "dev, last", "dev, best", "at step", "test"],
        [
            .. runs.Select(run =>
            {
                var record = Read(run);
                var dev = DevChange.Of(record);
                return (string[])
                [
                    run.Name, record.Method ?? "–", record.State, record.Metrics.Steps.ToString(CultureInfo.InvariantCulture), Spelled(dev?.Last.Accuracy),
                    Spelled(dev?.Best.Accuracy), dev?.Best.Step.ToString(CultureInfo.InvariantCulture) ?? "–", Spelled(TestOf(record)?.Greedy.Accuracy),
                ];
            }),
        ]);

    /// <summary>A row for each way of decoding of each evaluation.</summary>
    public DataTable Evaluations() => new(
        "evaluations",
        [
            new("run", DataKind.Text), new("set", DataKind.Text), new("step", DataKind.Integer), new("decoding", DataKind.Text), new("model", DataKind.Text),
            new("accuracy", DataKind.Number), new("low", DataKind.Number), new("high", DataKind.Number), new("n", DataKind.Integer),
            new("reward", DataKind.Number), new("correct", DataKind.Number), new("incorrect", DataKind.Number), new("noAnswer", DataKind.Number),
            new("timeout", DataKind.Number), new("error", DataKind.Number), new("truncated", DataKind.Number), new("promptTooLong", DataKind.Number),
            new("sampling", DataKind.Text),
        ],
        runs.SelectMany(run => Read(run).Evaluations.SelectMany(row => new[] { ("greedy", row.Greedy), ("sampled", row.Sampled) }
            .Where(way => way.Item2 is not null).Select(way => Row(run, row, way.Item1, way.Item2!))))); // Not null: chosen.

    /// <summary>A row for each completion of each evaluation.</summary>
    public DataTable Completions() => new(
        "completions",
        [
            new("run", DataKind.Text), new("set", DataKind.Text), new("step", DataKind.Integer), new("decoding", DataKind.Text), new("problem", DataKind.Text),
            new("group", DataKind.Text), new("sample", DataKind.Integer), new("outcome", DataKind.Text), new("answer", DataKind.Text),
            new("gold", DataKind.Text), new("tokens", DataKind.Integer), new("finish", DataKind.Text), new("detail", DataKind.Text),
            new("prompt", DataKind.Text), new("completion", DataKind.Text),
        ],
        runs.SelectMany(run => EvaluationFiles.Results(run.Files.Evaluations)
            .SelectMany(result => new[] { ("greedy", result.Greedy), ("sampled", result.Sampled) }
                .Where(way => way.Item2 is not null)
                .SelectMany(way => way.Item2!.Items.Select(item => new object?[] // Not null: chosen.
                {
                    run.Name, result.Set, result.Step, way.Item1, item.Problem, item.Group, (long)item.Sample, PageJson.Name(item.Outcome), item.Answer,
                    item.Gold, (long)item.Tokens, PageJson.Name(item.Finish), item.Detail, item.Prompt, item.Completion,
                })))));

    private static object?[] Row(DataRun run, EvaluationRow row, string decoding, EvaluationScore score) =>
    [
        run.Name, row.Set, row.Step, decoding, row.Model, score.Accuracy.Value, score.Accuracy.Low, score.Accuracy.High, (long)score.Accuracy.N,
        score.Reward, score.Shares.Correct, score.Shares.Incorrect, score.Shares.NoAnswer, score.Shares.Timeout, score.Shares.Error,
        score.Shares.Truncated, score.Shares.PromptTooLong, score.Sampling,
    ];

    private static object?[] Row(DataRun run, RunRecord record)
    {
        var dev = DevChange.Of(record);
        var test = TestOf(record);
        return
        [
            run.Name, record.Method, Integer(record.Info.GetValueOrDefault("seed") ?? record.Config["seed"]), record.State, record.Metrics.Steps,
            Integer(record.Status.GetValueOrDefault("of")), Integer(record.Info.GetValueOrDefault("parameters")),
            Integer(record.Info.GetValueOrDefault("trainedParameters")), dev?.First.Accuracy.Value, .. Estimated(dev?.Last.Accuracy),
            dev?.Best.Accuracy.Value, dev?.Best.Step, .. Estimated(test?.Greedy.Accuracy), test?.Step, (long)record.TestLooks,
            (long)record.Alarms.Sum(alarm => alarm.Count), Moment(record.Info.GetValueOrDefault("start")), Moment(record.Clock.Last),
            record.Info.GetValueOrDefault("version"),
        ];

        static object?[] Estimated(Estimate? estimate) => [estimate?.Value, estimate?.Low, estimate?.High, (long?)estimate?.N];
    }

    private static EvaluationRow? TestOf(RunRecord record) => record.Evaluations.LastOrDefault(evaluation => evaluation.Set == "test");

    private static string Spelled(Estimate? estimate) => estimate is null
        ? "–"
        : FormattableString.Invariant($"{100 * estimate.Value:F1} ({100 * estimate.Low:F1}–{100 * estimate.High:F1})");

    private static long? Integer(string? text) => long.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static DateTime? Moment(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var at) ? at.UtcDateTime : null;
}
