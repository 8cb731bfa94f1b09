using Reft.Numerics;
using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Tests.Numerics;

public sealed class LanesTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 9)]
    [InlineData(4, 50)]
    [InlineData(4, 2)]
    [InlineData(3, 0)]
    public void Run_Turns_ComeInTheOrderOfPieces(int lanes, int pieces)
    {
        var (first, second) = (new List<int>(), new List<int>());

        Lanes.Run(lanes, pieces, (piece, turns) =>
        {
            // The later the quicker, so that order is not a matter of time.
            Thread.SpinWait(2000 * (pieces - piece));
            turns.Take("first", piece, () => first.Add(piece));
            Thread.SpinWait(500 * piece);
            turns.Take("second", piece, () => second.Add(piece));
        });

        Assert.Equal(Enumerable.Range(0, pieces), first);
        Assert.Equal(Enumerable.Range(0, pieces), second);
    }

    [Fact]
    public void Run_SeveralLanes_WorkAtOnceAndEachInOneThread()
    {
        var own = get_num_threads();
        using var both = new Barrier(2);
        var threads = new long[2];

        Lanes.Run(2, 2, (piece, _) =>
        {
            Assert.True(both.SignalAndWait(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken), "the other piece was not begun");
            Assert.True(Lanes.IsLane);
            threads[piece] = get_num_threads();
            var here = Environment.CurrentManagedThreadId;
            CpuKernels.Workers.For(100, _ => Assert.Equal(here, Environment.CurrentManagedThreadId));
        });

        Assert.Equal([1L, 1L], threads);
        Assert.Equal(own, get_num_threads());
        Assert.False(Lanes.IsLane);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Run_PiecesFail_TheFirstOnesErrorIsThrownAndNoneWaitsForEver(int lanes)
    {
        var done = new List<int>();

        var error = Assert.Throws<InvalidOperationException>(() => Lanes.Run(lanes, 20, (piece, turns) =>
        {
            turns.Take("a", piece, () => done.Add(piece));
            if (piece >= 5)
            {
                throw new InvalidOperationException($"piece {piece}");
            }

            turns.Take("b", piece, () => { });
        }));

        Assert.Equal("piece 5", error.Message);
        Assert.Equal(Enumerable.Range(0, done.Count), done);
        Assert.InRange(done.Count, 6, 5 + lanes);
    }

    [Fact]
    public void Run_InALane_DoesAllInIt()
    {
        var seen = new int[2][];

        Lanes.Run(2, 2, (piece, _) =>
        {
            var threads = new List<int>();
            Lanes.Run(2, 3, (_, _) => threads.Add(Environment.CurrentManagedThreadId));
            seen[piece] = [.. threads.Distinct(), threads.Count];
        });

        Assert.All(seen, threads => Assert.Equal([threads[0], 3], threads));
    }
}
