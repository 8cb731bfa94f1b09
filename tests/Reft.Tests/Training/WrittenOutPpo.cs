using Reft.Algorithms;
using Reft.Models;
using Reft.Rollouts;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>
/// PPO's update a second time, written out from its definitions with libtorch's autograd: of Reft it takes nothing but
/// the hidden states and logits of a sequence alone. Every statistic is in double.
/// </summary>
internal sealed class WrittenOutPpo(Policy policy, PpoOptions options) : IDisposable
{
    /// <summary>ε is large enough that the rounding of a gradient near 0 moves no weight.</summary>
    public const double Epsilon = 1e-3;
    public const double WeightDecay = 0.1;
    public const double MaxGradientNorm = 1;

    private ScoredRollout[] _rollouts = [];
    private double[][] _oldValues = [];
    private double[][] _advantages = [];
    private double[][] _returns = [];
    private readonly Dictionary<string, (Tensor First, Tensor Second)> _moments = [];
    private int _steps;


    public void Step(ScoredRollout[] rollouts, float[][] reference, double learningRate)
    {
        _rollouts = rollouts;
        _oldValues = [.. rollouts.Select(OldValues)];
        var rewards = rollouts.Select((r, b) => Rewards(r, reference[b])).ToArray();
        _advantages = [.. rewards.Select((r, b) => Advantages(r, _oldValues[b], rollouts[b].Sampled))];
        _returns = [.. _advantages.Select((a, b) => a.Select((x, t) => x + _oldValues[b][t]).ToArray())];
        if (options.WhitensAdvantages)
        {
            Whiten();
        }

        for (var epoch = 0; epoch < options.Epochs; epoch++)
        {
            using var scope = NewDisposeScope();
            Loss().backward();
            Adam(learningRate);
        }
    }

    public void Dispose()
    {
        foreach (var (first, second) in _moments.Values)
        {
            first.Dispose();
            second.Dispose();
        }
    }

    private (Tensor LogProbs, Tensor Values) Forward(ScoredRollout rollout)
    {
        var length = rollout.Tokens.Length;
        var hidden = policy.Decoder.Hidden(new TokenBatch([rollout.Tokens]));
        var all = nn.functional.log_softmax(policy.Decoder.Logits(hidden).to(ScalarType.Float64), 1);
        var head = policy.ValueHead!; // The tests give one.
        var values = hidden.matmul(head.Weight.Value.t()).add(head.Bias.Value).to(ScalarType.Float64);
        var states = Enumerable.Range(rollout.PromptLength - 1, rollout.ResponseLength).ToArray();
        Assert.Equal(length - 2, states[^1]);
        return (stack(states.Select(s => all[s][rollout.Tokens[s + 1]])), stack(states.Select(s => values[s][0])));
    }

