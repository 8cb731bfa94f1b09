using System.Numerics;

namespace Reft.Text.Bpe;

/// <summary>A merge: how early it applies (0 first) and the token that the pair becomes.</summary>
internal readonly record struct Merge(int Rank, int Token);

/// <summary>The merges by their pair of tokens; open addressing, because encoding looks up little else.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that does not merge: after every other.</summary>
    public const int NoRank = int.MaxValue;

    private const ulong Multiplier = 0x9E3779B97F4A7C15;
    private const ulong Empty = ulong.MaxValue;

    private readonly ulong[] _pairs;
    private readonly Merge[] _merges;
    private readonly int _shift;
    private int _count;

    public MergeTable(int capacity)
    {
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity * 2));
        _pairs = new ulong[size];
        _merges = new Merge[size];
        Array.Fill(_pairs, Empty);
        _shift = 64 - BitOperations.Log2((uint)size);
    }

    /// <summary>Adds the pair; a pair given twice keeps the later rank.</summary>
    public void Add(int left, int right, Merge merge)
    {
        var slot = Slot(Pair(left, right));
        if (_pairs[slot] == Empty && ++_count * 2 > _pairs.Length)
        {
            throw new InvalidOperationException("More merges than the table was made for.");
        }

        _pairs[slot] = Pair(left, right);
        _merges[slot] = merge;
    }

    public Merge Find(int left, int right)
    {
        var slot = Slot(Pair(left, right));
        return _pairs[slot] == Empty ? new Merge(NoRank, -1) : _merges[slot];
    }

    private static ulong Pair(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Slot(ulong pair)
    {
        var pairs = _pairs;
        var slot = (int)((pair * Multiplier) >> _shift);
        while (pairs[slot] != pair && pairs[slot] != Empty)
        {
            slot = (slot + 1) & (pairs.Length - 1);
        }

        return slot;
    }
}
