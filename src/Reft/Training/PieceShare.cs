namespace Reft.Training;

/// <summary>Which rank computes which micro-batch of an optimizer step, and to which leaf of the tree it is added.</summary>
/// <remarks>
/// One after the other (no leaves), micro-batch i is rank i mod P's: a round computes neighbours, whose gradients are added in their order. In a tree
/// a leaf has neighbouring micro-batches, and a rank neighbouring leaves, so that it sends their sums alone.
/// </remarks>
/// <param name="Pieces">How many micro-batches there are.</param>
/// <param name="Ranks">How many ranks.</param>
/// <param name="Leaves">How many leaves; 0 for one sum after the other.</param>
internal readonly record struct PieceShare(int Pieces, int Ranks, int Leaves)
{
    /// <summary>How often every rank computes one micro-batch, or none.</summary>
    public int Rounds
    {
        get
        {
            var own = this;
            return Leaves == 0 ? (Pieces + Ranks - 1) / Ranks : Enumerable.Range(0, Ranks).Max(rank => own.End(rank) - own.First(rank));
        }
    }

    /// <summary>The micro-batch of a rank in a round; null for none.</summary>
    public int? Of(int round, int rank)
    {
        var piece = Leaves == 0 ? (round * Ranks) + rank : First(rank) + round;
        return piece < (Leaves == 0 ? Pieces : End(rank)) ? piece : null;
    }

    /// <summary>The leaf of a micro-batch; 0 without a tree.</summary>
    public int LeafOf(int piece) => Leaves == 0 ? 0 : (int)((((piece + 1L) * Leaves) - 1) / Pieces); // The last that does not begin behind it.

    private int First(int rank) => Start((int)((long)Leaves * rank / Ranks));

    private int End(int rank) => Start((int)((long)Leaves * (rank + 1) / Ranks));

    private int Start(int leaf) => (int)((long)Pieces * leaf / Leaves);
}
