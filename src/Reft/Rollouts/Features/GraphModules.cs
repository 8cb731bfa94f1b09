using Reft.Numerics;

namespace Reft.Rollouts.Features;

/// <summary>How <see cref="GraphModules"/> are made and trained; the paper's 3 to 5 backward passes and η = 100, the rest are guesses.</summary>
internal sealed record GraphModulesOptions
{
    /// <summary>Neighbours of a node in its graph, at least 1; edges count both ways.</summary>
    public int Neighbours { get; init; } = 10;

    /// <summary>Modules, one a layer, at least 1.</summary>
    public int Modules { get; init; } = 2;

    /// <summary>The width of what a module gives.</summary>
    public int Width { get; init; } = 16;

    /// <summary>Steps of each module each time that it is trained; of the whole stack, where it is trained as one, times the modules.</summary>
    public int Steps { get; init; } = 200;

    /// <summary>Edges of a step, and as many pairs without.</summary>
    public int Batch { get; init; } = 64;

    /// <summary>The rate of Adam.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>Passes that tell earlier modules what later ones would rather be given.</summary>
    public int BackwardPasses { get; init; } = 3;

    /// <summary>η, the weight of that in an earlier module's loss.</summary>
    public double Eta { get; init; } = 100;

    /// <summary>Whether the same stack is trained as one, by back-propagation through all layers, to compare with.</summary>
    public bool IsJoint { get; init; }
}

/// <summary>
/// A graph network as simple modules that are trained one after the other (SGNN, <see href="https://arxiv.org/abs/2304.10126"/>): each is one layer
/// <c>H = tanh(Â X W)</c> with a loss of its own, whether pairs of nodes are neighbours, <c>σ(4 h_i·h_j)</c>. <c>Â X</c> is worked out once a module, so that a step costs its
/// batch and not the graph. Backward passes then give an earlier module, with weight η, the outputs from which the later one would lose less.
/// What is computed is in a fixed order, the same on any number of threads. Of the paper only its program's description was at hand: the layers, the losses
/// and how targets are made are guesses.
/// </summary>
internal sealed class GraphModules
{
    private const double Sharpness = 4;

    private readonly GraphModulesOptions _options;
    private readonly Graph _graph;
    private readonly CounterRandom _random;
    private readonly Module[] _modules;
    private readonly double[][] _features;

    private GraphModules(double[][] features, Graph graph, GraphModulesOptions options, ulong seed)
    {
        (_features, _graph, _options, _random) = (features, graph, options, new CounterRandom(CounterRandom.Hash(seed, "graph modules")));
        _modules = [.. Enumerable.Range(0, options.Modules).Select(l => new Module(l == 0 ? features[0].Length : options.Width, options.Width, _random))];
    }

    /// <summary>Trains the modules on points and the graph of their nearest neighbours.</summary>
    /// <param name="features">Points [N, D], N at least 2.</param>
    /// <param name="options">How.</param>
    /// <param name="seed">Of weights and batches.</param>
    /// <returns>What the last module says of every point [N, width].</returns>
    public static double[][] Fit(double[][] features, GraphModulesOptions options, ulong seed)
    {
        if (features.Length < 2 || features[0].Length == 0)
        {
            return features;
        }

        var network = new GraphModules(features, Graph.Of(features, options.Neighbours), options, seed);
        if (options.IsJoint)
        {
            network.FitJointly();
        }
        else
        {
            network.FitApart();
        }

        return network.Outputs()[^1];
    }

    /// <summary>The mean loss over all edges of a graph, and as many pairs drawn from all.</summary>
    internal static double Loss(double[][] outputs, Graph graph, CounterRandom random) =>
        graph.Edges.Concat(graph.Edges.Select(_ => (random.Below(outputs.Length), random.Below(outputs.Length))))
            .Select((pair, i) => Cross(Sharpness * Dot(outputs[pair.Item1], outputs[pair.Item2]), i < graph.Edges.Length)).Average();

    /// <summary>The gradient of a batch's mean loss by outputs of a module, in the rows that it touches.</summary>
    internal static SortedDictionary<int, double[]> Gradient(Func<int, double[]> outputs, IReadOnlyList<Pair> pairs)
    {
        var rows = new SortedDictionary<int, double[]>();
        foreach (var (first, second, isEdge) in pairs)
        {
            var (one, other) = (outputs(first), outputs(second));
            var slope = Sharpness * (Sigmoid(Sharpness * Dot(one, other)) - (isEdge ? 1 : 0)) / pairs.Count;
            Add(first, other, slope);
            Add(second, one, slope);
        }

        return rows;

        void Add(int node, double[] value, double scale)
        {
            if (!rows.TryGetValue(node, out var row))
            {
                rows[node] = row = new double[value.Length];
            }

            for (var c = 0; c < row.Length; c++)
            {
                row[c] += scale * value[c];
            }
        }
    }

