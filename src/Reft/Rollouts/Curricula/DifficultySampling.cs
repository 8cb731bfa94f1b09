using System.Text.Json.Nodes;
using Reft.Problems;

namespace Reft.Rollouts.Curricula;

/// <summary>
/// Difficulty sampling (TACO, <see href="https://arxiv.org/abs/2505.20777"/>): once an epoch problems are ranked by what their samples earned, through the
/// empirical distribution, and those in the middle are drawn more often. The paper's percentiles are not known; the shape is ours.
/// </summary>
internal sealed record DifficultySamplingOptions : ICurriculumOptions
{
    /// <inheritdoc/>
    public string Name => "difficulty";

    /// <inheritdoc/>
    public string Summary => "problems whose samples earn middling rewards more often than those that are always or never solved; no hints";

    /// <summary>The percentile of rewards that is drawn most, in [0, 1]; ours.</summary>
    [Option("the percentile of rewards that is drawn most; ours", AtLeast = 0, AtMost = 1)]
    public double Center { get; init => field = InRange.Of(this, value); } = 0.5;

    /// <summary>How wide the middle is, above 0: the deviation of a bell over percentiles; ours.</summary>
    [Option("how wide the middle is: the deviation of a bell over percentiles; ours", Above = 0)]
    public double Width { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>The least weight of a problem beside that of the middle, in (0, 1]; 1 draws all alike. Ours.</summary>
    [Option("the least weight of a problem beside that of the middle; 1 draws all alike; ours", Above = 0, AtMost = 1)]
    public double Least { get; init => field = InRange.Of(this, value); } = 0.1;

    /// <summary>How much the newest mean reward counts in a problem's average, in (0, 1]; ours.</summary>
    [Option("how much the newest mean reward counts in a problem's average; ours", Above = 0, AtMost = 1)]
    public double AverageRate { get; init => field = InRange.Of(this, value); } = 0.5;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics =>
    [
        new("difficulty/seen_share", "share of problems whose samples were seen"),
        new("difficulty/reward_mean", "mean over those of their running rewards"),
    ];

    /// <inheritdoc/>
    public ICurriculum Create(CurriculumParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new DifficultySampling(this, parts);
    }
}

/// <summary>Running mean rewards of problems, and the percentiles that they had when the epoch began; a problem that was not seen yet is in the middle.</summary>
internal sealed class DifficultySampling : ICurriculum
{
    private readonly DifficultySamplingOptions _options;
    private readonly CurriculumParts _parts;
    private readonly PlainCurriculum _plain;
    private readonly EpochOrder _epochs;
    private readonly SortedDictionary<string, double> _rewards = new(StringComparer.Ordinal);
    private SortedDictionary<string, double> _percentiles = new(StringComparer.Ordinal);

    public DifficultySampling(DifficultySamplingOptions options, CurriculumParts parts)
    {
        (_options, _parts) = (options, parts);
        _plain = new PlainCurriculum(parts.Template, parts.Tokenizer);
        _epochs = new EpochOrder(parts.Problems.Count, parts.ProblemsPerStep, parts.Seed);
    }

    /// <summary>
    /// So many problems without repeats, each with a probability in proportion to its weight among those that are left: the greatest <c>log u / w</c>
    /// (Efraimidis and Spirakis 2006), u a hash of (seed, problem, step).
    /// </summary>
    public IReadOnlyList<int> Pick(long step)
    {
        var count = Math.Min(_parts.ProblemsPerStep, _parts.Problems.Count);
        return [.. Enumerable.Range(0, _parts.Problems.Count)
            .Select(i => (Place: i, Key: Math.Log(1 - _parts.RandomOf(_parts.Problems[i], step).NextDouble()) / WeightOf(_parts.Problems[i].Id)))
            .OrderByDescending(pair => pair.Key).ThenBy(pair => pair.Place).Take(count).Select(pair => pair.Place)];
    }

    /// <inheritdoc/>
    public Start Choose(Problem problem, long step) => _plain.Choose(problem, step);

    /// <inheritdoc/>
    public void Observe(IReadOnlyList<ScoredRollout> rollouts)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        foreach (var group in rollouts.GroupBy(r => r.Problem.Id, StringComparer.Ordinal))
        {
            var earned = group.Average(r => r.Reward);
            _rewards[group.Key] = _rewards.TryGetValue(group.Key, out var before) ? before + (_options.AverageRate * (earned - before)) : earned;
        }

        if (rollouts.Count > 0 && (rollouts[0].PolicyStep + 1) % _epochs.StepsPerEpoch == 0)
        {
            _percentiles = Percentiles(_rewards);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Figures => new Dictionary<string, double>
    {
        ["difficulty/seen_share"] = (double)_rewards.Count / _parts.Problems.Count,
        ["difficulty/reward_mean"] = _rewards.Count == 0 ? 0 : _rewards.Values.Average(),
    };

    /// <inheritdoc/>
    public JsonObject Save() => new() { ["rewards"] = Write(_rewards), ["percentiles"] = Write(_percentiles) };

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        try
        {
            _percentiles = Read(state["percentiles"]!);
            _rewards.Clear();
            foreach (var (id, reward) in Read(state["rewards"]!))
            {
                _rewards[id] = reward;
            }
        }
        catch (Exception error) when (error is NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new InputException($"the curriculum's state is not that of difficulty sampling: {OneLine.Of(error.Message)}", error);
        }
    }

    /// <summary>The share of rewards that lie below each, half of the equal ones with them: where all are equal, everything is in the middle.</summary>
    internal static SortedDictionary<string, double> Percentiles(IReadOnlyDictionary<string, double> rewards)
    {
        var ordered = rewards.Values.Order().ToArray();
        return new(rewards.ToDictionary(pair => pair.Key, pair =>
            (Below(pair.Value) + (0.5 * (Below(Math.BitIncrement(pair.Value)) - Below(pair.Value)))) / ordered.Length), StringComparer.Ordinal);

        int Below(double reward)
        {
            var (low, high) = (0, ordered.Length);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = ordered[middle] < reward ? (middle + 1, high) : (low, middle);
            }

            return low;
        }
    }

    /// <summary>The weight of a problem in (0, 1]: a bell over percentiles, and no less than the least.</summary>
    internal double WeightOf(string id)
    {
        var away = (_percentiles.GetValueOrDefault(id, _options.Center) - _options.Center) / _options.Width;
        return Math.Max(_options.Least, Math.Exp(-0.5 * away * away));
    }

    private static JsonObject Write(SortedDictionary<string, double> numbers) =>
        new(numbers.Select(pair => KeyValuePair.Create(pair.Key, JsonNode.Parse(ExactText.Of(pair.Value)))));

    private static SortedDictionary<string, double> Read(JsonNode node)
    {
        var numbers = new SortedDictionary<string, double>(StringComparer.Ordinal);
        foreach (var (id, number) in node.AsObject())
        {
            numbers[id] = number!.GetValue<double>();
        }

        return numbers;
    }
}
