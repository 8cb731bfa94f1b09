using Reft.Generation;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Tests.Generation;

[NoTensorLeak]
[Collection(TensorCounting.Name)]
public sealed class LibraryDrawsTests
{
    private static readonly SamplingOptions _plain = new()
    {
        Temperature = 1,
        TopK = 0,
        TopP = 1,
        MinP = 0,
        MaxTokens = 1,
        StopTokens = [0],
        Seed = 3,
    };

    public static TheoryData<double, int, double, double> Options => new()
    {
        { 1, 0, 1, 0 }, { 0, 0, 1, 0 }, { 0.6, 0, 1, 0 }, { 1.3, 50, 1, 0 }, { 1, 0, 0.9, 0 }, { 0.8, 20, 0.7, 0 }, { 1, 0, 1, 0.05 }, { 1, 1, 1, 0 },
        { 1, 5, 0.5, 0.2 },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Draw_SameNumbers_DrawsTheCpusTokens(double temperature, int topK, double topP, double minP)
    {
        const int Rows = 300;
        var filtered = _plain with { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP };
        foreach (var options in new[] { filtered, filtered with { ScoresUnfiltered = true } })
            foreach (var vocabulary in new[] { 1, 7, 1024, 3001 })
            {
                using var scope = NewDisposeScope();
                using var generator = new Generator(5, CPU);
                var logits = randn([Rows, vocabulary], generator: generator).mul(3);
                var draws = Enumerable.Range(0, Rows).Select(i => CounterRandom.Hash(9, (ulong)i)).ToArray();
                var (own, ownProbs) = (new int[Rows], new float[Rows]);
                var (library, libraryProbs) = (new int[Rows], new float[Rows]);

                Own(logits, options, draws, own, ownProbs);
                new LibraryDraws(options).Draw(logits, draws, library, libraryProbs);

                // A number falls within float32's rounding of a border once in 10⁵ draws.
                Assert.InRange(own.Zip(library).Count(pair => pair.First != pair.Second), 0, 1);
                Assert.All(Enumerable.Range(0, Rows).Where(i => own[i] == library[i]), i => Assert.Equal(ownProbs[i], libraryProbs[i], 2e-5f));
            }
    }

    [Fact]
    public void Draw_RowsWithOptionsOfTheirOwn_DrawsTheCpusTokensAndTellsTheLikeliest()
    {
        const int Vocabulary = 700;
        using var scope = NewDisposeScope();
        using var generator = new Generator(6, CPU);
        var logits = randn([4, Vocabulary], generator: generator).mul(3);
        SamplingOptions[] options =
            [_plain, _plain with { Temperature = 0 }, _plain with { Temperature = 0.7, TopK = 3 }, _plain with { TopP = 0.5, Seed = 9 }];
        RowDraw[] rows = [.. options.Select((own, i) => new RowDraw(own, CounterRandom.Hash(4, (ulong)i), 5))];
        var (cpu, library) = (new Drawn[4], new Drawn[4]);

        new KernelDraws().Draw(logits, rows, cpu);
        LibraryDraws.Draw(logits, rows, library);

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(cpu[i].Chosen.Token, library[i].Chosen.Token);
            Assert.Equal(cpu[i].Chosen.LogProb, library[i].Chosen.LogProb, 2e-5f);
            Assert.Equal(cpu[i].Likeliest, library[i].Likeliest);
        }

        // By sorting all of them.
        var row = logits[0].data<float>().ToArray().Select(x => (double)x).ToArray();
        var total = row.Sum(Math.Exp);
        var expected = Enumerable.Range(0, Vocabulary).OrderByDescending(token => row[token]).Take(5).ToArray();
        Assert.Equal(expected, cpu[0].Likeliest.Select(chance => chance.Token));
        Assert.All(cpu[0].Likeliest, chance => Assert.Equal(row[chance.Token] - Math.Log(total), chance.LogProb, 1e-5));
        Assert.Equal(3, cpu[2].Likeliest.Length);
        Assert.Equal(1, cpu[2].Likeliest.Sum(chance => Math.Exp(chance.LogProb)), 1e-5);
    }

    [Fact]
    public void Draw_NumbersAtBothEnds_AreTokensThatCanBeDrawn()
    {
        using var scope = NewDisposeScope();
        var logits = full([2, 2000], float.NegativeInfinity);
        logits[.., 700] = 1;
        logits[.., 1500] = 1;
        var draws = new LibraryDraws(_plain);
        var (tokens, logProbs) = (new int[2], new float[2]);

        LibraryDraws.Read(draws.On(logits, tensor([0.0, Math.BitDecrement(1.0)])), tokens, logProbs);

        Assert.Equal([700, 1500], tokens);
        Assert.All(logProbs, p => Assert.Equal((float)Math.Log(0.5), p, 1e-6f));
    }

    [Fact]
    public void Draw_NotANumber_IsSaid()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<InvalidOperationException>(() =>
            new LibraryDraws(_plain).Draw(full([1, 9], float.NaN), [1UL], new int[1], new float[1]));

        Assert.Contains("not finite", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 256, 1)]
    [InlineData(5, 256, 8)]
    [InlineData(17, 256, 24)]
    [InlineData(25, 256, 32)]
    [InlineData(200, 256, 256)]
    [InlineData(150, 256, 192)]
    [InlineData(99, 100, 100)]
    public void Size_FewSizes_AtMostAThirdTooLarge(int rows, int slots, int expected) => Assert.Equal(expected, DeviceSteps.Size(rows, slots));

    private static void Own(Tensor logits, SamplingOptions options, ulong[] draws, int[] tokens, float[] logProbs)
    {
        var drawn = new Drawn[draws.Length];
        new KernelDraws().Draw(logits, [.. draws.Select(draw => new RowDraw(options, draw, 0))], drawn);
        for (var i = 0; i < drawn.Length; i++)
        {
            (tokens[i], logProbs[i]) = (drawn[i].Chosen.Token, drawn[i].Chosen.LogProb);
        }
    }
}
