using System.Text.Json.Nodes;
using Reft.Numerics;
using Reft.Problems;
using Reft.Rollouts.Features;

namespace Reft.Rollouts.Curricula;

/// <summary>
/// Problems of a difficulty that follows the rewards (AdaRFT, <see href="https://arxiv.org/abs/2504.05520"/>): difficulties are percentiles d ∈ [0, 100], a
/// step takes those next to a target T, and <c>T ← clip(T + η tanh(α (R̄ - β)), 0, 100)</c> by the step's mean reward R̄.
/// </summary>
internal sealed record TargetDifficultyOptions : ICurriculumOptions
{
    /// <inheritdoc/>
    public string Name => "targetDifficulty";

    /// <inheritdoc/>
    public string Summary => "takes the problems whose difficulty is nearest to one that rises with the rewards";

    /// <summary>T before the first step, in [0, 100]; 0 is a guess.</summary>
    [Option("the percentile of difficulty that the first step aims at", AtLeast = 0, AtMost = 100)]
    public double Start { get; init => field = InRange.Of(this, value); }

    /// <summary>β, the mean reward that is aimed at.</summary>
    [Option("the mean reward that is aimed at")]
    public double Reward { get; init => field = InRange.Of(this, value); } = 0.5;

    /// <summary>α, above 0: how soon the target moves as fast as it can.</summary>
    [Option("how steeply the target answers to rewards", Above = 0)]
    public double Sensitivity { get; init => field = InRange.Of(this, value); } = 2;

    /// <summary>η, in percentiles a step, above 0.</summary>
    [Option("the most percentiles that the target moves in a step", Above = 0)]
    public double StepSize { get; init => field = InRange.Of(this, value); } = 50;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics =>
        [new("difficulty/target", "T, the percentile of difficulty that is aimed at") { Chart = new("Curriculum", "Difficulty that is aimed at") }];

    /// <inheritdoc/>
    public ICurriculum Create(CurriculumParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new TargetDifficulty(this, parts);
    }
}

/// <summary>The target, and the difficulties by the length of known solutions.</summary>
internal sealed class TargetDifficulty : ICurriculum
{
    private readonly TargetDifficultyOptions _options;
    private readonly CurriculumParts _parts;
    private readonly PlainCurriculum _plain;
    private readonly double[] _difficulties;
    private double _target;

    public TargetDifficulty(TargetDifficultyOptions options, CurriculumParts parts)
    {
        (_options, _parts, _target) = (options, parts, options.Start);
        _plain = new PlainCurriculum(parts.Template, parts.Tokenizer);
        _difficulties = Percentiles([.. ProblemLengths.Of(parts).Select(length => (double)length)]);
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> Pick(long step)
    {
        // Equally near ones in an order that is drawn anew.
        var order = Enumerable.Range(0, _difficulties.Length).ToArray();
        new CounterRandom(CounterRandom.Hash(CounterRandom.Hash(_parts.Seed, "target difficulty"), (ulong)step)).Shuffle(order);
        return [.. order.OrderBy(i => Math.Abs(_difficulties[i] - _target)).Take(_parts.ProblemsPerStep)];
    }

    /// <inheritdoc/>
    public Start Choose(Problem problem, long step) => _plain.Choose(problem, step);

    /// <inheritdoc/>
    public void Observe(IReadOnlyList<ScoredRollout> rollouts)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        if (rollouts.Count > 0)
        {
            var move = _options.StepSize * Math.Tanh(_options.Sensitivity * (rollouts.Average(r => r.Reward) - _options.Reward));
            _target = Math.Clamp(_target + move, 0, 100);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Figures => new Dictionary<string, double> { ["difficulty/target"] = _target };

    /// <inheritdoc/>
    public JsonObject Save() => new() { ["target"] = JsonNode.Parse(ExactText.Of(_target)) };

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        try
        {
            _target = state["target"]!.GetValue<double>();
        }
        catch (Exception error) when (error is NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new InputException($"the curriculum's state is not that of a target difficulty: {OneLine.Of(error.Message)}", error);
        }
    }

    /// <summary>The share of all values that lie below each, and half of those equal to it, times 100.</summary>
    internal static double[] Percentiles(double[] values)
    {
        var (places, below) = (new Dictionary<double, double>(), 0);
        foreach (var (value, count) in values.Order().CountBy(value => value))
        {
            places[value] = 100 * (below + (count / 2.0)) / values.Length;
            below += count;
        }

        return [.. values.Select(value => places[value])];
    }
}
