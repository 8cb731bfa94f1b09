using Reft.Algorithms;
using Reft.Algorithms.Terms;
using Reft.Configuration;
using Reft.Methods;
using Reft.Models;
using Reft.Rollouts;
using Reft.Runs;
using Reft.Tests.Configuration;
using Reft.Tests.Numerics;
using Reft.Tests.Training;
using Reft.Training.Runs;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>UFT between its two ends, and the parts that it brings: the hints' likelihood and the entropy's reward.</summary>
public sealed class UftTests : IDisposable
{
    private const int Vocabulary = 12;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Whole runs of five steps: p ≡ 0, whatever β, is GRPO to the last bit of the weights.</summary>
    [Fact]
    public void Run_WithoutHints_IsGrpoToTheBit()
    {
        var grpo = Weights("grpo", "grpo", "grpo={klCoefficient: 0.02}");
        var none = Weights("none", "uft", "uft={klCoefficient: 0.02, entropyCoefficient: 0, hintCoefficient: 0.5, hints: {draw: none}}");
        var never = Weights("never", "uft", "uft={klCoefficient: 0.02, entropyCoefficient: 0, hintCoefficient: 0.5, hints: {low: 0, high: 0}}");
        var hints = Weights("hints", "uft", "uft={klCoefficient: 0.02, entropyCoefficient: 0, hintCoefficient: 0.5, hints: {low: 1, high: 1}}");

        Assert.Equal(grpo, none);
        Assert.Equal(grpo, never);
        Assert.NotEqual(grpo, hints);
    }

    /// <summary>Where all of a problem's samples are worth the same, what is left is β times the cross-entropy of the hints, to the bit.</summary>
    [Fact]
    public void Gradient_EqualRewards_IsThatOfSupervisedFineTuningOnTheHints()
    {
        using var model = TinyModels.Llama(Vocabulary, width: 16, layers: 2);
        using var policy = new Policy(model.Decoder);
        policy.RequireGradients(true);
        var uft = Uft.Create(
            new UftOptions { KlCoefficient = 0, EntropyCoefficient = 0, HintCoefficient = 0.25, Update = new UpdateOptions { FirstRatioTolerance = 10 } }, null);
        var hinted = Hinted(policy);
        // The same sequences, the hints as what is to be learned and the rest as what is not.
        var gold = hinted.Select(r => r with { Roles = [.. r.Roles.Select(role => role == TokenRole.Hint ? TokenRole.Sampled : TokenRole.Feedback)] }).ToArray();

        var rows = uft.Prepare(hinted, policy, new StepMetrics());
        var own = Episodes.Gradient(policy, uft, [.. rows], [[.. rows]]);
        Trajectory[] learned = [.. gold.Select(r => new Trajectory(r))];
        var supervised = Episodes.Gradient(policy, CrossEntropy.Create(new CrossEntropyOptions()), learned, [learned]);

        Assert.InRange(supervised.Max(Math.Abs), 1e-3, 1000);
        Assert.Equal([.. supervised.Select(slope => 0.25f * slope)], own);
    }

    [Fact]
    public void Gradient_OfHints_DoesNotDependOnTheSplit()
    {
        using var model = TinyModels.Llama(Vocabulary, width: 16, layers: 2);
        using var policy = new Policy(model.Decoder);
        policy.RequireGradients(true);
        var uft = Uft.Create(
            new UftOptions { KlCoefficient = 0, HintCoefficient = 0.25, Update = new UpdateOptions { FirstRatioTolerance = 10 } }, null);
        var rows = uft.Prepare([.. Hinted(policy).Select((r, i) => r with { Reward = i % 2 })], policy, new StepMetrics()).ToArray();

        var whole = Episodes.Gradient(policy, uft, rows, [rows]);
        var split = Episodes.Gradient(policy, uft, rows, [rows[..2], rows[2..3], rows[3..]]);

        Assert.InRange(Episodes.Distance(whole, split), 0, 2e-6 * Math.Max(1, whole.Max(Math.Abs)));
    }

