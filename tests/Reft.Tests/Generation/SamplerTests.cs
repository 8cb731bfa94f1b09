using Reft.Generation;
using Reft.Numerics;

namespace Reft.Tests.Generation;

/// <summary>Draws against distributions written down by hand.</summary>
public sealed unsafe class SamplerTests
{
    private static readonly SamplingOptions Plain = new()
    {
        Temperature = 1,
        TopK = 0,
        TopP = 1,
        MinP = 0,
        MaxTokens = 1,
        StopTokens = [],
        Seed = 0,
    };

    private static readonly double[] Probabilities = [0.4, 0.3, 0.15, 0.1, 0.05];

    [Theory]
    [InlineData(5)]
    [InlineData(17)]
    [InlineData(511)]
    [InlineData(513)]
    [InlineData(1300)]
    public void Draw_ManyTimes_FrequenciesAreTheProbabilities(int vocabulary)
    {
        // Five tokens far apart hold all the probability; the others' is below 1e-17.
        var logits = Enumerable.Repeat(-40f, vocabulary).ToArray();
        var places = Enumerable.Range(0, 5).Select(i => i * (vocabulary - 1) / 4).ToArray();
        for (var i = 0; i < 5; i++)
        {
            logits[places[i]] = 2 + (float)Math.Log(Probabilities[i]);
        }

        AssertFrequencies(Plain, logits, places, Probabilities);
    }

