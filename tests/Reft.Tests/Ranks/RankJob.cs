using Reft.Ranks;

namespace Reft.Tests.Ranks;

/// <summary>A job of several ranks that are threads.</summary>
internal static class RankJob
{
    /// <summary>Does something on every rank at once; the first failure that is not another's is thrown.</summary>
    public static TResult[] Run<TResult>(int size, Func<RankGroup, TResult> work, Action<int, int, RankBuffer>? change = null)
    {
        var results = new TResult[size];
        var errors = new List<Exception>();
        var threads = ThreadCommunicator.Make(size, change).Select(communicator => new Thread(() =>
        {
            using var ranks = new RankGroup(communicator);
            try
            {
                results[ranks.Rank] = work(ranks);
            }
            catch (Exception error)
            {
                // A thread's border: the others would wait for it.
                lock (errors)
                {
                    errors.Add(error);
                }

                ranks.Abort($"rank {ranks.Rank}: {error.Message}");
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return errors.Count == 0 ? results : throw errors[0];
    }
}
