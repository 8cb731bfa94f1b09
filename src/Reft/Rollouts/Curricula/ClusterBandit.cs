using System.Text.Json.Nodes;
using Reft.Numerics;
using Reft.Problems;
using Reft.Rollouts.Features;

namespace Reft.Rollouts.Curricula;

/// <summary>What a cluster is worth by its solve rate p, the share of its samples that were right.</summary>
internal enum ClusterUtility
{
    /// <summary>-p: the hardest first, whether or not anything can be learned there (the paper's).</summary>
    Hardest,

    /// <summary>p (1 - p): the variance of a right answer, 0 where all samples of a problem are worth the same.</summary>
    Learnable,

    /// <summary>-|p - 1/2|.</summary>
    Middle,
}

/// <summary>What the worth of a cluster is drawn from.</summary>
internal enum ClusterPosterior
{
    /// <summary>N(utility of the mean rate, spread² / (n + 1)) after n problems of it (the paper's, with a spread of 1).</summary>
    Gaussian,

    /// <summary>The utility of a rate from Beta(1 + solved, 1 + unsolved).</summary>
    Beta,
}

/// <summary>
/// A bandit over clusters of similar problems (SPaRFT, <see href="https://arxiv.org/abs/2508.05015"/>): problems are embedded and clustered once; every
/// place of a step goes to the cluster whose worth, drawn from what its problems' samples were worth so far, is greatest (Thompson 1933). The paper's text that
/// was at hand names neither the numbers of clusters, items and dimensions nor the form of the variance: those are guesses.
/// </summary>
internal sealed record ClusterBanditOptions : ICurriculumOptions
{
    /// <inheritdoc/>
    public string Name => "clusterBandit";

    /// <inheritdoc/>
    public string Summary => "draws from clusters of similar problems, the more the more there is to learn by how their samples went";

    /// <summary>By what problems count as similar.</summary>
    [Option("by what problems are similar: words and structure of the question; the policy's hidden states as the run begins; nothing")]
    public ProblemEmbedding Embedding { get; init; }

    /// <summary>d, the most coordinates that are left of an embedding, at least 1.</summary>
    [Option("the most principal components that are left of an embedding", AtLeast = 1)]
    public int Dimensions { get; init => field = InRange.Of(this, value); } = 16;