    [Fact]
    public void Draw_Temperature_RaisesProbabilitiesToItsInverse()
    {
        var weights = Probabilities.Select(p => Math.Pow(p, 1 / 0.5)).ToArray();

        AssertFrequencies(Plain with { Temperature = 0.5 }, Logits, [0, 1, 2, 3, 4], Normal(weights));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 4)]
    [InlineData(5, 5)]
    [InlineData(99, 5)]
    public void Draw_TopK_KeepsTheLikeliest(int topK, int kept) =>
        AssertFrequencies(Plain with { TopK = topK }, Logits, [0, 1, 2, 3, 4], Kept(kept));

    /// <summary>Of five tokens min-p 0.3 keeps those of 0.4, 0.3 and 0.15; scores are of all five, or of what was kept, 0.85.</summary>
    [Fact]
    public void Draw_ScoresUnfiltered_AreOfTheDistributionBeforeTheFilter()
    {
        foreach (var unfiltered in new[] { false, true })
        {
            var sampler = new Sampler(Plain with { MinP = 0.3, ScoresUnfiltered = unfiltered }, 5);
            fixed (float* logits = Logits)
            {
                for (var i = 0UL; i < 200; i++)
                {
                    var token = sampler.Draw(logits, 5, CounterRandom.Hash(1, i), out var logProb);
                    Assert.InRange(token, 0, 2);
                    Assert.Equal(Math.Log(Probabilities[token] / (unfiltered ? 1 : 0.85)), logProb, 1e-5);
                }
            }
        }
    }

    [Theory]
    [InlineData(0.01, 1)]
    [InlineData(0.39, 1)]
    [InlineData(0.41, 2)]
    [InlineData(0.69, 2)]
    [InlineData(0.71, 3)]
    [InlineData(0.94, 4)]
    [InlineData(0.96, 5)]
    public void Draw_TopP_KeepsTheSmallestSetThatReachesIt(double topP, int kept) =>
        AssertFrequencies(Plain with { TopP = topP }, Logits, [0, 1, 2, 3, 4], Kept(kept));

    [Theory]
    [InlineData(0.1, 5)]
    [InlineData(0.13, 4)]
    [InlineData(0.3, 3)]
    [InlineData(0.7, 2)]
    [InlineData(1, 1)]
    public void Draw_MinP_KeepsTokensThatLikelyBesideTheLikeliest(double minP, int kept) =>
        AssertFrequencies(Plain with { MinP = minP }, Logits, [0, 1, 2, 3, 4], Kept(kept));

    [Fact]
    public void Draw_FiltersTogether_ApplyInOrder()
    {
        // Top-k 4 leaves .4 .3 .15 .1 of .95; .88 of that is .836, reached by three; min-p .5 of .4 drops .15.
        AssertFrequencies(Plain with { TopK = 4, TopP = 0.88, MinP = 0.5 }, Logits, [0, 1, 2, 3, 4], Kept(2));
    }

    [Fact]
    public void Draw_EquallyLikelyTokens_AreKeptByTheirIds()
    {
        AssertFrequencies(Plain with { TopK = 2 }, [1, 1, 1, 1], [0, 1, 2, 3], [0.5, 0.5, 0, 0]);
        AssertFrequencies(Plain with { TopP = 0.7 }, [1, 1, 1, 1], [0, 1, 2, 3], [1 / 3.0, 1 / 3.0, 1 / 3.0, 0]);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(100)]
    public void Draw_Greedy_TakesTheLowestOfTheHighestAndItsOwnLogProb(int vocabulary)
    {
        var logits = new float[vocabulary];
        logits[1] = logits[2] = logits[^1] = 1.5f;
        var highest = logits.Count(l => l == 1.5f);

        var (token, logProb) = Draw(Plain with { Temperature = 0, TopK = 1 }, logits, 0);

        Assert.Equal(1, token);
        Assert.Equal(1.5 - Math.Log((highest * Math.Exp(1.5)) + vocabulary - highest), logProb, 1e-6);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(33)]
    public void Draw_NegativeInfinity_IsNeverDrawn(int vocabulary)
    {
        var logits = Enumerable.Repeat(float.NegativeInfinity, vocabulary).ToArray();
        logits[1] = 0;
        logits[2] = 0;

        AssertFrequencies(Plain, logits, [0, 1, 2], [0, 0.5, 0.5]);
        AssertFrequencies(Plain with { TopP = 0.9, Temperature = 0.1 }, logits, [0, 1, 2], [0, 0.5, 0.5]);
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(16, 15)]
    [InlineData(40, 39)]
    public void Draw_LogitsThatAreNotFinite_Throw(int vocabulary, int at)
    {
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity })
        {
            var logits = new float[vocabulary];
            logits[at] = bad;
            Assert.Throws<InvalidOperationException>(() => Draw(Plain, logits, 0));
            Assert.Throws<InvalidOperationException>(() => Draw(Plain with { Temperature = 0 }, logits, 0));
        }

        var none = Enumerable.Repeat(float.NegativeInfinity, vocabulary).ToArray();
        Assert.Throws<InvalidOperationException>(() => Draw(Plain, none, 0));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(ulong.MaxValue)]
    public void Draw_EndsOfTheUnitInterval_GiveTokensOfTheDistribution(ulong draw)
    {
        var logits = Enumerable.Range(0, 1100).Select(i => i is 3 or 700 ? 0f : float.NegativeInfinity).ToArray();

        Assert.Equal(draw == 0 ? 3 : 700, Draw(Plain, logits, draw).Token);
    }

    [Fact]
    public void Draw_LeastTemperature_IsFinite()
    {
        var options = Plain with { Temperature = 1e-4 };

        Assert.Empty(options.Validate(""));
        Assert.Equal((1, 0f), Draw(options, [-3e4f, 3e4f, float.NegativeInfinity], 12345));
    }

    [Theory]
    [InlineData(-1, 0, 1, 0, 1, "temperature is -1")]
    [InlineData(1e-9, 0, 1, 0, 1, "temperature is 1E-09")]
    [InlineData(double.NaN, 0, 1, 0, 1, "temperature is NaN")]
    [InlineData(double.PositiveInfinity, 0, 1, 0, 1, "temperature is Infinity")]
    [InlineData(1, -1, 1, 0, 1, "top-k is -1")]
    [InlineData(1, 0, 0, 0, 1, "top-p is 0")]
    [InlineData(1, 0, 1.1, 0, 1, "top-p is 1.1")]
    [InlineData(1, 0, double.NaN, 0, 1, "top-p is NaN")]
    [InlineData(1, 0, 1, -0.1, 1, "min-p is -0.1")]
    [InlineData(1, 0, 1, 2, 1, "min-p is 2")]
    [InlineData(1, 0, 1, 0, 0, "max-tokens is 0")]
    public void Validate_WrongField_IsNamed(
        double temperature, int topK, double topP, double minP, int maxTokens, string expected)
    {
        var options = Plain with { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP, MaxTokens = maxTokens };

        Assert.StartsWith("--" + expected, Assert.Single(options.Validate("--")), StringComparison.Ordinal);
    }

    private static float[] Logits => [.. Probabilities.Select(p => (float)Math.Log(p))];

    private static double[] Kept(int count) => Normal([.. Probabilities.Select((p, i) => i < count ? p : 0)]);

    private static double[] Normal(double[] weights) => [.. weights.Select(w => w / weights.Sum())];

    private static (int Token, float LogProb) Draw(SamplingOptions options, float[] logits, ulong draw)
    {
        fixed (float* data = logits)
        {
            var token = new Sampler(options, logits.Length).Draw(data, logits.Length, draw, out var logProb);
            return (token, logProb);
        }
    }

    /// <summary>Draws with fixed seeds: frequencies by a chi-square bound, reported log-probs by the probabilities.</summary>
    private static void AssertFrequencies(SamplingOptions options, float[] logits, int[] tokens, double[] probabilities)
    {
        const int Draws = 20_000;
        var counts = new int[tokens.Length];
        var sampler = new Sampler(options, logits.Length);
        fixed (float* data = logits)
        {
            for (ulong i = 0; i < Draws; i++)
            {
                var token = sampler.Draw(data, logits.Length, CounterRandom.Hash(77, i), out var logProb);
                var place = Array.IndexOf(tokens, token);
                Assert.True(place >= 0 && probabilities[place] > 0, $"token {token} was drawn");
                counts[place]++;
                Assert.Equal(Math.Log(probabilities[place]), logProb, 1e-5);
            }
        }

        // With at most 4 degrees of freedom chi-square passes 25 once in 20,000 tries; the seeds are fixed.
        var chiSquare = counts.Zip(probabilities, (c, p) => p == 0 ? 0 : Math.Pow(c - (Draws * p), 2) / (Draws * p)).Sum();
        Assert.InRange(chiSquare, 0, 25);
    }
}
