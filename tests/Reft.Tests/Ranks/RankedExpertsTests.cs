using Reft.Algorithms;
using Reft.Models;
using Reft.Ranks;
using Reft.Rollouts;
using Reft.Tests.Models;
using Reft.Tests.Training;
using Reft.Training;

namespace Reft.Tests.Ranks;

/// <summary>Models with experts: how evenly they are used is counted over all ranks.</summary>
public sealed class RankedExpertsTests
{
    [Theory]
    [InlineData("qwen2_moe", 2)]
    [InlineData("qwen3_moe", 3)]
    public void Step_OfExperts_HasTheWeightsAndFiguresOfOne(string family, int size)
    {
        var alone = Train(family, RankGroup.Alone);
        var shared = RankJob.Run(size, ranks => Train(family, ranks));

        Assert.InRange(alone.Balance[^1], 0.5, 6);
        Assert.All(shared, result =>
        {
            Assert.Equal(alone.Balance, result.Balance);
            Assert.Equal(alone.Losses, result.Losses);
            Assert.Equal(alone.Weights, result.Weights);
        });
    }

    private static (double[] Balance, double[] Losses, float[] Weights) Train(string family, RankGroup ranks)
    {
        using var model = SmallModels.Of(family, deviation: 0.05);
        using var policy = new Policy(model.Decoder);
        policy.Decoder.Ranks = ranks;
        policy.RequireGradients(true);
        ScoredRollout[] rows = [.. Enumerable.Range(0, 7).Select(i => Episodes.Make(i, SmallModels.Ids(i, 9 + (3 * i)), prompt: 2))];
        using var optimizer = new AdamW(policy.Parameters, new AdamWOptions(), ranks: ranks);
        var trainer = new Trainer(
            policy, new FixedRollouts(rows), CrossEntropy.Create(new CrossEntropyOptions()), optimizer, Episodes.Options(1e-2, microBatchTokens: 25));
        var steps = Enumerable.Range(0, 3).Select(step => trainer.Step(step, TestContext.Current.CancellationToken)).ToArray();
        return ([.. steps.Select(step => step["router/balance"])], [.. steps.Select(step => step["loss/nll"])], Episodes.Weights(policy));
    }
}
