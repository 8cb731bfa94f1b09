using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;

namespace Reft.Algorithms.Preparations;

/// <summary>
/// The gradient of the marginal likelihood of right answers, from chains of rationales (TRICE, <see href="https://arxiv.org/abs/2312.02179"/>,
/// algorithm 2): <c>1/V Σ_m (∇log p(z_m) - β_m ∇log p(z̃_m))</c> over the V problems with a correct rationale z, z̃ the proposals and
/// <c>β_m = (accepted - [m accepted]) / (V - 1)</c> the share of the others that were accepted. The second part has mean 0, and takes away
/// the noise that the first part still has where the model is always right. An accepted proposal is z itself and has weight 1 - β.
/// </summary>
/// <param name="usesControl">Whether β is taken off; without it the estimate is unbiased too, and noisier.</param>
/// <param name="subsample">Sequences that are drawn by systematic resampling in proportion to |weight|; null to learn from all.</param>
/// <param name="seed">The seed of that draw.</param>
internal sealed class SignedChains(bool usesControl, int? subsample, ulong seed) : IPreparation, IWeighting
{
    // Names the draw of which sequences are learned.
    private const ulong SubsampleSalt = 0x7_81CE;

    private readonly Dictionary<string, int[]> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double> _weights = new(StringComparer.Ordinal);

