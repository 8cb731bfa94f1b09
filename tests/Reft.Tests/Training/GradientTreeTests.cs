using FsCheck;
using FsCheck.Fluent;
using Reft.Models;
using Reft.Numerics;
using Reft.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class GradientTreeTests
{
    private const float Large = 1 << 24; // A float32 of it and 1 is itself; below it all whole numbers are exact.

    [Theory]
    [InlineData(1, new[] { 0, 0, 0, 0 }, 0)] // ((1 + 2^24) + 1) - 2^24: both 1 are lost.
    [InlineData(4, new[] { 0, 1, 2, 3 }, 1)] // (1 + 2^24) + (1 - 2^24): one is.
    [InlineData(2, new[] { 0, 0, 1, 1 }, 1)]
    [InlineData(8, new[] { 0, 1, 2, 3 }, 1)] // The other half is empty.
    [InlineData(4, new[] { 0, 0, 1, 3 }, 0)] // ((1 + 2^24) + 1) - 2^24.
    [InlineData(4, new[] { 0, 2, 3, 3 }, 2)] // 1 + (2^24 + (1 - 2^24)): none is.
    [InlineData(4, new[] { 1, 1, 2, 2 }, 1)]
    public void Total_IsAddedAsTheTreeSays(int leaves, int[] at, float expected)
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter("p", zeros(2));
        using var tree = new GradientTree([parameter], leaves);
        for (var time = 0; time < 2; time++) // The second time in the same memory.
        {
            foreach (var (leaf, value) in at.Zip([1, Large, 1, -Large]))
            {
                tree.Add(leaf, [tensor([value, 1])]);
            }

            Assert.Equal([expected, 4], tree.Total()[0]!.data<float>().ToArray());
            tree.Clear();
        }
    }

    [Fact]
    public void Total_OfWhatHasNoGradient_IsNone()
    {
        using var scope = NewDisposeScope();
        using var first = new Parameter("first", zeros(1));
        using var second = new Parameter("second", zeros(1));
        using var tree = new GradientTree([first, second], 2);
        tree.Add(0, [null, null]);
        tree.Add(1, [null, tensor([3f])]);

        var total = tree.Total();

        Assert.Null(total[0]);
        Assert.Equal([3f], total[1]!.data<float>().ToArray());
    }

    [Fact]
    public void Add_LeafAfterLeaf_HoldsAFewSumsAtOnce()
    {
        using var scope = NewDisposeScope();
        using var parameter = new Parameter("p", zeros(1));
        using var tree = new GradientTree([parameter], 64);
        for (var leaf = 0; leaf < 64; leaf++)
        {
            tree.Add(leaf, [ones(1)]);
            Assert.InRange(tree.Held.Count, 1, 7);
        }

        Assert.Equal([64f], tree.Total()[0]!.data<float>().ToArray());
    }

    [Fact]
    public void Share_AnyNumbers_GivesEveryPieceOnceAndInOrder() =>
        Prop.ForAll<int>(seed =>
        {
            var random = new CounterRandom((ulong)seed);
            var (pieces, ranks, leaves) = (random.Between(1, 70), random.Between(1, 70), random.Pick([0, 1, 2, 4, 16, 64]));
            var share = new PieceShare(pieces, ranks, leaves);
            var alone = new PieceShare(pieces, 1, leaves);
            var own = Enumerable.Range(0, ranks).Select(rank =>
                Enumerable.Range(0, share.Rounds).Select(round => share.Of(round, rank)).OfType<int>().ToArray()).ToArray();
            var leavesOf = own.Select(of => of.Select(share.LeafOf).ToArray()).ToArray();
            var inOrder = leaves == 0
                ? Enumerable.Range(0, share.Rounds).SelectMany(round => Enumerable.Range(0, ranks).Select(rank => share.Of(round, rank))).OfType<int>()
                : own.SelectMany(of => of);

            Assert.Equal(Enumerable.Range(0, pieces), inOrder);
            Assert.All(leavesOf, of => Assert.Equal(of.Order(), of));
            Assert.All(own.Zip(leavesOf), pair => Assert.Equal(pair.First.Select(alone.LeafOf), pair.Second));
            // Of a tree nobody shares a leaf, and leaves have as many micro-batches as others, or one more.
            if (leaves > 0)
            {
                Assert.Equal(leavesOf.Sum(of => of.Distinct().Count()), leavesOf.SelectMany(of => of).Distinct().Count());
                var sizes = Enumerable.Range(0, leaves).Select(leaf => leavesOf.Sum(of => of.Count(one => one == leaf))).ToArray();
                Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
            }
        })
        .Check(Config.QuickThrowOnFailure.WithMaxTest(300));
}
