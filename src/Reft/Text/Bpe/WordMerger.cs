using System.Buffers;

namespace Reft.Text.Bpe;

/// <summary>
/// Applies merges to a word: always the one of lowest rank, the leftmost first among equals, until none is left.
/// </summary>
internal static class WordMerger
{
    /// <summary>Up to here a scan for the best pair is faster than a queue.</summary>
    private const int LongestScanned = 48;

    /// <summary>Merges in place and returns how many tokens are left at the front.</summary>
    public static int Merge(Span<int> tokens, MergeTable merges)
        => tokens.Length <= LongestScanned ? MergeByScan(tokens, merges) : MergeByQueue(tokens, merges);

    private static int MergeByScan(Span<int> tokens, MergeTable merges)
    {
        var count = tokens.Length;
        Span<Merge> pairs = stackalloc Merge[LongestScanned];
        for (var i = 0; i + 1 < count; i++)
        {
            pairs[i] = merges.Find(tokens[i], tokens[i + 1]);
        }

        while (count > 1)
        {
            var best = 0;
            for (var i = 1; i + 1 < count; i++)
            {
                if (pairs[i].Rank < pairs[best].Rank)
                {
                    best = i;
                }
            }

            if (pairs[best].Rank == MergeTable.NoRank)
            {
                break;
            }

            tokens[best] = pairs[best].Token;
            tokens[(best + 2)..count].CopyTo(tokens[(best + 1)..]);
            if (best + 2 < count)
            {
                pairs[(best + 2)..count].CopyTo(pairs[(best + 1)..]);
            }

            count--;
            if (best > 0)
            {
                pairs[best - 1] = merges.Find(tokens[best - 1], tokens[best]);
            }

            if (best + 1 < count)
            {
                pairs[best] = merges.Find(tokens[best], tokens[best + 1]);
            }
        }

        return count;
    }

    private static int MergeByQueue(Span<int> tokens, MergeTable merges)
    {
        var rented = ArrayPool<int>.Shared.Rent(tokens.Length * 2);
        var links = new Links(rented.AsSpan(0, tokens.Length), rented.AsSpan(tokens.Length, tokens.Length));
        var queue = new PriorityQueue<(int Position, int Token), long>(tokens.Length);
        for (var i = 0; i < tokens.Length; i++)
        {
            links.Previous[i] = i - 1;
            links.Next[i] = i + 1;
            Enqueue(queue, tokens, links, merges, i);
        }

        while (queue.TryDequeue(out var top, out _))
        {
            var right = links.Next[top.Position];
            var isGone = right < 0 || right >= tokens.Length;
            if (isGone || merges.Find(tokens[top.Position], tokens[right]).Token != top.Token)
            {
                continue;
            }

            tokens[top.Position] = top.Token;
            var next = links.Next[right];
            links.Next[top.Position] = next;
            links.Next[right] = -1;
            if (next < tokens.Length)
            {
                links.Previous[next] = top.Position;
            }

            Enqueue(queue, tokens, links, merges, links.Previous[top.Position]);
            Enqueue(queue, tokens, links, merges, top.Position);
        }

        var count = 0;
        for (var i = 0; i < tokens.Length; i = links.Next[i])
        {
            tokens[count++] = tokens[i];
        }

        ArrayPool<int>.Shared.Return(rented);
        return count;
    }

    private static void Enqueue(
        PriorityQueue<(int Position, int Token), long> queue, Span<int> tokens, Links links, MergeTable merges, int left)
    {
        if (left < 0 || links.Next[left] >= tokens.Length)
        {
            return;
        }

        var merge = merges.Find(tokens[left], tokens[links.Next[left]]);
        if (merge.Rank != MergeTable.NoRank)
        {
            queue.Enqueue((left, merge.Token), ((long)merge.Rank << 32) | (uint)left);
        }
    }

    /// <summary>A linked list over the positions. Next is the length at the end, and -1 for a position merged away.</summary>
    private readonly ref struct Links(Span<int> previous, Span<int> next)
    {
        public Span<int> Previous { get; } = previous;

        public Span<int> Next { get; } = next;
    }
}
