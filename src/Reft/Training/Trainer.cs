using System.Diagnostics;
using System.Text.Json.Nodes;
using Reft.Algorithms;
using Reft.Models;
using Reft.Numerics;
using Reft.Ranks;
using Reft.Rollouts;
using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>How a trainer trains, whatever the algorithm.</summary>
internal sealed record TrainerOptions
{
    /// <summary>The learning rate of every optimizer step.</summary>
    public required LearningRateSchedule Schedule { get; init; }

    /// <summary>Tokens of a micro-batch, at most; bounds memory, and changes nothing else but last digits.</summary>
    public required int MicroBatchTokens { get; init; }

    /// <summary>
    /// How many micro-batches are computed side by side, each in a thread of its own, at least 1. Takes that many times the memory, and
    /// changes no bit (on the CPU, with AVX-512).
    /// </summary>
    public int MicroBatchesAtOnce { get; init; } = 1;

    /// <summary>The seed of the mini-batches' order, and of dropout.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Whether layers are computed again in the backward pass (<see cref="ForwardMode.RecomputesLayers"/>).</summary>
    public bool RecomputesLayers { get; init; }

    /// <summary>
    /// Whether the dropout of the model's config.json acts, as in the supervised training of the paper. Not for PPO: what
    /// is sampled must be what is trained.
    /// </summary>
    public bool UsesDropout { get; init; }
}

/// <summary>
/// One loop for every method: collect rollouts, prepare them, then for every mini-batch sum the gradients of its
/// micro-batches and take an optimizer step. It knows neither where rollouts come from nor what loss they get.
/// </summary>
internal sealed class Trainer : IResumable
{
    private readonly Policy _policy;
    private readonly IRolloutSource _source;
    private readonly IAlgorithm _algorithm;
    private readonly AdamW _optimizer;
    private readonly TrainerOptions _options;
    private readonly Heartbeat _heartbeat;
    private readonly Stopwatch _optimizing = new();
    private readonly List<int[]> _updates = []; // Tokens of the micro-batches of each optimizer step.

    /// <summary>Makes a trainer.</summary>
    /// <param name="policy">What is trained; its parameters must require gradients.</param>
    /// <param name="source">Where rollouts come from.</param>
    /// <param name="algorithm">What loss they get.</param>
    /// <param name="optimizer">Holds masters and moments of the policy's parameters.</param>
    /// <param name="options">The rest.</param>
    /// <param name="heartbeat">Told what is being done; null for nobody.</param>
    public Trainer(
        Policy policy, IRolloutSource source, IAlgorithm algorithm, AdamW optimizer, TrainerOptions options,
        Heartbeat? heartbeat = null)
    {
        _policy = policy;
        _source = source;
        _algorithm = algorithm;
        _optimizer = optimizer;
        _options = options;
        _heartbeat = heartbeat ?? new Heartbeat();
    }

    /// <summary>Those who train together.</summary>
    public RankGroup Ranks => _policy.Decoder.Ranks;

    /// <inheritdoc/>
    public JsonObject Save() => new() { ["algorithm"] = _algorithm.Save(), ["source"] = _source.Save() };

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        _algorithm.Restore(Part("algorithm"));
        _source.Restore(Part("source"));

