using FsCheck;
using FsCheck.Fluent;
using Reft.Rollouts;

namespace Reft.Tests.Rollouts;

public sealed class EpochOrderTests
{
    [Fact]
    public void At_AnySizes_TakesEveryItemOnceAnEpoch() => Prop
        .ForAll<byte, byte, ushort>((some, size, seed) =>
        {
            var (items, batch) = (some + 1, size + 1);
            var order = new EpochOrder(items, batch, seed);

            for (var epoch = 0; epoch < 3; epoch++)
            {
                var steps = Enumerable.Range(0, (int)order.StepsPerEpoch)
                    .Select(i => order.At((epoch * order.StepsPerEpoch) + i)).ToArray();

                Assert.All(steps[..^1], step => Assert.Equal(batch, step.Length));
                Assert.InRange(steps[^1].Length, 1, batch);
                Assert.Equal(Enumerable.Range(0, items), steps.SelectMany(s => s).Order());
            }
        })
        .QuickCheckThrowOnFailure();

    [Fact]
    public void At_OtherEpochOrSeed_IsAnotherOrderAndAlwaysTheSame()
    {
        var order = new EpochOrder(50, 50, seed: 1);

        Assert.Equal(order.At(3), new EpochOrder(50, 50, seed: 1).At(3));
        Assert.NotEqual(order.At(3), order.At(4));
        Assert.NotEqual(order.At(3), new EpochOrder(50, 50, seed: 2).At(3));
        Assert.NotEqual(Enumerable.Range(0, 50), order.At(0));
    }
}
