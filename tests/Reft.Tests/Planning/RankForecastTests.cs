using Reft.Planning;

namespace Reft.Tests.Planning;

/// <summary>Forecasts of ranks, against arithmetic by hand.</summary>
public sealed class RankForecastTests
{
    private static readonly StepCost _cost = new()
    {
        Updates = [[100, 100, 100, 200]],
        TokenSeconds = 0.01,
        Optimizer = 0.8,
        Parameters = 1e6,
        ElementBytes = 4,
        Cores = 1,
        Threads = 1,
        CopySeconds = 0,
        ChecksumSeconds = 0,
    };

    private static readonly RankLink _link = new() { BytesPerSecond = 1e6, LatencySeconds = 0 };

    [Fact]
    public void Of_OneRank_IsWhatWasMeasured()
    {
        var step = RankForecast.Of(
            _cost with { Drawn = [[3], [5, 1]], DecodeBase = 1, DecodeRow = 0.5, Slots = 2, RolloutRest = 0.25, Prepare = 0.5, Rest = 0.125 }, _link, 1);

        // Two more tokens of the first and four of the second; the third is drawn with its prompt: 2 steps of two, 2 of one.
        Assert.Equal((2 * 2) + (2 * 1.5) + 0.25, step.Rollout, 9);
        Assert.Equal(0.5, step.Prepare, 9);
        Assert.Equal(5, step.Losses, 9);
        Assert.Equal(0.8, step.Optimizer, 9);
        Assert.Equal(0, step.Messages);
        Assert.Equal(7.25 + 0.5 + 5 + 0.8 + 0.125, step.Seconds, 9);
        // Weights, gradients, their sums and two moments of 4 bytes.
        Assert.Equal(20e6, step.StateBytes);
    }

    [Fact]
    public void Of_TwoRanks_WaitsForTheLongerMicroBatchOfEachRound()
    {
        var step = RankForecast.Of(_cost, _link, 2);

        Assert.Equal(1 + 2, step.Losses, 9); // max(100, 100), then max(100, 200).
        Assert.Equal(0.4, step.Optimizer, 9);
        // Half of two gradients, and half of the weights, of 4 MB each.
        Assert.Equal(6e6, step.SentBytes, 3);
        // At 1 MB a second; 4 exchanges of a step, 2 of each of two rounds and 5 of the update, each two messages.
        Assert.Equal(6 + (2 * 13 * RankLink.MessageSeconds), step.Messages, 9);
        Assert.Equal((8 + (12 / 2.0)) * 1e6, step.StateBytes, 3);
    }

    [Fact]
    public void Of_ATree_SendsOneSum()
    {
        var row = RankForecast.Of(_cost, _link, 2);
        var tree = RankForecast.Of(_cost with { Leaves = 2 }, _link, 2);

        Assert.Equal(row.SentBytes - 2e6, tree.SentBytes, 3);
        Assert.Equal(3, tree.Losses, 9); // max(100, 100), then max(100, 200): neighbours are a rank's.
    }

    [Fact]
    public void Of_RanksOnOneCore_TakesAsLongAsOne()
    {
        var step = RankForecast.Of(_cost, _link with { RanksPerNode = 4 }, 4);

        Assert.Equal(5, step.Losses, 9);
        Assert.Equal(0.8, step.Optimizer, 9);
        Assert.Equal(0, step.Messages, 0.001); // Nothing goes over the network.
    }

    [Fact]
    public void Of_PromptsOfSomeRanks_WaitsForTheLongestCompletions()
    {
        var cost = _cost with { Drawn = [[11], [2], [2], [2]], DecodeBase = 0, DecodeRow = 1, Slots = 8 };

        Assert.Equal(13, RankForecast.Of(cost, _link, 1).Rollout, 9);
        Assert.Equal(11, RankForecast.Of(cost, _link, 2).Rollout, 9);
        Assert.Equal(10, RankForecast.Of(cost, _link, 4).Rollout, 9);
    }

    [Fact]
    public void Of_StagedDevices_SharesNeitherStepsNorState()
    {
        var step = RankForecast.Of(_cost with { IsStaged = true, ElementBytes = 2 }, _link, 4);

        Assert.Equal(0.8, step.Optimizer, 9);
        Assert.Equal(20e6, step.StateBytes); // 2 + 2, and four of 4.
        Assert.Equal(0.75 * (2 + 4) * 1e6, step.SentBytes, 3); // One round of bfloat16, and sums of float32.
    }

    [Fact]
    public void Of_AModelOfTwiceTheWeights_TakesTwiceAsLong()
    {
        var step = RankForecast.Of(_cost.Of(2e6), _link, 2);

        Assert.Equal(6, step.Losses, 9);
        Assert.Equal(12e6, step.SentBytes, 3);
    }

    [Fact]
    public void Fit_IsOfLeastSquares()
    {
        var (start, row) = RankForecast.Fit([(1, 3), (2, 5), (3, 7)]);
        Assert.Equal((1.0, 2.0), (start, row));

        // More rows cannot be faster, and nothing is not free.
        Assert.Equal((4.0, 0.0), RankForecast.Fit([(1, 5), (2, 3)]));
        Assert.Equal((0.0, 2.0), RankForecast.Fit([(2, 4), (2, 4)]));
        Assert.Equal((0.0, 0.0), RankForecast.Fit([]));
    }
}
