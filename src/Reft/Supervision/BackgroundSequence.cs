using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Reft.Supervision;

/// <summary>Work on another thread whose results are waited for one by one.</summary>
internal static class BackgroundSequence
{
    /// <summary>How many results may wait to be taken; the work waits where there are more.</summary>
    public const int Ahead = 64;

    /// <summary>Begins the work, and gives what it gives, as it gives it; what it throws is thrown behind that.</summary>
    /// <param name="work">The work: it is given what takes a result, and is cancelled when the caller cancels or stops listening.</param>
    /// <param name="cancellation">Asks the work to end; what it still gives is still given.</param>
    public static async IAsyncEnumerable<T> Of<T>(
        Action<Action<T>, CancellationToken> work, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(cancellation); // Also when the caller stops listening.
        var given = Channel.CreateBounded<T>(new BoundedChannelOptions(Ahead) { SingleReader = true, SingleWriter = true });
        var done = Task.Run(
            () =>
            {
                try
                {
                    work(Give, left.Token);
                    given.Writer.TryComplete();
                }
                catch (Exception error)
                {
                    given.Writer.TryComplete(error);
                }
            },
            CancellationToken.None);
        try
        {
            await foreach (var one in given.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
            {
                yield return one;
            }
        }
        finally
        {
            given.Writer.TryComplete(); // Nobody listens any more: what waits to be given is dropped.
            await left.CancelAsync().ConfigureAwait(false);
            await done.ConfigureAwait(false);
        }

        // Waits on the work's own thread, which has libtorch's scopes and must stay.
        void Give(T one)
        {
            while (!given.Writer.TryWrite(one) && given.Writer.WaitToWriteAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())
            {
            }
        }
    }
}
