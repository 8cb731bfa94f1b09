using Reft.Evaluation.Reranking;

namespace Reft.Reporting;

/// <summary>A run's folder as plain data: what its page and its summary are made from.</summary>
internal sealed record RunRecord
{
    /// <summary>The folder's name.</summary>
    public required string Name { get; init; }

    /// <summary>run.json by dotted path; empty where it is absent.</summary>
    public required IReadOnlyDictionary<string, string> Info { get; init; }

    /// <summary>status.json by dotted path; empty where it is absent.</summary>
    public required IReadOnlyDictionary<string, string> Status { get; init; }

    /// <summary>best.json by dotted path; empty where it is absent.</summary>
    public required IReadOnlyDictionary<string, string> Best { get; init; }

    /// <summary>config.yaml.</summary>
    public required RecordedConfig Config { get; init; }

    /// <summary>metrics.jsonl.</summary>
    public required Curves Metrics { get; init; }

    /// <summary>timings.jsonl.</summary>
    public required Curves Timings { get; init; }

    /// <summary>When the first and the last step ended, as timings.jsonl writes it; null where it is absent.</summary>
    public required (string? First, string? Last) Clock { get; init; }

    /// <summary>Every evaluation, by set and step.</summary>
    public required IReadOnlyList<EvaluationRow> Evaluations { get; init; }

    /// <summary>A reward model's evaluations, by set and step; empty for other models.</summary>
    public IReadOnlyList<RerankRecord> Rerankings { get; init; } = [];

    /// <summary>The steps of the dev evaluations that <see cref="Flip.Outcomes"/> has letters for.</summary>
    public required IReadOnlyList<long> DevSteps { get; init; }

    /// <summary>What counts as one draw with each dev problem, as in <see cref="EvaluationFiles.Groups"/>.</summary>
    internal IReadOnlyDictionary<string, string> Groups { get; init; } = new Dictionary<string, string>();

    /// <summary>The outcomes of dev problems, as in <see cref="EvaluationFiles.Outcomes"/>.</summary>
    public required IReadOnlyDictionary<string, char[]> Outcomes { get; init; }

    /// <summary>Dev problems that flipped.</summary>
    public required Flips Flips { get; init; }

    /// <summary>The alarms.</summary>
    public required IReadOnlyList<AlarmKind> Alarms { get; init; }

    /// <summary>The rollouts that are shown, and completions of the last dev evaluation behind them.</summary>
    public required IReadOnlyList<ShownRollout> Completions { get; init; }

    /// <summary>What of the completions is shown, by which rule.</summary>
    public required string Shown { get; init; }

    /// <summary>A prompt as the model saw it; null where none can be shown.</summary>
    public string? Prompt { get; init; }

    /// <summary>The problems of what is shown, by id.</summary>
    public required IReadOnlyDictionary<string, ShownProblem> Problems { get; init; }

    /// <summary>Looks at the test set.</summary>
    public required int TestLooks { get; init; }

    /// <summary>What was missing or damaged, in one sentence each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The method, such as <c>reft</c>; null where the run does not say.</summary>
    public string? Method => Info.GetValueOrDefault("method") ?? Config["method"];

    /// <summary>running, finished, stopped or failed; <c>unknown</c> where the run does not say.</summary>
    public string State => Status.GetValueOrDefault("state") ?? "unknown";

    /// <summary>Why the run is in its state; null where nothing is said.</summary>
    public string? Why => Status.GetValueOrDefault("reason") is { Length: > 0 } reason ? reason : null;
}

/// <summary>A problem in the page.</summary>
internal sealed record ShownProblem(string? Set, string? Question, string? Answer, string? Solution);
