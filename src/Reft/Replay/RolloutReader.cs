using System.Text.Json;
using Reft.Algorithms;
using Reft.Generation;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Training.Runs;
using Reft.Verification;

namespace Reft.Replay;

/// <summary>Reads rollouts.jsonl step by step; the file may be larger than memory.</summary>
internal sealed class RolloutReader(RunFolder folder)
{
    private readonly Dictionary<string, Problem> _problems = ReadProblems(folder.Problems);
    private readonly Dictionary<long, JsonElement> _metrics = ReadMetrics(folder.Metrics);

    /// <summary>What could not be read whole, in words.</summary>
    public List<string> Skipped { get; } = [];

    /// <summary>The steps, in order.</summary>
    /// <param name="to">The last one to be read.</param>
    /// <exception cref="InputException">A line is not a rollout of this run.</exception>
    public IEnumerable<StoredStep> Steps(long to)
    {
        var step = -1L;
        var trajectories = new List<Trajectory>();
        var number = 0;
        foreach (var line in LineFile.Read(InputFile.Guarded(folder.Rollouts, () => Existing(folder.Rollouts))))
        {
            var (at, trajectory) = Read(line, ++number);
            if (at != step && trajectories.Count > 0)
            {
                if (Whole(step, trajectories) is { } whole)
                {
                    yield return whole;
                }

                trajectories = [];
            }

            if (at > to)
            {
                yield break;
            }

            step = at;
            trajectories.Add(trajectory);
        }

        if (trajectories.Count > 0 && Whole(step, trajectories) is { } last)
        {
            yield return last;
        }
    }

    private static string Existing(string path) => File.Exists(path) ? path : throw new FileNotFoundException(path);

    /// <summary>Whitening takes the whole batch, so a step that an interruption cut short cannot be worked out.</summary>
    private StoredStep? Whole(long step, List<Trajectory> trajectories)
    {
        if (!_metrics.TryGetValue(step, out var metrics))
        {
            Skipped.Add($"step {step}: metrics.jsonl has no line for it");
            return null;
        }

        var expected = metrics.TryGetProperty("rollout/sequences", out var count) ? count.GetInt32() : trajectories.Count;
        var hash = metrics.TryGetProperty("rollouts", out var text) ? text.GetString() ?? "" : "";
        // Sequences that nobody drew are not logged; where the hash of what was drawn is right, nothing is missing.
        if (trajectories.Count != expected && RolloutLog.Hash(trajectories) != hash)
        {
            Skipped.Add($"step {step}: {trajectories.Count} of {expected} rollouts are in rollouts.jsonl");
            return null;
        }

        return new StoredStep(
            step, Figure(metrics, "kl/coefficient"), Figure(metrics, "value/explained_variance"), hash,
            metrics.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Number).ToDictionary(p => p.Name, p => p.Value.GetDouble(), StringComparer.Ordinal),
            trajectories);
    }

    private (long Step, Trajectory Trajectory) Read(string line, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            return (root.GetProperty("step").GetInt64(), ToTrajectory(root));
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException
            or FormatException or ArgumentException)
        {
            throw new InputException(
                $"{OneLine.Of(folder.Rollouts)} line {number}: not a rollout ({OneLine.Of(error.Message)}); restore the file",
                error);
        }
    }

    private Trajectory ToTrajectory(JsonElement root) => new(ToRollout(root))
    {
        OldLogProbs = Floats(root, "logProbs"),
        ReferenceLogProbs = Floats(root, "referenceLogProbs"),
        OldValues = Floats(root, "values"),
        Rewards = root.TryGetProperty("rewards", out var rewards) ? [.. rewards.EnumerateArray().Select(v => v.GetDouble())] : [],
        Advantages = Floats(root, "advantages"),
        Returns = Floats(root, "returns"),
    };

    private ScoredRollout ToRollout(JsonElement root)
    {
        var problem = root.GetProperty("problem").GetString() ?? "";
        var sample = root.GetProperty("sample").GetString() ?? "";
        return new ScoredRollout
        {
            SampleId = sample,
            Problem = _problems.TryGetValue(problem, out var known)
                ? known
                : throw new KeyNotFoundException($"problems.jsonl has no problem {OneLine.Quote(problem)}"),
            Tokens = [.. root.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())],
            PromptLength = root.GetProperty("promptLength").GetInt32(),
            Roles = [.. (root.GetProperty("roles").GetString() ?? "").Select(Role)],
            LogProbs = Floats(root, "logProbs") is { Length: > 0 } drawn ? drawn : throw new KeyNotFoundException("it has no logProbs"),
            SamplerLogProbs = Floats(root, "samplerLogProbs"),
            ImportanceWeights = Floats(root, "importanceWeights"),
            FinishReason = root.GetProperty("finish").GetString() == "length" ? FinishReason.Length : FinishReason.Stop,
            Text = root.GetProperty("text").GetString() ?? "",
            Verdict = root.TryGetProperty("outcome", out var outcome)
                ? new Verdict(
                    sample, Enum.Parse<Outcome>(outcome.GetString() ?? "", ignoreCase: true),
                    root.GetProperty("answer").GetString(), root.GetProperty("detail").GetString() ?? "")
                : throw new KeyNotFoundException("it has no verdict"),
            Reward = root.GetProperty("reward").GetDouble(),
            PolicyStep = root.TryGetProperty("policyStep", out var drawnAt) ? drawnAt.GetInt64() : 0,
            Turn = root.TryGetProperty("turn", out var turn) ? turn.GetInt32() : 0,
            Weight = root.TryGetProperty("weight", out var weight) ? weight.GetDouble() : 1,
            Baseline = root.TryGetProperty("baseline", out var baseline) ? baseline.GetDouble() : null,
            KnownLikelihood = root.TryGetProperty("knownLikelihood", out var likelihood) ? likelihood.GetDouble() : null,
        };
    }

    private static TokenRole Role(char letter) => letter switch
    {
        'H' => TokenRole.Hint,
        'S' => TokenRole.Sampled,
        'F' => TokenRole.Feedback,
        _ => throw new FormatException($"role '{letter}' is not H, S or F"),
    };

    /// <summary>A figure that is not a number was written as null.</summary>
    private static float[] Floats(JsonElement root, string name) => !root.TryGetProperty(name, out var values)
        ? [] // The method has none.
        : [.. values.EnumerateArray().Select(v => v.ValueKind == JsonValueKind.Null ? float.NaN : v.GetSingle())];

    private static double Figure(JsonElement metrics, string name) =>
        metrics.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : double.NaN;

    private static Dictionary<string, Problem> ReadProblems(string path)
    {
        var problems = new Dictionary<string, Problem>(StringComparer.Ordinal);
        foreach (var root in Lines(path).Where(root => root.GetProperty("set").GetString() == "train"))
        {
            var id = root.GetProperty("id").GetString() ?? "";
            problems[id] = new Problem(
                id, root.GetProperty("question").GetString() ?? "", root.GetProperty("answer").GetString() ?? "");
        }

        return problems;
    }

    private static Dictionary<long, JsonElement> ReadMetrics(string path) =>
        Lines(path).ToDictionary(root => root.GetProperty("step").GetInt64());

    private static List<JsonElement> Lines(string path)
    {
        try
        {
            return [.. LineFile.Read(InputFile.Guarded(path, () => Existing(path)))
                .Select(line => JsonDocument.Parse(line).RootElement.Clone())];
        }
        catch (JsonException error)
        {
            throw new InputException($"{OneLine.Of(path)}: holds a line that is not JSON ({OneLine.Of(error.Message)}); restore it", error);
        }
    }
}