        JsonObject Part(string name) =>
            state[name] as JsonObject ?? throw new InputException($"the trainer's state lacks '{name}'");
    }

    /// <summary>Does one training step.</summary>
    /// <param name="step">Which, counted from 0.</param>
    /// <param name="cancellation">Stops while rollouts are collected.</param>
    /// <returns>What it did.</returns>
    /// <exception cref="AlarmException">Going on would be wrong; the weights are those before the step, or before its last
    /// optimizer step.</exception>
    public TrainingStep Step(long step, CancellationToken cancellation = default)
    {
        var metrics = new StepMetrics();
        var timings = new StepMetrics();
        using var prepared = _policy.Prepare();
        var clock = Stopwatch.StartNew();
        var whole = Stopwatch.StartNew();
        var (sent, exchanging) = (Ranks.Sent, Ranks.Exchanging);
        _heartbeat.Beat("rollout", $"step {step}");
        var rollouts = Spanned("rollout", () => _source.Collect(step, cancellation));
        Lap("time/rollout_s");
        RolloutMetrics.Measure(rollouts, metrics);
        foreach (var (name, figure) in _source.Figures)
        {
            metrics.Set(name, figure);
        }

        _heartbeat.Beat("preparation", $"step {step}");
        var trajectories = Spanned("prepare", () => _algorithm.Prepare(rollouts, _policy, metrics));
        Lap("time/prepare_s");
        _optimizing.Reset();
        _updates.Clear();
        _policy.Decoder.Router?.Take(RankGroup.Alone); // What was routed before the update; nobody is told.
        var trained = Spanned("update", () => Update(trajectories, step, metrics));
        if (_policy.Decoder.Router?.Take(Ranks) is { } balance)
        {
            metrics.Set("router/balance", balance);
        }

        Lap("time/update_s");
        timings.Set("time/optimizer_s", _optimizing.Elapsed.TotalSeconds);
        if (!Ranks.IsAlone)
        {
            timings.Set("time/exchange_s", (Ranks.Exchanging - exchanging).TotalSeconds);
            timings.Set("ranks/sent_bytes", Ranks.Sent - sent);
        }

        Costs().Report(timings, MemoryUse.Read());
        return new TrainingStep(step, trajectories, metrics, timings) { Updates = [.. _updates] };

        static T Spanned<T>(string name, Func<T> work)
        {
            using var span = Telemetry.Source.StartActivity(name);
            return work();
        }

        void Lap(string name)
        {
            timings.Set(name, clock.Elapsed.TotalSeconds);
            clock.Restart();
        }

        StepCosts Costs() => new(
            rollouts.Where(r => r.LogProbs.Length > 0).Sum(r => (long)r.Sampled.Count(s => s)), // Gold is drawn by nobody.
            trained, timings["time/rollout_s"], timings["time/update_s"], whole.Elapsed.TotalSeconds);
    }

    /// <summary>Goes through the trajectories; gives how many tokens went forwards and backwards.</summary>
    private long Update(IReadOnlyList<Trajectory> trajectories, long step, StepMetrics metrics)
    {
        var trained = 0L;
        metrics.Set("mask/sampled_tokens", trajectories.Sum(t => t.Counting.Count(c => c)));
        for (var epoch = 0; epoch < _algorithm.Epochs; epoch++)
        {
            var masked = 0L;
            foreach (var miniBatch in Shuffled(trajectories, step, epoch))
            {
                masked += Minimise(miniBatch, step, metrics);
                trained += miniBatch.Sum(t => (long)t.Rollout.Tokens.Length);
                if (_algorithm.StopsEarly(metrics))
                {
                    metrics.Set(RatioMeter.StoppedEarly, 1);
                    return trained;
                }
            }

            metrics.Set("mask/loss_tokens", masked);
        }

        return trained;
    }

    private IEnumerable<IReadOnlyList<Trajectory>> Shuffled(IReadOnlyList<Trajectory> all, long step, int epoch)
    {
        var learned = _algorithm.KeepsGroups ? all.Where(t => !t.LeftOut).ToArray() : [];
        if (learned.Length > 0)
        {
            return Groups(learned, step, epoch);
        }

        var order = all.ToArray();
        var size = _algorithm.MiniBatch > 0 ? _algorithm.MiniBatch : order.Length;
        if (size < order.Length)
        {
            new CounterRandom(CounterRandom.Hash(_options.Seed, (ulong)step, (ulong)epoch)).Shuffle(order);
        }

        return order.Chunk(size);
    }

    /// <summary>Whole problems, until a mini-batch has its number of sequences; a problem of more is one alone.</summary>
    private IEnumerable<IReadOnlyList<Trajectory>> Groups(Trajectory[] learned, long step, int epoch)
    {
        var groups = learned.GroupBy(t => t.Rollout.Problem.Id, StringComparer.Ordinal).Select(g => g.ToArray()).ToArray();
        var size = _algorithm.MiniBatch > 0 ? _algorithm.MiniBatch : learned.Length;
        if (size < learned.Length)
        {
            new CounterRandom(CounterRandom.Hash(_options.Seed, (ulong)step, (ulong)epoch)).Shuffle(groups);
        }

        return MicroBatches.Split(groups, group => group.Length, size).Select(piece => piece.SelectMany(group => group).ToArray());
    }

    /// <summary>Takes one optimizer step; gives how many tokens had a weight in its loss.</summary>
    private long Minimise(IReadOnlyList<Trajectory> miniBatch, long step, StepMetrics metrics)
    {
        var weights = _algorithm.Weigh(miniBatch);
        var masked = 0L;
        var mode = new ForwardMode
        {
            RecomputesLayers = _options.RecomputesLayers,
            // A key an optimizer step: its micro-batches together drop what its mini-batch at once would.
            DropoutKey = _options.UsesDropout ? CounterRandom.Hash(_options.Seed, (ulong)_optimizer.Steps) : null,
        };
        // Neighbours of one length are computed together. What has no weight adds nothing but time.
        var all = miniBatch.Select((trajectory, b) => (Trajectory: trajectory, Weights: weights[b])).ToArray();
        var weighed = Array.FindAll(all, row => row.Weights.Any(w => w != 0));
        var rows = (weighed.Length > 0 ? weighed : all).OrderBy(row => row.Trajectory.Rollout.Tokens.Length).ToArray();
        var micros = MicroBatches.Split(rows, r => r.Trajectory.Rollout.Tokens.Length, _options.MicroBatchTokens).ToArray();
        _updates.Add([.. micros.Select(micro => micro.Sum(row => row.Trajectory.Rollout.Tokens.Length))]);
        var share = new PieceShare(micros.Length, Ranks.Size, _optimizer.Leaves);
        if (Ranks.IsAlone)
        {
            Lanes.Run(_options.MicroBatchesAtOnce, micros.Length, Compute);
        }
        else
        {
            Together();
        }

        void Compute(int piece, Turns turns)
        {
            using var scope = NewDisposeScope();
            using var leaves = Lanes.IsLane ? Parameter.OwnLeaves(_policy.Parameters) : null;
            var columns = Columns(micros[piece]);
            var outputs = Outputs(micros[piece]);
            Tensor loss = null!;
            turns.Take("loss", piece, () => loss = _algorithm.Loss(outputs, columns, metrics, step));
            loss.backward();
            turns.Take("gradients", piece, () =>
            {
                _optimizing.Start();
                _optimizer.Accumulate(share.LeafOf(piece));
                _optimizing.Stop();
                masked += columns.Counts.LongCount(c => c);
            });
        }

        // Gradients are of one's own micro-batches alone. What the policy says of the others', a few numbers a token, all are told, so that figures and
        // what the algorithm remembers are the same everywhere: they are taken from all micro-batches, in their order, once all have been computed.
        void Together()
        {
            var said = new List<byte[]>();
            for (var round = 0; round < share.Rounds; round++)
            {
                using var scope = NewDisposeScope();
                var own = share.Of(round, Ranks.Rank);
                var outputs = own is { } mine ? Outputs(micros[mine]) : null;
                if (outputs is not null)
                {
                    said.Add(SharedOutputs.Write(outputs));
                    _algorithm.Loss(outputs, Columns(micros[own!.Value]), metrics: null, step).backward(); // There are outputs of one's own.
                }

                _optimizing.Start();
                _optimizer.Accumulate(own is { } added ? share.LeafOf(added) : null);
                _optimizing.Stop();
            }

            var all = SharedOutputs.Gather(Ranks, said);
            var told = new byte[micros.Length][];
            for (var rank = 0; rank < Ranks.Size; rank++)
            {
                for (var round = 0; round < all[rank].Length; round++)
                {
                    told[share.Of(round, rank)!.Value] = all[rank][round]; // A rank's rounds without a micro-batch are its last.
                }
            }

            using var frozen = no_grad();
            for (var piece = 0; piece < micros.Length; piece++)
            {
                using var scope = NewDisposeScope();
                var columns = Columns(micros[piece]);
                _algorithm.Loss(SharedOutputs.Read(told[piece], _policy.Decoder.Device.Torch), columns, metrics, step);
                masked += columns.Counts.LongCount(c => c);
            }
        }

        TokenColumns Columns(IReadOnlyList<(Trajectory Trajectory, float[] Weights)> micro) =>
            new([.. micro.Select(r => r.Trajectory)], [.. micro.Select(r => r.Weights)], _policy.Decoder.Device.Torch);

        PolicyOutputs Outputs(IReadOnlyList<(Trajectory Trajectory, float[] Weights)> micro)
        {
            _heartbeat.Beat("update", $"step {step}, micro-batch from {micro[0].Trajectory.Rollout.SampleId} on");
            return _policy.Evaluate([.. micro.Select(r => r.Trajectory.Sequence)], _algorithm.Questions(step), mode);
        }

        var rate = _options.Schedule.At(_optimizer.Steps);
        _optimizing.Start();
        var report = _optimizer.Step(rate);
        _optimizing.Stop();
        metrics.Set("optimizer/learning_rate", rate);
        metrics.Add("optimizer/gradient_norm", report.GradientNorm, 1);
        metrics.Add("optimizer/update_norm", report.UpdateNorm, 1);
        metrics.Add("optimizer/changed_share", report.ChangedShare, 1);
        metrics.Add("optimizer/skipped", report.Skipped ? 1 : 0, 1);
        return masked;
    }
}