    private double[] OldValues(ScoredRollout rollout)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        return Forward(rollout).Values.data<double>().ToArray();
    }

    private double[] Rewards(ScoredRollout rollout, float[] reference)
    {
        var rewards = rollout.LogProbs.Select((p, t) =>
            rollout.Sampled[t] ? -options.Kl.Coefficient * ((double)p - reference[t]) : 0).ToArray();
        rewards[Array.LastIndexOf(rollout.Sampled, true)] += rollout.Reward;
        return rewards;
    }

    /// <summary><c>A_i = Σ_l (γλ)^l (r_{i+l} + γ V_{i+l+1} - V_{i+l})</c> over the actions alone.</summary>
    private double[] Advantages(double[] rewards, double[] values, bool[] sampled)
    {
        var actions = Enumerable.Range(0, rewards.Length).Where(t => sampled[t]).ToArray();
        var advantages = new double[rewards.Length];
        for (var i = 0; i < actions.Length; i++)
        {
            for (var l = 0; i + l < actions.Length; l++)
            {
                var next = i + l + 1 < actions.Length ? values[actions[i + l + 1]] : 0;
                var delta = rewards[actions[i + l]] + (options.Discount * next) - values[actions[i + l]];
                advantages[actions[i]] += Math.Pow(options.Discount * options.Lambda, l) * delta;
            }
        }

        return advantages;
    }

    private void Whiten()
    {
        var all = _advantages.SelectMany((a, b) => a.Where((_, t) => _rollouts[b].Sampled[t])).ToArray();
        var mean = all.Sum() / all.Length;
        var variance = all.Sum(a => Math.Pow(a - mean, 2)) / (all.Length - 1);
        _advantages = [.. _advantages.Select(row => row.Select(a => (a - mean) / Math.Sqrt(variance + 1e-8)).ToArray())];
    }

    private Tensor Loss()
    {
        var tokens = _rollouts.Sum(r => r.Sampled.Count(s => s));
        var total = zeros(1, dtype: ScalarType.Float64);
        for (var b = 0; b < _rollouts.Length; b++)
        {
            var (logProbs, values) = Forward(_rollouts[b]);
            var own = zeros(1, dtype: ScalarType.Float64);
            for (var t = 0; t < _rollouts[b].ResponseLength; t++)
            {
                own += _rollouts[b].Sampled[t] ? TokenLoss(b, t, logProbs[t], values[t]) : zeros(1, dtype: ScalarType.Float64);
            }

            total += options.Aggregation switch
            {
                Aggregation.SequenceMeanTokenMean => own / (_rollouts[b].Sampled.Count(s => s) * _rollouts.Length),
                Aggregation.TokenMean => own / tokens,
                Aggregation.SequenceMeanTokenSum => own / _rollouts.Length,
                _ => own / (_rollouts.Length * options.ConstantLength),
            };
        }

        return total.sum();
    }

    private Tensor TokenLoss(int b, int t, Tensor logProb, Tensor value)
    {
        var ratio = (logProb - _rollouts[b].LogProbs[t]).exp();
        var advantage = _advantages[b][t];
        var policyLoss = max(
            stack([-advantage * ratio, -advantage * ratio.clamp(1 - options.ClipLow, 1 + options.ClipHigh)]));
        var error = (value - _returns[b][t]).pow(2);
        if (options.ValueClip is { } clip)
        {
            var kept = _oldValues[b][t] + (value - _oldValues[b][t]).clamp(-clip, clip);
            error = max(stack([error, (kept - _returns[b][t]).pow(2)]));
        }

        return policyLoss + (options.ValueCoefficient * 0.5 * error);
    }

    /// <summary>Kingma 2015, algorithm 1, in double, with decoupled decay of the matrices.</summary>
    private void Adam(double learningRate)
    {
        using var frozen = no_grad();
        var norm = Math.Sqrt(policy.Parameters.Sum(p => p.Value.grad!.to(ScalarType.Float64).square().sum().item<double>()));
        var clip = norm > MaxGradientNorm ? MaxGradientNorm / norm : 1;
        _steps++;
        foreach (var parameter in policy.Parameters)
        {
            if (!_moments.TryGetValue(parameter.Name, out var moments))
            {
                moments = (Start(parameter), Start(parameter));
                _moments.Add(parameter.Name, moments);
            }

            var gradient = parameter.Value.grad!.to(ScalarType.Float64) * clip;
            moments.First.mul_(0.9).add_(0.1 * gradient);
            moments.Second.mul_(0.999).add_(0.001 * gradient.square());
            var first = moments.First / (1 - Math.Pow(0.9, _steps));
            var second = moments.Second / (1 - Math.Pow(0.999, _steps));
            var decayed = parameter.Value.to(ScalarType.Float64) * (parameter.Value.dim() > 1 ? 1 - (learningRate * WeightDecay) : 1);
            parameter.Value.copy_(decayed - (learningRate * first / (second.sqrt() + Epsilon)));
            parameter.Value.grad!.zero_();
        }
    }

    private static Tensor Start(Parameter parameter) =>
        zeros(parameter.Value.shape, dtype: ScalarType.Float64).DetachFromDisposeScope();
}
