using Reft.Algorithms;
using Reft.Hosting.Training;
using Reft.Training;

namespace Reft.Tests.Cli;

public sealed class StepTextTests
{
    [Fact]
    public void Figures_OfSeveralRewards_HasTheirSum()
    {
        var metrics = new StepMetrics();
        metrics.Set("reward/verdict_mean", 0.5);
        metrics.Set("reward/length_mean", -0.125);
        metrics.Set("reward/greedy_mean", 0.75); // What is compared with is no part of it.

        Assert.Equal("reward 0.375", StepText.Figures(new TrainingStep(0, [], metrics, new StepMetrics())));
    }

    [Fact]
    public void Figures_OfNoReward_HasNone()
    {
        var metrics = new StepMetrics();
        metrics.Set("loss/nll", 1);

        Assert.Equal("loss 1.0000", StepText.Figures(new TrainingStep(0, [], metrics, new StepMetrics())));
    }
}