    /// <summary>
    /// How much the difficulty, the tokens of the known solution (of the question where there is none), counts beside the embedding, at least 0; 1 for as much
    /// variance as all of it.
    /// </summary>
    [Option("how much a solution's length counts beside the embedding; 1 for as much variance as all of it", AtLeast = 0)]
    public double DifficultyWeight { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>K, the most clusters, at least 1.</summary>
    [Option("the most clusters", AtLeast = 1)]
    public int Clusters { get; init => field = InRange.Of(this, value); } = 10;

    /// <summary>l, the most problems of a cluster that are trained on, chosen to be far from one another; null for all.</summary>
    [Option("the most problems of a cluster that are trained on, far from one another; absent for all", AtLeast = 1)]
    public int? ProblemsPerCluster { get; init => field = InRange.Of(this, value); }

    /// <summary>What a cluster is worth by its solve rate.</summary>
    [Option("what a cluster is worth by its solve rate p: -p, as published; p (1 - p); -|p - 1/2|")]
    public ClusterUtility Utility { get; init; }

    /// <summary>What that is drawn from.</summary>
    [Option("what that is drawn from: a normal distribution around it, as published; the Beta distribution of p")]
    public ClusterPosterior Posterior { get; init; }

    /// <summary>The deviation of the normal distribution before anything was seen, at least 0; 0 for always the best so far.</summary>
    [Option("the deviation of the normal distribution before anything was seen", AtLeast = 0)]
    public double Spread { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>What is left after a step of what was seen before it, in (0, 1]; 1, as published, for all.</summary>
    [Option("what is left after a step of what was seen before; 1 for all, as published", Above = 0, AtMost = 1)]
    public double Discount { get; init => field = InRange.Of(this, value); } = 1;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics =>
    [
        new("clusters/used", "exp of the entropy of the step's problems over clusters: how many are drawn from") { IsSometimes = true, Chart = new("Curriculum", "Clusters that are drawn from") },
        new("clusters/rate_lowest", "least solve rate of a cluster that was drawn from")
        {
            IsSometimes = true, Chart = new("Curriculum", "Solve rates of clusters") { Label = "lowest", IsShare = true },
        },
        new("clusters/rate_highest", "greatest such rate")
        {
            IsSometimes = true, Chart = new("Curriculum", "Solve rates of clusters") { Label = "highest", IsShare = true },
        },
        new("clusters/unsolved_share", "share of the step's problems of clusters with a rate below 0.05") { IsSometimes = true },
        new("clusters/solved_share", "share of the step's problems of clusters with a rate above 0.95") { IsSometimes = true },
    ];

    /// <inheritdoc/>
    public ICurriculum Create(CurriculumParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new ClusterBandit(this, parts);
    }
}

/// <summary>The bandit. Clusters are made when they are first asked for and then saved: the policy that hidden states are of will have changed.</summary>
internal sealed class ClusterBandit : ICurriculum
{
    /// <summary>The cluster of a problem that is not trained on.</summary>
    internal const int None = -1;

    private readonly ClusterBanditOptions _options;
    private readonly CurriculumParts _parts;
    private readonly PlainCurriculum _plain;
    private readonly Dictionary<string, int> _places;
    private int[]? _clusters;
    private Arm[] _arms = [];
    private long _step = -1;
    private int[] _pulls = [];

    public ClusterBandit(ClusterBanditOptions options, CurriculumParts parts)
    {
        (_options, _parts) = (options, parts);
        _plain = new PlainCurriculum(parts.Template, parts.Tokenizer);
        _places = parts.Problems.Select((problem, i) => (problem.Id, i)).ToDictionary(pair => pair.Id, pair => pair.i, StringComparer.Ordinal);
        if (options.ProblemsPerCluster is { } each && (long)each * options.Clusters is var most && most < Math.Min(parts.ProblemsPerStep, parts.Problems.Count))
        {
            throw new InputException(FormattableString.Invariant(
                $"{options.Clusters} clusters of {each} problems are {most}, and a step takes {parts.ProblemsPerStep} different ones: take fewer a step, or more of each cluster"));
        }
    }

    /// <summary>The cluster of each problem, <see cref="None"/> where it is not trained on.</summary>
    internal IReadOnlyList<int> Clusters => _clusters ??= Make();

    /// <inheritdoc/>
    public IReadOnlyList<int> Pick(long step)
    {
        var members = Enumerable.Range(0, Arms.Length).Select(_ => new List<int>()).ToArray();
        foreach (var (i, cluster) in Clusters.Index().Where(pair => pair.Item != None))
        {
            members[cluster].Add(i);
        }

        var random = new CounterRandom(CounterRandom.Hash(CounterRandom.Hash(_parts.Seed, "bandit over clusters"), (ulong)step));
        foreach (var list in members)
        {
            random.Shuffle(list);
        }

        var picked = new List<int>();
        while (picked.Count < _parts.ProblemsPerStep && members.Any(list => list.Count > 0))
        {
            // Drawn for all, used up or not: the draws of one place do not hang on how many are left.
            var worths = Arms.Select(arm => Draw(arm, random)).ToArray();
            var best = Enumerable.Range(0, worths.Length).Where(k => members[k].Count > 0).MaxBy(k => worths[k]);
            picked.Add(members[best][^1]);
            members[best].RemoveAt(members[best].Count - 1);
        }

        return picked;
    }

    /// <inheritdoc/>
    public Start Choose(Problem problem, long step) => _plain.Choose(problem, step);

    /// <inheritdoc/>
    public void Observe(IReadOnlyList<ScoredRollout> rollouts)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        foreach (var group in rollouts.GroupBy(r => r.Problem.Id, StringComparer.Ordinal))
        {
            if (!_places.TryGetValue(group.Key, out var place) || Clusters[place] is var cluster && cluster == None)
            {
                continue;
            }

            Begin(group.First().PolicyStep);
            var rate = group.Average(r => r.Verdict is { IsCorrect: true } ? 1.0 : 0);
            Arms[cluster] = Arms[cluster] with { Pulls = Arms[cluster].Pulls + 1, Solved = Arms[cluster].Solved + rate };
            _pulls[cluster]++;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Figures
    {
        get
        {
            var (sum, shown) = ((double)_pulls.Sum(), Arms.Where(arm => arm.Pulls > 0).ToArray());
            return sum == 0 ? new Dictionary<string, double>() : new Dictionary<string, double>
            {
                ["clusters/used"] = Math.Exp(-_pulls.Where(n => n > 0).Sum(n => n / sum * Math.Log(n / sum))),
                ["clusters/rate_lowest"] = shown.Min(arm => arm.Rate),
                ["clusters/rate_highest"] = shown.Max(arm => arm.Rate),
                ["clusters/unsolved_share"] = Share(arm => arm.Rate < 0.05),
                ["clusters/solved_share"] = Share(arm => arm.Rate > 0.95),
            };

            double Share(Func<Arm, bool> counts) => _pulls.Where((_, k) => counts(Arms[k])).Sum() / sum;
        }
    }

    /// <inheritdoc/>
    public JsonObject Save() => _clusters is null ? [] : new JsonObject
    {
        ["clusters"] = new JsonObject(_parts.Problems.Select((problem, i) => KeyValuePair.Create(problem.Id, (JsonNode?)_clusters[i]))),
        ["arms"] = new JsonArray([.. _arms.Select(arm => (JsonNode)new JsonArray(Number(arm.Pulls), Number(arm.Solved)))]),
        ["step"] = _step,
    };

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        (_clusters, _arms, _step, _pulls) = (null, [], -1, []);
        if (state.Count == 0)
        {
            return; // Saved before the first step.
        }

        try
        {
            var clusters = state["clusters"]!.AsObject();
            _arms = [.. state["arms"]!.AsArray().Select(arm => new Arm(arm![0]!.GetValue<double>(), arm[1]!.GetValue<double>()))];
            _clusters = [.. _parts.Problems.Select(problem => clusters[problem.Id]!.GetValue<int>())];
            (_step, _pulls) = (state["step"]!.GetValue<long>(), new int[_arms.Length]);
            if (_clusters.Any(cluster => cluster < None || cluster >= _arms.Length))
            {
                throw new FormatException("a problem is in a cluster that is not there");
            }
        }
        catch (Exception error) when (error is NullReferenceException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new InputException($"the curriculum's state is not that of a bandit over clusters: {OneLine.Of(error.Message)}", error);
        }
    }

    /// <summary>What a cluster is worth by its solve rate.</summary>
    internal static double Worth(ClusterUtility utility, double rate) => utility switch
    {
        ClusterUtility.Learnable => rate * (1 - rate),
        ClusterUtility.Middle => -Math.Abs(rate - 0.5),
        _ => -rate,
    };

    /// <summary>A draw of a cluster's worth. One that was never drawn from stands at the best worth there is.</summary>
    internal double Draw(Arm arm, CounterRandom random)
    {
        if (_options.Posterior == ClusterPosterior.Beta)
        {
            return Worth(_options.Utility, random.Beta(1 + arm.Solved, 1 + arm.Pulls - arm.Solved));
        }

        var rate = arm.Pulls > 0 ? arm.Rate : _options.Utility == ClusterUtility.Hardest ? 0 : 0.5;
        return Worth(_options.Utility, rate) + (_options.Spread / Math.Sqrt(arm.Pulls + 1) * random.Normal());
    }

    private Arm[] Arms
    {
        get
        {
            _ = Clusters;
            return _arms;
        }
    }

    /// <summary>What was seen before a step fades as it begins.</summary>
    private void Begin(long step)
    {
        if (step != _step)
        {
            (_step, _pulls) = (step, new int[Arms.Length]);
            for (var k = 0; k < _arms.Length; k++)
            {
                _arms[k] = new Arm(_arms[k].Pulls * _options.Discount, _arms[k].Solved * _options.Discount);
            }
        }
    }

    private int[] Make()
    {
        var random = new CounterRandom(CounterRandom.Hash(_parts.Seed, "clusters of problems"));
        var clusters = new int[_parts.Problems.Count];
        Array.Fill(clusters, None);
        var (of, points, centres) = Cluster(random);
        _arms = new Arm[of.Max() + 1];
        _pulls = new int[_arms.Length];
        foreach (var group in Enumerable.Range(0, of.Length).GroupBy(i => of[i]))
        {
            int[] members = [.. group];
            foreach (var i in _options.ProblemsPerCluster is { } most ? KMeans.Spread(points, members, centres[group.Key], most) : members)
            {
                clusters[i] = group.Key;
            }
        }

        return clusters;
    }

    private (int[] Of, double[][] Points, double[][] Centres) Cluster(CounterRandom random)
    {
        var points = ProblemEmbeddings.Of(_options.Embedding, _parts, _options.Dimensions);
        if (_options.Embedding == ProblemEmbedding.Random)
        {
            var order = Enumerable.Range(0, points.Length).ToArray();
            random.Shuffle(order);
            var of = new int[points.Length];
            foreach (var (place, i) in order.Index())
            {
                of[i] = place % Math.Min(_options.Clusters, points.Length);
            }

            return (of, points, [.. Enumerable.Range(0, of.Max() + 1).Select(_ => Array.Empty<double>())]);
        }

        var difficulty = TextFeatures.Standardised([.. ProblemLengths.Of(_parts).Select(length => new double[] { length })]);
        double[][] whole = [.. points.Zip(difficulty, (point, hard) => (double[])[.. point, _options.DifficultyWeight * hard[0]])];
        var means = KMeans.Fit(whole, _options.Clusters, random);
        return (means.Of, whole, means.Centres);
    }

    private static JsonNode Number(double value) => JsonNode.Parse(ExactText.Of(value))!;

    /// <summary>A cluster as it was seen: problems drawn, and the sum of their solve rates; both may be discounted.</summary>
    internal readonly record struct Arm(double Pulls, double Solved)
    {
        /// <summary>The mean solve rate; needs a draw.</summary>
        public double Rate => Solved / Pulls;
    }
}
