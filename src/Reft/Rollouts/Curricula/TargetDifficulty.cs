using System.Text.Json.Nodes;
using Reft.Numerics;
using Reft.Problems;
using Reft.Rollouts.Features;

namespace Reft.Rollouts.Curricula;

/// <summary>How difficult a problem is said to be.</summary>
internal enum DifficultyMeasure
{
    /// <summary>The tokens of its known solution; of its question, where there is none.</summary>
    Length,

    /// <summary>What a linear ordinal regression on its text predicts, from how problems went so far (CSVOR, <see href="https://arxiv.org/abs/2404.16616"/>).</summary>
    Predicted,
}

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

    /// <summary>How difficult a problem is said to be.</summary>
    [Option("how difficult a problem is said to be: as its solution is long; as is predicted from its text by how problems went")]
    public DifficultyMeasure By { get; init; }

    /// <summary>R, how many levels of solve rates a prediction tells apart, at least 2.</summary>
    [Option("the levels of solve rates that a prediction tells apart", AtLeast = 2, AtMost = 100)]
    public int Levels { get; init => field = InRange.Of(this, value); } = 5;

    /// <summary>Steps after which it is fitted anew, at least 1.</summary>
    [Option("the steps after which a prediction is fitted anew", AtLeast = 1)]
    public int RefitSteps { get; init => field = InRange.Of(this, value); } = 10;

    /// <summary>C, what a violated margin costs a prediction beside the length of its weights, above 0.</summary>
    [Option("what a violated margin costs a prediction beside the length of its weights", Above = 0)]
    public double Penalty { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>p of the loss <c>min(‖ξ‖^p, ε)</c>, in (0, 2].</summary>
    [Option("the power of an example's violations in a prediction's loss", Above = 0, AtMost = 2)]
    public double Power { get; init => field = InRange.Of(this, value); } = 2;

    /// <summary>ε of that loss, above 0; null for no cap. The paper's value is not known here.</summary>
    [Option("the most that one problem costs a prediction: beyond it its label counts as wrong; absent for no cap", Above = 0)]
    public double? Cap { get; init => field = InRange.Of(this, value); } = 4;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics =>
    [
        new("difficulty/target", "T, the percentile of difficulty that is aimed at") { Chart = new("Curriculum", "Difficulty that is aimed at") },
        new("difficulty/outlier_share", "share of the problems drawn so far that the last prediction left out") { IsSometimes = true },
    ];

    /// <inheritdoc/>
    public ICurriculum Create(CurriculumParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new TargetDifficulty(this, parts);
    }
}

/// <summary>The target, and the difficulties; what is predicted is fitted to every problem's last solve rate.</summary>
internal sealed class TargetDifficulty : ICurriculum
{
    private const int Dimensions = 16;

    private readonly TargetDifficultyOptions _options;
    private readonly CurriculumParts _parts;
    private readonly PlainCurriculum _plain;
    private readonly SortedDictionary<string, double> _rates = new(StringComparer.Ordinal);
    private readonly double[] _lengths;
    private double[] _difficulties;
    private double[][]? _points;
    private double[] _weights = [];
    private double _outliers;
    private double _target;

    public TargetDifficulty(TargetDifficultyOptions options, CurriculumParts parts)
    {
        (_options, _parts, _target) = (options, parts, options.Start);
        _plain = new PlainCurriculum(parts.Template, parts.Tokenizer);
        _lengths = [.. ProblemLengths.Of(parts).Select(length => (double)length)];
        _difficulties = Percentiles(_lengths);
    }

    /// <summary>The percentile of each problem's difficulty.</summary>
    internal IReadOnlyList<double> Difficulties => _difficulties;

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
        if (rollouts.Count == 0)
        {
            return;
        }

        var move = _options.StepSize * Math.Tanh(_options.Sensitivity * (rollouts.Average(r => r.Reward) - _options.Reward));
        _target = Math.Clamp(_target + move, 0, 100);
        if (_options.By == DifficultyMeasure.Predicted)
        {
            foreach (var group in rollouts.GroupBy(r => r.Problem.Id, StringComparer.Ordinal))
            {
                _rates[group.Key] = group.Average(r => r.Verdict is { IsCorrect: true } ? 1.0 : 0);
            }

            if ((rollouts[0].PolicyStep + 1) % _options.RefitSteps == 0)
            {
                Refit();
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Figures
    {
        get
        {
            var figures = new Dictionary<string, double> { ["difficulty/target"] = _target };
            if (_weights.Length > 0)
            {
                figures["difficulty/outlier_share"] = _outliers;
            }

            return figures;
        }
    }

    /// <inheritdoc/>
    public JsonObject Save()
    {
        var state = new JsonObject { ["target"] = Number(_target) };
        if (_options.By == DifficultyMeasure.Predicted)
        {
            state["rates"] = new JsonObject(_rates.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)Number(pair.Value))));
            state["weights"] = new JsonArray([.. _weights.Select(Number)]);
            state["outliers"] = Number(_outliers);
        }

        return state;
    }

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        try
        {
            _target = state["target"]!.GetValue<double>();
            if (_options.By == DifficultyMeasure.Predicted)
            {
                _rates.Clear();
                foreach (var (id, rate) in state["rates"]!.AsObject())
                {
                    _rates[id] = rate!.GetValue<double>();
                }

                (_weights, _outliers) = ([.. state["weights"]!.AsArray().Select(weight => weight!.GetValue<double>())], state["outliers"]!.GetValue<double>());
                Predict();
            }
        }
        catch (Exception error) when (error is NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InputException($"the curriculum's state is not that of a target difficulty: {OneLine.Of(error.Message)}", error);
        }
    }

    /// <summary>A problem's level: 0 where all its samples were right, R - 1 where none was.</summary>
    internal int Level(double rate) => (int)Math.Round((1 - rate) * (_options.Levels - 1), MidpointRounding.AwayFromZero);

    /// <summary>Fits the levels of all problems that were drawn so far; one level alone says nothing.</summary>
    private void Refit()
    {
        int[] seen = [.. _parts.Problems.Index().Where(pair => _rates.ContainsKey(pair.Item.Id)).Select(pair => pair.Index)];
        int[] levels = [.. seen.Select(i => Level(_rates[_parts.Problems[i].Id]))];
        if (levels.Distinct().Count() > 1)
        {
            var fitted = OrdinalRegression.Fit(
                [.. seen.Select(i => Points[i])], levels, _options.Levels, new() { Penalty = _options.Penalty, Power = _options.Power, Cap = _options.Cap });
            (_weights, _outliers) = (fitted.Weights, (double)fitted.Counted.Count(weight => weight == 0) / seen.Length);
            Predict();
        }
    }

    private void Predict()
    {
        if (_weights.Length > 0)
        {
            _difficulties = Percentiles([.. Points.Select(point => OrdinalRegression.Score(_weights, point))]);
        }
    }

    /// <summary>Every problem's text as coordinates of variance 1 in the mean, and its length.</summary>
    private double[][] Points
    {
        get
        {
            if (_points is null)
            {
                var lengths = TextFeatures.Standardised([.. _lengths.Select(length => new[] { length })]);
                _points = [.. ProblemEmbeddings.Of(ProblemEmbedding.Text, _parts, Dimensions)
                    .Zip(lengths, (point, length) => (double[])[.. point.Select(value => value * Math.Sqrt(point.Length)), length[0]])];
            }

            return _points;
        }
    }

    private static JsonNode Number(double value) => JsonNode.Parse(ExactText.Of(value))!;

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
