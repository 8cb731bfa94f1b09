using FsCheck;
using FsCheck.Fluent;
using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Models;
using Reft.Numerics;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>The KL penalty's estimators and its coefficient.</summary>
public sealed class KlTests
{
    [Theory]
    [InlineData(6, 0)] // At the target nothing changes.
    [InlineData(6.6, 0.1)]
    [InlineData(5.7, -0.05)]
    [InlineData(7.2, 0.2)]
    [InlineData(600, 0.2)] // A fifth at most, in both directions.
    [InlineData(0, -0.2)]
    [InlineData(-3, -0.2)] // The estimate can be negative.
    public void Update_AgainstTheTarget_FollowsZieglersRule(double kl, double error)
    {
        var controller = new KlController(new KlOptions { Coefficient = 0.05, Target = 6, Horizon = 10_000 });

        controller.Update(kl, sequences: 256);

        Assert.Equal(0.05 * (1 + (error * 256 / 10_000)), controller.Coefficient, 1e-12);
    }

    [Fact]
    public void Update_WithoutATarget_KeepsTheCoefficient()
    {
        var controller = new KlController(new KlOptions { Coefficient = 0.05 });

        controller.Update(1e6, sequences: 256);

        Assert.Equal(0.05, controller.Coefficient);
    }

    [Fact]
    public void Prepare_AdaptiveCoefficient_RewardsWithTheOldOneAndThenAdapts()
    {
        using var model = TinyModels.Llama(10, width: 16);
        using var policy = new Policy(model.Decoder, new ValueHead(16, zero: true, seed: 1, CPU));
        var options = new PpoOptions { Kl = new KlOptions { Coefficient = 0.5, Target = 1, Horizon = 10 } };
        var algorithm = Ppo.Create(options, _ => [[-3, -2], [-1.5f]]);
        var metrics = new StepMetrics();

        // k1 sums: (-1 + 3) + (-0.5 + 2) = 3.5 and -1 + 1.5 = 0.5, 2 on average: twice the target, clipped to 0.2.
        var trajectories = algorithm.Prepare(
            [
                Episodes.Make(0, [1, 2, 3], prompt: 1) with { Reward = 1, LogProbs = [-1, -0.5f] },
                Episodes.Make(1, [1, 2], prompt: 1) with { LogProbs = [-1] },
            ],
            policy, metrics);

        Assert.Equal([-1, 0.25], trajectories[0].Rewards);
        Assert.Equal([-0.25], trajectories[1].Rewards);
        Assert.Equal(0.5, metrics["kl/coefficient"]);
        Assert.Equal(0.5 * (1 + (0.2 * 2 / 10)), ((PolicyPreparation)algorithm.Parts.Preparation).Kl!.Coefficient, 1e-12);
    }

    [Fact]
    public void K3_AnyTwoLogProbs_IsNeverNegative() => Prop
        .ForAll<int, int, byte>((a, b, scale) =>
            KullbackLeibler.K3(a * Math.Pow(10, -scale % 17), b * Math.Pow(10, -scale % 17)) >= 0)
        .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Estimators_OverAllTokens_HaveTheDivergenceAsTheirMean()
    {
        double[] policy = [0.5, 0.3, 0.15, 0.05];
        double[] reference = [0.25, 0.25, 0.4, 0.1];
        var divergence = policy.Zip(reference, (p, q) => p * Math.Log(p / q)).Sum();

        var k1 = policy.Zip(reference, (p, q) => p * KullbackLeibler.K1(Math.Log(p), Math.Log(q))).Sum();
        var k3 = policy.Zip(reference, (p, q) => p * KullbackLeibler.K3(Math.Log(p), Math.Log(q))).Sum();

        Assert.Equal(divergence, k1, 1e-15);
        Assert.Equal(divergence, k3, 1e-15);
    }
}
