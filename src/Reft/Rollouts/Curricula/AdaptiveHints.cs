using System.Text.Json.Nodes;
using Reft.Problems;

namespace Reft.Rollouts.Curricula;

/// <summary>
/// Adaptive hints (AdaBack, <see href="https://arxiv.org/abs/2506.18110"/>): every problem's rollouts start behind a part ρ of its known solution,
/// which a search of its own makes as short as the policy can go on from.
/// </summary>
internal sealed record AdaptiveHintsOptions : ICurriculumOptions
{
    /// <inheritdoc/>
    public string Name => "adaptiveHints";

    /// <inheritdoc/>
    public string Summary => "starts behind a part of the known solution, longer after failures and shorter after successes of the same problem";

    /// <summary>
    /// τ, the mean reward of a problem's samples from which on a start counts as solved. It has to lie above what guessing the last step earns, or
    /// hints shrink by luck and never grow back.
    /// </summary>
    [Option("the mean reward of a problem's samples from which on a start counts as solved", Note = "above what guessing the last step earns")]
    public double Threshold { get; init => field = InRange.Of(this, value); } = 0.5;

    /// <summary>The share of draws without any hint, in [0, 1].</summary>
    [Option("the share of draws without a hint", AtLeast = 0, AtMost = 1)]
    public double PlainShare { get; init => field = InRange.Of(this, value); } = 0.1;

    /// <summary>The weight of the newest interval in the averages that problems start from which were never solved, in (0, 1].</summary>
    [Option("the weight of the newest interval in the averages that problems start from which were never solved", Above = 0, AtMost = 1)]
    public double AverageRate { get; init => field = InRange.Of(this, value); } = 0.1;

    /// <summary>
    /// An interval narrower than this that fails is opened up to the whole solution again, in [0, 1]; 0, as published, for never.
    /// </summary>
    [Option("an interval narrower than this that fails is opened up to the whole solution; 0 for never, as published", AtLeast = 0, AtMost = 1)]
    public double WidensBelow { get; init => field = InRange.Of(this, value); }

    /// <summary>Where solutions are cut: the paper's after any token.</summary>
    [Option("where solutions are cut")]
    public HintUnit Unit { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics =>
    [
        new("hints/low_mean", "mean over problems of the lower end of ρ's interval; of those never solved, the running average's")
        {
            Chart = new("Hints", "Intervals of ρ") { Label = "low" },
        },
        new("hints/high_mean", "mean over problems of its upper end, likewise") { Chart = new("Hints", "Intervals of ρ") { Label = "high" } },
        new("hints/solved_share", "share of problems that were solved behind some hint")
        {
            Chart = new("Hints", "Problems solved behind a hint") { Label = "solved", IsShare = true },
        },
    ];

    /// <inheritdoc/>
    public ICurriculum Create(CurriculumParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new AdaptiveHints(this, parts);
    }
}

/// <summary>The search: an interval [low, high] of ρ for every problem, and their running averages.</summary>
internal sealed class AdaptiveHints : ICurriculum
{
    private readonly AdaptiveHintsOptions _options;
    private readonly CurriculumParts _parts;
    private readonly PlainCurriculum _plain;
    private readonly SolutionPrefixes _prefixes;
    private readonly SortedDictionary<string, Interval> _intervals = new(StringComparer.Ordinal);
    private Interval _average = new(0, 1, WasSolved: false);

    public AdaptiveHints(AdaptiveHintsOptions options, CurriculumParts parts)
    {
        (_options, _parts) = (options, parts);
        _plain = new PlainCurriculum(parts.Template, parts.Tokenizer);
        _prefixes = new SolutionPrefixes(parts);
        parts.NoteProblemsWithoutHints();
    }

    /// <inheritdoc/>
    public Start Choose(Problem problem, long step)
    {
        var start = _plain.Choose(problem, step);
        return problem.HasSolution ? start with { HintTokens = Hint(problem, start.PromptTokens, Share(problem, step)) } : start;
    }

