using Reft.Numerics;

namespace Reft.Tests.Numerics;

public sealed class CounterRandomTests
{
    [Theory]
    // SplitMix64's reference outputs for the states 0 and 1234567.
    [InlineData(0UL, 0xE220A8397B1DCDAFUL)]
    [InlineData(1234567UL, 6457827717110365317UL)]
    public void Hash_OneWord_IsSplitMix64(ulong word, ulong expected) =>
        Assert.Equal(expected, CounterRandom.Hash(word));

    [Fact]
    public void Hash_Order_Matters()
    {
        Assert.NotEqual(CounterRandom.Hash(1, 2), CounterRandom.Hash(2, 1));
        Assert.NotEqual(CounterRandom.Hash(1, 2, 3), CounterRandom.Hash(1, 3, 2));
        Assert.NotEqual(CounterRandom.Hash(1, "ab"), CounterRandom.Hash(1, "ba"));
        Assert.NotEqual(CounterRandom.Hash(1, "ab"), CounterRandom.Hash(2, "ab"));
    }

    [Fact]
    public void Hash_ManyPairsAndTexts_DoNotCollide()
    {
        var pairs = Enumerable.Range(0, 300)
            .SelectMany(a => Enumerable.Range(0, 300).Select(b => CounterRandom.Hash((ulong)a, (ulong)b)));
        var texts = Enumerable.Range(0, 90_000).Select(i => CounterRandom.Hash(0, $"{i}"));

        Assert.Equal(90_000, pairs.Distinct().Count());
        Assert.Equal(90_000, texts.Distinct().Count());
    }

    [Fact]
    public void Below_ManyDraws_AreEven()
    {
        var random = new CounterRandom(3);
        var counts = new int[7];
        for (var i = 0; i < 70_000; i++)
        {
            counts[random.Below(7)]++;
        }

        Assert.All(counts, count =>
            Assert.InRange(count, 10_000 - 500, 10_000 + 500)); // Five standard deviations of 93.
    }

    [Fact]
    public void NextDouble_ManyDraws_AreInTheUnitInterval()
    {
        var random = new CounterRandom(4);
        var draws = Enumerable.Range(0, 10_000).Select(_ => random.NextDouble()).ToList();

        Assert.All(draws, draw => Assert.InRange(draw, 0, 0.9999999999999999));
        Assert.InRange(draws.Average(), 0.48, 0.52);
    }

    [Fact]
    public void Between_Ends_AreIncluded()
    {
        var random = new CounterRandom(5);

        Assert.Equal([2, 3, 4], Enumerable.Range(0, 200).Select(_ => random.Between(2, 4)).Distinct().Order());
    }

    [Fact]
    public void Shuffle_KeepsTheItems()
    {
        var items = Enumerable.Range(0, 100).ToList();

        new CounterRandom(6).Shuffle(items);

        Assert.NotEqual(Enumerable.Range(0, 100), items);
        Assert.Equal(Enumerable.Range(0, 100), items.Order());
    }
}
