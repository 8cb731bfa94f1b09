using System.Runtime.InteropServices;

namespace Reft.Text.Bpe;

/// <summary>
/// Remembers the tokens of pieces. A slot holds one piece, the latest: bounded, and safe to use from many threads
/// because an entry never changes after it was stored.
/// </summary>
internal sealed class PieceCache
{
    /// <summary>Longer pieces seldom come again.</summary>
    public const int LongestPiece = 64;

    private const int Slots = 1 << 16;
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    private readonly Entry?[] _entries = new Entry?[Slots];

    /// <summary>The tokens of the piece; null when it is not here.</summary>
    public int[]? Find(ReadOnlySpan<char> piece, out int slot)
    {
        slot = Slot(piece);
        var entry = Volatile.Read(ref _entries[slot]);
        return entry is not null && piece.SequenceEqual(entry.Piece) ? entry.Tokens : null;
    }

    public void Store(int slot, ReadOnlySpan<char> piece, int[] tokens)
        => Volatile.Write(ref _entries[slot], new Entry(piece.ToString(), tokens));

    private static int Slot(ReadOnlySpan<char> piece)
    {
        var hash = (ulong)piece.Length;
        var fours = MemoryMarshal.Cast<char, ulong>(piece);
        foreach (var four in fours)
        {
            hash = (hash ^ four) * Multiplier;
            hash ^= hash >> 32;
        }

        foreach (var unit in piece[(fours.Length * 4)..])
        {
            hash = (hash ^ unit) * Multiplier;
            hash ^= hash >> 32;
        }

        return (int)(hash & (Slots - 1));
    }

    private sealed record Entry(string Piece, int[] Tokens);
}