    private void FitApart()
    {
        Forward(null);
        for (var pass = 0; pass < _options.BackwardPasses && _modules.Length > 1; pass++)
        {
            // From the last module down: each tells the one before it what to give.
            var targets = new double[_modules.Length][][];
            var outputs = Outputs();
            for (var l = _modules.Length - 1; l > 0; l--)
            {
                targets[l - 1] = Wanted(_modules[l], outputs[l - 1]);
            }

            Forward(targets);
        }
    }

    /// <summary>Trains all modules in turn, each on what the one before it now gives.</summary>
    private void Forward(double[][][]? targets)
    {
        var input = _features;
        for (var l = 0; l < _modules.Length; l++)
        {
            var spread = _graph.Spread(input);
            for (var step = 0; step < _options.Steps; step++)
            {
                _modules[l].Learn(spread, Batch(), targets?[l], _options);
            }

            input = _modules[l].Outputs(spread);
        }
    }

    /// <summary>What a module would rather be given: a step down its loss by its inputs, over a batch as large as the graph.</summary>
    private double[][] Wanted(Module module, double[][] given)
    {
        var spread = _graph.Spread(given);
        var gradient = Gradient(i => module.Output(spread[i]), Pairs(_graph.Edges.Length));
        var back = given.Select(row => new double[row.Length]).ToArray();
        foreach (var (node, row) in gradient)
        {
            back[node] = module.Back(spread[node], row);
        }

        // Â is symmetric. The step is as long as an output can change, in the mean.
        var moves = _graph.Spread(back);
        var size = Math.Sqrt(moves.Sum(row => row.Sum(value => value * value)) / given.Length);
        return size == 0 ? given : [.. given.Zip(moves, (row, move) => row.Zip(move, (value, down) => value - (0.1 * down / size)).ToArray())];
    }

    private void FitJointly()
    {
        var first = _graph.Spread(_features);
        for (var step = 0; step < _options.Steps * _modules.Length; step++)
        {
            var inputs = new List<double[][]> { first };
            foreach (var module in _modules[..^1])
            {
                inputs.Add(_graph.Spread(module.Outputs(inputs[^1])));
            }

            var last = inputs[^1];
            var touched = Gradient(i => _modules[^1].Output(last[i]), Batch());
            var gradient = first.Select(_ => new double[_options.Width]).ToArray();
            foreach (var (node, row) in touched)
            {
                gradient[node] = row;
            }

            var moves = new double[_modules.Length][][];
            for (var l = _modules.Length - 1; l >= 0; l--)
            {
                moves[l] = _modules[l].WeightGradient(inputs[l], gradient);
                gradient = l == 0 ? gradient : _graph.Spread([.. gradient.Select((row, i) => _modules[l].Back(inputs[l][i], row))]);
            }

            for (var l = 0; l < _modules.Length; l++)
            {
                _modules[l].Step(moves[l], _options.LearningRate);
            }
        }
    }

    private List<double[][]> Outputs()
    {
        var all = new List<double[][]>();
        foreach (var module in _modules)
        {
            all.Add(module.Outputs(_graph.Spread(all.Count == 0 ? _features : all[^1])));
        }

        return all;
    }

    private Pair[] Batch() => Pairs(_options.Batch);

    private Pair[] Pairs(int edges) =>
    [
        .. Enumerable.Range(0, edges).Select(_ => _graph.Edges[_random.Below(_graph.Edges.Length)]).Select(edge => new Pair(edge.First, edge.Second, IsEdge: true)),
        .. Enumerable.Range(0, edges).Select(_ => new Pair(_random.Below(_features.Length), _random.Below(_features.Length), IsEdge: false)),
    ];

