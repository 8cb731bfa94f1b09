using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Rollouts;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>Every figure of PPO by hand arithmetic; the formulas are in docs/algorithm.md.</summary>
public sealed class PpoMetricsTests : IDisposable
{
    private const double Beta = 0.1;

    private static readonly PpoOptions _options = new()
    {
        Kl = new KlOptions { Coefficient = Beta },
        ClipLow = 0.2,
        ClipHigh = 0.3,
        FirstRatioTolerance = 10,
        Lambda = 1,
        WhitensAdvantages = false,
        ValueClip = null,
    };

    // d = log π - log π_ref: 0.5, -0.25 in the first sequence, 0.75 in the second.
    private static readonly ScoredRollout[] _rollouts =
    [
        Episodes.Make(0, [1, 2, 3, 4], prompt: 1, [TokenRole.Sampled, TokenRole.Feedback, TokenRole.Sampled]) with
        {
            Reward = 1, LogProbs = [-1, 0, -1.5f],
        },
        Episodes.Make(1, [1, 2], prompt: 1) with { Reward = 0.1, LogProbs = [-0.25f] },
    ];

    private readonly PretrainedModel _model = TinyModels.Llama(10, width: 16);
    private readonly Policy _policy;

    public PpoMetricsTests() => _policy = new Policy(_model.Decoder, new ValueHead(16, zero: true, seed: 1, CPU));

    public void Dispose() => _policy.Dispose();

    [Fact]
    public void Prepare_Rewards_EqualHandArithmetic()
    {
        var metrics = Prepare(bias: 0);

        Assert.Equal((1 + 0.1) / 2, metrics["reward/terminal"], 1e-12);
        // Two values 0.9 apart: 0.9/√2.
        Assert.Equal(0.9 / Math.Sqrt(2), metrics["reward/terminal_std"], 1e-12);
        Assert.Equal(-Beta * (0.25 + 0.75) / 2, metrics["reward/kl"], 1e-12);
        Assert.Equal(0.55 - (Beta * 0.5), metrics["reward/total"], 1e-12);
    }

    [Fact]
    public void Prepare_Divergence_EqualsHandArithmetic()
    {
        var metrics = Prepare(bias: 0);

        Assert.Equal((0.5 - 0.25 + 0.75) / 3, metrics["kl/k1_token"], 1e-12);
        double[] k3 = [Math.Exp(-0.5) - 1 + 0.5, Math.Exp(0.25) - 1 - 0.25, Math.Exp(-0.75) - 1 + 0.75];
        Assert.Equal(k3.Sum() / 3, metrics["kl/k3_token"], 1e-12);
        Assert.Equal(0.5, metrics["kl/k1_sequence"], 1e-12);
        // 0.25 and 0.75: a deviation of 0.5/√2, over √2.
        Assert.Equal(0.25, metrics["kl/k1_sequence_se"], 1e-12);
        Assert.Equal(Beta, metrics["kl/coefficient"]);
    }

    [Fact]
    public void Prepare_AdvantagesAndValues_EqualHandArithmetic()
    {
        var metrics = Prepare(bias: 0.5f);

        // Rewards -0.05 and 1.025; 0.025. Returns 0.975, 1.025; 0.025. Every value is 0.5.
        double[] returns = [0.975, 1.025, 0.025];
        double[] advantages = [0.475, 0.525, -0.475];
        Assert.Equal(0.175, metrics["advantage/mean"], 1e-12);
        Assert.Equal(Math.Sqrt(advantages.Sum(a => (a - 0.175) * (a - 0.175)) / 2), metrics["advantage/std"], 1e-12);
        Assert.Equal((-0.475, 0.525), (Math.Round(metrics["advantage/min"], 12), Math.Round(metrics["advantage/max"], 12)));
        Assert.Equal(returns.Sum() / 3, metrics["value/return_mean"], 1e-12);
        // A constant value explains nothing.
        Assert.Equal(0, metrics["value/explained_variance"], 1e-12);
    }

    [Fact]
    public void Prepare_OneSequenceOfOneToken_HasNoDeviations()
    {
        var metrics = new StepMetrics();
        Ppo.Create(_options, _ => [[-1]]).Prepare([_rollouts[1]], _policy, metrics);

        Assert.Equal(double.NaN, metrics["kl/k1_sequence_se"]);
        Assert.Equal(double.NaN, metrics["advantage/std"]);
        Assert.Equal(double.NaN, metrics["value/explained_variance"]);
        Assert.Equal(0.75, metrics["kl/k1_sequence"], 1e-12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Loss_Updates_EqualHandArithmeticWhateverTheSplit(bool split)
    {
        using var scope = NewDisposeScope();
        var algorithm = Ppo.Create(_options, Reference);
        var metrics = new StepMetrics();
        var trajectories = algorithm.Prepare(_rollouts, _policy, metrics);
        var weights = algorithm.Weigh(trajectories);
        // Ratios 1.25 and 0.75, of one token each, and 1.5; feedback in between counts nowhere.
        float[] logProbs = [-1 + Log(1.25), 99, -1.5f + Log(0.75), -0.25f + Log(1.5)];
        (float[] values, float[] entropies) = ([0.2f, 99, 0.4f, 0.9f], [1, 99, 2, 3]);
        foreach (var (rows, tokens) in split ? [(0..1, 0..3), (1..2, 3..4)] : new[] { (0..2, 0..4) })
        {
            var columns = new TokenColumns([.. trajectories.ToArray()[rows]], weights[rows], CPU);
            algorithm.Loss(
                new PolicyOutputs(tensor(logProbs[tokens]), tensor(values[tokens]), tensor(entropies[tokens])), columns, metrics, 0);
        }

        double[] squares = [Math.Pow(Math.Log(1.25), 2), Math.Pow(Math.Log(0.75), 2), Math.Pow(Math.Log(1.5), 2)];
        Near(3.5 / 3, "ppo/ratio_mean");
        Near(0.75, "ppo/ratio_min");
        Near(1.5, "ppo/ratio_max");
        Near(2.0 / 3, "ppo/clip_fraction"); // 1.25 is inside [0.8, 1.3].
        Near(0.5 * squares.Sum() / 3, "ppo/approx_kl");
        Near(0.5, "ppo/first_ratio_p99");
        Near(2, "policy/entropy");
        Near(1.5 / 3, "value/mean");
        // Advantages 0.975, 1.025 and 0.025 are positive: min(ρ, 1.3) A; a quarter each of the first two, half the last.
        Near(-(0.25 * 1.25 * 0.975) - (0.25 * 0.75 * 1.025) - (0.5 * 1.3 * 0.025), "loss/policy");
        double Half(double value, double target) => 0.5 * (value - target) * (value - target);
        Near((0.25 * Half(0.2, 0.975)) + (0.25 * Half(0.4, 1.025)) + (0.5 * Half(0.9, 0.025)), "loss/value");

        // A few roundings of float32.
        void Near(double expected, string name) => Assert.Equal(expected, metrics[name], 1e-6);
        static float Log(double ratio) => (float)Math.Log(ratio);
    }

    private StepMetrics Prepare(float bias)
    {
        using var frozen = no_grad();
        _policy.ValueHead!.Bias.Value.fill_(bias);
        var metrics = new StepMetrics();
        Ppo.Create(_options, Reference).Prepare(_rollouts, _policy, metrics);
        return metrics;
    }

    private static float[][] Reference(IReadOnlyList<PolicySequence> sequences) => [[-1.5f, -77, -1.25f], [-1]];
}