    /// <summary>Three sequences with hints of 2, 0 and 3 tokens; 7 tokens in all are sampled.</summary>
    [Theory]
    [InlineData(HintReduction.TokenMean, 1.0 / 5)]
    [InlineData(HintReduction.Sum, 1.0 / 3)]
    public void HintLikelihood_Weights_AreThoseOfTheReduction(HintReduction reduction, double expected)
    {
        int[] hints = [2, 0, 3];
        Trajectory[] rows = [.. hints.Select((n, i) => new Trajectory(Episodes.Make(
            i, [.. Enumerable.Repeat(1, n + 3)], prompt: 1, [.. Enumerable.Repeat(TokenRole.Hint, n), TokenRole.Sampled, TokenRole.Sampled])))];

        var weigh = new HintLikelihood(1, reduction).Weigh(rows)!;

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal([.. Enumerable.Repeat((float)expected, hints[i]), 0, 0], weigh(rows[i]));
        }
    }

    /// <summary>Summed over every token with its probability, the sampled gradient is the entropy's own, by central differences.</summary>
    [Fact]
    public void EntropyBonus_MeanOverTokens_HasTheSlopeOfTheEntropy()
    {
        using var scope = NewDisposeScope();
        double[] at = [0.3, -1.2, 0.8, 0.1];
        var (logits, all) = (tensor(at).requires_grad_(), (Tensor?)null);
        var logProbs = nn.functional.log_softmax(logits, 0);
        var probabilities = logProbs.detach().exp();
        var entropy = -(probabilities * logProbs.detach()).sum();
        for (var token = 0; token < 4; token++)
        {
            var own = logProbs[token].unsqueeze(0);
            var row = new Trajectory(Episodes.Make(0, [1, token], prompt: 1, [TokenRole.Sampled])) { OldLogProbs = [own.to(ScalarType.Float32).item<float>()] };
            var inputs = new LossInputs(new PolicyOutputs(own, null, entropy.unsqueeze(0)), new TokenColumns([row], [[1f]], CPU), 0);
            var loss = new EntropyBonus(1).Losses(inputs);
            Assert.Equal(-entropy.item<double>(), loss.item<double>(), 1e-12);
            var part = loss * probabilities[token];
            all = all is null ? part : all + part;
        }

        all!.sum().backward();

        // The ratio of a float64 policy to its own float32 figure is 1 but for 6e-8.
        FiniteDifferences.AssertNear(FiniteDifferences.Of(MinusEntropy, at), logits.grad!.data<double>().ToArray(), 1e-6);

        static double MinusEntropy(double[] z)
        {
            var total = z.Sum(Math.Exp);
            return z.Sum(one => Math.Exp(one) / total * (one - Math.Log(total)));
        }
    }

    /// <summary>Six sequences of three problems behind hints; every reward is 0.</summary>
    private static ScoredRollout[] Hinted(Policy policy) =>
    [
        .. Episodes.Drawn(policy, Episodes.Random(3, 6, Vocabulary), noise: 0, 3).Select((r, i) => r with
        {
            Problem = new Reft.Problems.Problem($"p{i / 2}", "", ""),
            Reward = 0,
            Roles = [.. r.Roles.Select((_, t) => t < r.Roles.Length / 2 ? TokenRole.Hint : TokenRole.Sampled)],
        }),
    ];

    private byte[] Weights(string name, string method, string own)
    {
        var config = ConfigFile.Parse(
            $"method: {method}\n" + Configs.SmallRun(_folder[name], 3), "test.yaml",
            ["rollouts={maxTokens: 8, samplesPerProblem: 2}", "evaluation.maxTokens=8", "training.microBatchTokens=300", own]);
        using var run = TrainingRun.Prepare(config, new Nobody(), TimeProvider.System);
        Assert.Equal(RunEnd.Finished, run.Run(false, "test", TestContext.Current.CancellationToken).End);
        return File.ReadAllBytes(Directory.EnumerateFiles(_folder[name], "model.safetensors", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last());
    }

    private sealed class Nobody : ITrainingObserver
    {
        public void Stepped(Reft.Training.TrainingStep step, long of)
        {
        }

        public void Noted(string note, bool isWarning)
        {
        }
    }
}