    private static double Dot(double[] first, double[] second)
    {
        var sum = 0.0;
        for (var c = 0; c < first.Length; c++)
        {
            sum += first[c] * second[c];
        }

        return sum;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    private static double Cross(double logit, bool isEdge) => Math.Max(logit, 0) - (isEdge ? logit : 0) + Math.Log(1 + Math.Exp(-Math.Abs(logit)));

    /// <summary>Two nodes, and whether an edge joins them.</summary>
    internal readonly record struct Pair(int First, int Second, bool IsEdge);

    /// <summary>The graph of nearest neighbours, with Â = D^-½ (A + I) D^-½.</summary>
    internal sealed record Graph(int[][] Neighbours, (int First, int Second)[] Edges)
    {
        public static Graph Of(double[][] points, int count)
        {
            var joined = points.Select(_ => new SortedSet<int>()).ToArray();
            for (var i = 0; i < points.Length; i++)
            {
                var gaps = points.Select((point, j) => (Gap: j == i ? double.PositiveInfinity : KMeans.Distance(points[i], point), Place: j)).ToArray();
                Array.Sort(gaps);
                foreach (var (_, j) in gaps.Take(Math.Min(count, points.Length - 1)))
                {
                    joined[i].Add(j);
                    joined[j].Add(i);
                }
            }

            int[][] neighbours = [.. joined.Select(set => set.ToArray())];
            return new Graph(neighbours, [.. neighbours.SelectMany((list, i) => list.Where(j => j > i).Select(j => (i, j)))]);
        }

        /// <summary>Â X.</summary>
        public double[][] Spread(double[][] rows)
        {
            var scales = Neighbours.Select(list => 1 / Math.Sqrt(list.Length + 1)).ToArray();
            return [.. Neighbours.Select((list, i) =>
            {
                var sum = rows[i].Select(value => value * scales[i] * scales[i]).ToArray();
                foreach (var j in list)
                {
                    for (var c = 0; c < sum.Length; c++)
                    {
                        sum[c] += scales[i] * scales[j] * rows[j][c];
                    }
                }

                return sum;
            })];
        }
    }

    /// <summary>One layer with its own Adam.</summary>
    internal sealed class Module
    {
        private readonly double[][] _weights;
        private readonly double[][] _first;
        private readonly double[][] _second;
        private int _steps;

        public Module(int inputs, int outputs, CounterRandom random)
        {
            var deviation = Math.Sqrt(2.0 / (inputs + outputs)); // Glorot and Bengio 2010.
            _weights = [.. Enumerable.Range(0, inputs).Select(_ => Enumerable.Range(0, outputs).Select(_ => deviation * random.Normal()).ToArray())];
            (_first, _second) = ([.. _weights.Select(row => new double[outputs])], [.. _weights.Select(row => new double[outputs])]);
        }

        public double[] Output(double[] input)
        {
            var sum = new double[_weights[0].Length];
            for (var r = 0; r < input.Length; r++)
            {
                for (var c = 0; c < sum.Length; c++)
                {
                    sum[c] += input[r] * _weights[r][c];
                }
            }

            return [.. sum.Select(Math.Tanh)];
        }

        public double[][] Outputs(double[][] inputs) => [.. inputs.Select(Output)];

        /// <summary>The gradient by an input, from that by the output.</summary>
        public double[] Back(double[] input, double[] gradient)
        {
            var slopes = Slopes(input, gradient);
            return [.. _weights.Select(row => Dot(row, slopes))];
        }

        public double[][] WeightGradient(double[][] inputs, double[][] gradient)
        {
            var sum = _weights.Select(row => new double[row.Length]).ToArray();
            for (var i = 0; i < inputs.Length; i++)
            {
                Accumulate(sum, inputs[i], gradient[i]);
            }

            return sum;
        }

        public void Learn(double[][] inputs, Pair[] pairs, double[][]? targets, GraphModulesOptions options)
        {
            var outputs = new Dictionary<int, double[]>();
            var gradient = Gradient(Of, pairs);
            var sum = _weights.Select(row => new double[row.Length]).ToArray();
            foreach (var (node, row) in gradient)
            {
                // η/2 times the mean squared distance to what is wanted, over the batch's nodes.
                Accumulate(sum, inputs[node], targets is null ? row
                    : [.. row.Select((value, c) => value + (options.Eta * (Of(node)[c] - targets[node][c]) / gradient.Count))]);
            }

            Step(sum, options.LearningRate);

            double[] Of(int node) => outputs.TryGetValue(node, out var known) ? known : outputs[node] = Output(inputs[node]);
        }

        /// <summary>A step of Adam with its usual constants (<see href="https://arxiv.org/abs/1412.6980"/>).</summary>
        public void Step(double[][] gradient, double rate)
        {
            _steps++;
            for (var r = 0; r < _weights.Length; r++)
            {
                for (var c = 0; c < _weights[r].Length; c++)
                {
                    _first[r][c] = (0.9 * _first[r][c]) + (0.1 * gradient[r][c]);
                    _second[r][c] = (0.999 * _second[r][c]) + (0.001 * gradient[r][c] * gradient[r][c]);
                    var (mean, square) = (_first[r][c] / (1 - Math.Pow(0.9, _steps)), _second[r][c] / (1 - Math.Pow(0.999, _steps)));
                    _weights[r][c] -= rate * mean / (Math.Sqrt(square) + 1e-8);
                }
            }
        }

        private void Accumulate(double[][] sum, double[] input, double[] gradient)
        {
            var slopes = Slopes(input, gradient);
            for (var r = 0; r < input.Length; r++)
            {
                for (var c = 0; c < slopes.Length; c++)
                {
                    sum[r][c] += input[r] * slopes[c];
                }
            }
        }

        private double[] Slopes(double[] input, double[] gradient) => [.. Output(input).Zip(gradient, (output, slope) => slope * (1 - (output * output)))];
    }
}
