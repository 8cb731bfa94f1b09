using Reft.Numerics.Kernels;

namespace Reft.Tests.Numerics.Kernels;

public sealed class WorkersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void For_ManyLoops_RunsEveryItemOnce(int threads)
    {
        using var workers = new Workers(threads);
        for (var loop = 0; loop < 200; loop++)
        {
            var seen = new int[loop % 23];

            workers.For(seen.Length, i => Interlocked.Increment(ref seen[i]));

            Assert.All(seen, count => Assert.Equal(1, count));
        }
    }

    [Fact]
    public void For_AfterThreadsFellAsleep_StillRunsEveryItem()
    {
        using var workers = new Workers(3);
        for (var loop = 0; loop < 5; loop++)
        {
            Thread.Sleep(30);
            var sum = 0;

            workers.For(100, i => Interlocked.Add(ref sum, i));

            Assert.Equal(4950, sum);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void For_BodyThrows_ThrowsHereAndServesTheNextLoop(int threads)
    {
        using var workers = new Workers(threads);

        for (var loop = 0; loop < 50; loop++)
        {
            var error = Assert.Throws<InvalidOperationException>(() => workers.For(
                10, i => _ = i == 7 ? throw new InvalidOperationException("seven") : i));
            var ran = 0;
            workers.For(10, _ => Interlocked.Increment(ref ran));

            Assert.Contains("seven", error.Message, StringComparison.Ordinal);
            Assert.Equal(10, ran);
        }
    }

    [Fact]
    public void For_SeveralCallers_TakeTurns()
    {
        using var workers = new Workers(2);

        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 4 }, caller =>
        {
            var sum = 0;
            workers.For(17, i => Interlocked.Add(ref sum, i + caller));
            Assert.Equal(136 + (17 * caller), sum);
        });
    }

    [Fact]
    public void Dispose_EndsTheThreads()
    {
        for (var i = 0; i < 20; i++)
        {
            // Dispose joins the threads: a thread that missed the end would hang here.
            new Workers(4).Dispose();
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => new Workers(0));
    }
}
