namespace Reft.Tests.Supervision;

/// <summary>Work in the background, and who listens to it.</summary>
public sealed class BackgroundSequenceTests
{
    [Fact]
    public async Task Of_ListenerThatIsSlow_HoldsTheWorkBack()
    {
        var given = 0;
        await using var listener = BackgroundSequence.Of<int>(
            (give, _) =>
            {
                foreach (var one in Enumerable.Range(0, 1000))
                {
                    give(one);
                    Interlocked.Increment(ref given);
                }
            },
            TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        Assert.True(await listener.MoveNextAsync());
        // One was taken, so many wait, and the next cannot be given.
        while (Volatile.Read(ref given) < BackgroundSequence.Ahead + 1)
        {
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }

        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(BackgroundSequence.Ahead + 1, Volatile.Read(ref given));

        var rest = new List<int>();
        while (await listener.MoveNextAsync())
        {
            rest.Add(listener.Current);
        }

        Assert.Equal(Enumerable.Range(1, 999), rest);
    }

    [Fact]
    public async Task Of_ListenerThatLeaves_EndsTheWorkThatWaitsToGive()
    {
        var isOver = false;
        await foreach (var one in BackgroundSequence.Of<int>(
            (give, left) =>
            {
                for (var i = 0; !left.IsCancellationRequested; i++)
                {
                    give(i);
                }

                isOver = true;
            },
            TestContext.Current.CancellationToken))
        {
            if (one == 3)
            {
                break;
            }
        }

        Assert.True(isOver);
    }

    [Fact]
    public async Task Of_WorkThatFails_ThrowsBehindWhatItGave()
    {
        var seen = new List<int>();

        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var one in BackgroundSequence.Of<int>(
                (give, _) =>
                {
                    give(1);
                    give(2);
                    throw new InvalidDataException();
                },
                TestContext.Current.CancellationToken))
            {
                seen.Add(one);
            }
        });

        Assert.Equal([1, 2], seen);
    }
}