    /// <summary>The figures that it writes, and that its chains do.</summary>
    public IReadOnlyList<Metric> Metrics { get; } =
    [
        new("trice/known_share", "share of the training problems that have a correct rationale"),
        new("trice/valid_share", "V over the step's problems: the share with a correct rationale, new or kept"),
        new("trice/weight_sum", "sum of |w| over the step's sequences, before a subsample: 0 where every proposal is right"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas { get; } =
    [
        new(
            "1/V Σ_m (∇log p(z_m) - β_m ∇log p(z̃_m)), β_m the share of the others' proposals that were accepted", "Algorithms/Preparations/SignedChains: Weights", "Phan 2023, algorithm 2"),
    ];

    /// <inheritdoc/>
    public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(rollouts);
        ArgumentNullException.ThrowIfNull(metrics);
        return Made(rollouts, metrics);
    }

    /// <summary>Works the steps of a run out again, one after another from the first: what is kept follows from the proposals before.</summary>
    public IReadOnlyList<Trajectory> Again(IReadOnlyList<Trajectory> stored, double? klCoefficient, StepMetrics metrics)
    {
        ArgumentNullException.ThrowIfNull(stored);
        ArgumentNullException.ThrowIfNull(metrics);
        var rollouts = new List<ScoredRollout>();
        foreach (var proposal in stored.Select(t => t.Rollout))
        {
            rollouts.Add(proposal);
            if (proposal.Verdict is { IsCorrect: true })
            {
                _kept[proposal.Problem.Id] = proposal.Tokens[proposal.PromptLength..];
            }
            else if (_kept.TryGetValue(proposal.Problem.Id, out var response))
            {
                rollouts.Add(RationaleChains.Beside(proposal, response));
            }
        }

        var made = Made(rollouts, metrics);
        // As they are stored: what was drawn, in its order.
        return [.. made.Where(t => t.Rollout.Verdict is not null), .. made.Where(t => t.Rollout.Verdict is null)];
    }

    private Trajectory[] Made(IReadOnlyList<ScoredRollout> rollouts, StepMetrics metrics)
    {
        var kept = rollouts.Where(r => r.Verdict is null).ToDictionary(r => r.Problem.Id, StringComparer.Ordinal);
        var proposals = rollouts.Where(r => r.Verdict is not null).ToArray();
        var signed = Weights([.. proposals.Select(p => p.Verdict!.IsCorrect)], [.. proposals.Select(p => kept.ContainsKey(p.Problem.Id))], usesControl);
        _weights.Clear();
        for (var m = 0; m < proposals.Length; m++)
        {
            _weights[proposals[m].SampleId] = signed[m].Proposal;
            if (kept.TryGetValue(proposals[m].Problem.Id, out var rationale))
            {
                _weights[rationale.SampleId] = signed[m].Kept;
            }
        }

        metrics.Set("trice/valid_share", (double)signed.Count(w => w.IsValid) / Math.Max(1, proposals.Length));
        metrics.Set("trice/weight_sum", _weights.Values.Sum(Math.Abs));
        if (subsample is { } count)
        {
            Resample(rollouts, count);
        }

        return [.. rollouts.Select(r => new Trajectory(r) { OldLogProbs = r.LogProbs, LeftOut = _weights.GetValueOrDefault(r.SampleId) == 0 })];
    }

    /// <inheritdoc/>
    public float[][] Weigh(IReadOnlyList<Trajectory> miniBatch)
    {
        ArgumentNullException.ThrowIfNull(miniBatch);
        return [.. miniBatch.Select(t => t.Counting.Select(counts => counts ? (float)_weights[t.Rollout.SampleId] : 0f).ToArray())];
    }

    /// <summary>The weights of a step's proposals and kept rationales.</summary>
    /// <param name="accepted">Which proposals are correct [M].</param>
    /// <param name="known">Which of the others' problems have a correct rationale [M].</param>
    /// <param name="usesControl">Whether β is taken off.</param>
    /// <returns>Weights [M]; 0 for a problem without any correct rationale.</returns>
    public static IReadOnlyList<ChainWeights> Weights(IReadOnlyList<bool> accepted, IReadOnlyList<bool> known, bool usesControl)
    {
        ArgumentNullException.ThrowIfNull(accepted);
        var right = accepted.Count(one => one);
        var valid = accepted.Zip(known).Count(pair => pair.First || pair.Second);
        return [.. accepted.Zip(known, (isAccepted, isKnown) =>
        {
            if (!isAccepted && !isKnown)
            {
                return new ChainWeights(0, 0, false);
            }

            var beta = usesControl && valid > 1 ? (double)(right - (isAccepted ? 1 : 0)) / (valid - 1) : 0;
            return isAccepted ? new ChainWeights((1 - beta) / valid, 0, true) : new ChainWeights(-beta / valid, 1.0 / valid, true);
        })];
    }

    /// <summary>Systematic resampling: count places at equal distances along the summed sizes, from one random beginning.</summary>
    /// <param name="sizes">|w| of every sequence [N].</param>
    /// <param name="count">How many are drawn.</param>
    /// <param name="start">The beginning, in [0, 1).</param>
    /// <returns>How often each was drawn [N]; in the mean count · |w| / Σ|w|.</returns>
    public static int[] Resampled(IReadOnlyList<double> sizes, int count, double start)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        var (drawn, total, sum, taken) = (new int[sizes.Count], sizes.Sum(), 0.0, 0);
        for (var i = 0; i < sizes.Count; i++)
        {
            sum += sizes[i];
            while (taken < count && (start + taken) * total / count < sum)
            {
                drawn[i]++;
                taken++;
            }
        }

        return drawn;
    }

    private void Resample(IReadOnlyList<ScoredRollout> rollouts, int count)
    {
        var ids = rollouts.Select(r => r.SampleId).Where(id => _weights.GetValueOrDefault(id) != 0).ToArray();
        var sizes = ids.Select(id => Math.Abs(_weights[id])).ToArray();
        var start = CounterRandom.ToUnit(CounterRandom.Hash(CounterRandom.Hash(seed, SubsampleSalt), (ulong)rollouts[0].PolicyStep));
        var (drawn, total) = (Resampled(sizes, count, start), sizes.Sum());
        for (var i = 0; i < ids.Length; i++)
        {
            _weights[ids[i]] = Math.Sign(_weights[ids[i]]) * drawn[i] * total / count;
        }
    }
}

/// <summary>How much a problem's two sequences count.</summary>
/// <param name="Proposal">Of the proposal.</param>
/// <param name="Kept">Of the rationale that was kept in its place.</param>
/// <param name="IsValid">Whether the problem has a correct one.</param>
internal readonly record struct ChainWeights(double Proposal, double Kept, bool IsValid);