    /// <inheritdoc/>
    public void Observe(IReadOnlyList<ScoredRollout> rollouts)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        foreach (var group in rollouts.GroupBy(r => r.Problem.Id, StringComparer.Ordinal).Where(group => group.First().Problem.HasSolution))
        {
            Observe(group.First().Problem, group.First().PolicyStep, group.Average(r => r.Reward) >= _options.Threshold);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Figures
    {
        get
        {
            var solved = _intervals.Values.Where(interval => interval.WasSolved).ToArray();
            // Those that were never solved start from the averages.
            var rest = _parts.Problems.Count - solved.Length;
            return new Dictionary<string, double>
            {
                ["hints/low_mean"] = (solved.Sum(interval => interval.Low) + (rest * _average.Low)) / _parts.Problems.Count,
                ["hints/high_mean"] = (solved.Sum(interval => interval.High) + (rest * _average.High)) / _parts.Problems.Count,
                ["hints/solved_share"] = (double)solved.Length / _parts.Problems.Count,
            };
        }
    }

    /// <inheritdoc/>
    public JsonObject Save() => new()
    {
        ["average"] = Write(_average),
        ["problems"] = new JsonObject(_intervals.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)Write(pair.Value)))),
    };

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        try
        {
            _average = Read(state["average"]!);
            _intervals.Clear();
            foreach (var (id, interval) in state["problems"]!.AsObject())
            {
                _intervals[id] = Read(interval!);
            }
        }
        catch (Exception error) when (error is NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InputException($"the curriculum's state is not that of adaptive hints: {OneLine.Of(error.Message)}", error);
        }
    }

    /// <summary>ρ of a problem in a step: a hash of (seed, step, problem) puts it into the problem's interval; 0 for no hint.</summary>
    internal double Share(Problem problem, long step)
    {
        var random = _parts.RandomOf(problem, step);
        var (isPlain, place) = (random.NextDouble() < _options.PlainShare, random.NextDouble());
        var interval = IntervalOf(problem);
        return isPlain ? 0 : interval.Low + (place * (interval.High - interval.Low));
    }

    /// <summary>A problem that was never solved takes the averages: it is too rarely seen to search from the start.</summary>
    private Interval IntervalOf(Problem problem) =>
        _intervals.TryGetValue(problem.Id, out var own) && own.WasSolved ? own : _average with { WasSolved = false };

    private void Observe(Problem problem, long step, bool isSolved)
    {
        var (share, interval) = (Share(problem, step), IntervalOf(problem));
        if (!isSolved && share == 0 && interval.Low > 0)
        {
            return; // A failure of the draw without a hint says nothing of the interval.
        }

        var next = isSolved ? new Interval(0, share, WasSolved: true)
            : interval.High - interval.Low < _options.WidensBelow ? interval with { Low = share, High = 1 }
            : interval with { Low = share };
        _intervals[problem.Id] = next;
        var rate = _options.AverageRate;
        _average = new Interval(
            (rate * next.Low) + ((1 - rate) * _average.Low), (rate * next.High) + ((1 - rate) * _average.High), WasSolved: false);
    }

    /// <summary>⌊ρ m⌋ of the m tokens that come before the answer, never all of them; by lines, those of whole lines.</summary>
    private int[] Hint(Problem problem, int[] prompt, double share)
    {
        var whole = _prefixes.Whole(problem, prompt);
        var before = _prefixes.BeforeAnswer(problem, prompt, whole);
        var count = Math.Min((int)(share * before), before - 1);
        return _prefixes.First(
            prompt, whole, _options.Unit == HintUnit.Token ? count : _prefixes.Ends(problem, prompt, whole, HintUnit.Line).LastOrDefault(end => end <= count));
    }

    private static JsonArray Write(Interval interval) =>
        [JsonNode.Parse(ExactText.Of(interval.Low)), JsonNode.Parse(ExactText.Of(interval.High)), interval.WasSolved];

    private static Interval Read(JsonNode node) => new(node[0]!.GetValue<double>(), node[1]!.GetValue<double>(), node[2]!.GetValue<bool>());

    private readonly record struct Interval(double Low, double High, bool WasSolved);
}
