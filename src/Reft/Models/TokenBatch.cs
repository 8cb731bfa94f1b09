using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// Sequences laid end to end, without padding: [N] tokens in all. Padding does not exist inside the model; whoever has
/// padded rows takes it off at the border (<see cref="FromPadded"/>).
/// </summary>
internal sealed class TokenBatch
{
    private readonly int[] _starts;
    private IndexList? _tokenList;
    private IndexList? _positionList;
    private SequenceLayout? _layout;

    /// <summary>Lays sequences end to end.</summary>
    /// <param name="sequences">The sequences' token ids; none may be empty.</param>
    /// <param name="starts">For each sequence the position of its first token: how many are cached; null for 0.</param>
    public TokenBatch(IReadOnlyList<int[]> sequences, int[]? starts = null)
    {
        if (sequences.Count == 0 || sequences.Any(s => s.Length == 0))
        {
            throw new ArgumentException("a batch needs at least one sequence, and none may be empty", nameof(sequences));
        }

        if (starts is not null && (starts.Length != sequences.Count || starts.Any(start => start < 0)))
        {
            throw new ArgumentException("every sequence needs one start, and none may be negative", nameof(starts));
        }

        Lengths = [.. sequences.Select(s => s.Length)];
        _starts = starts ?? new int[sequences.Count];
        Count = Lengths.Sum();
        Tokens = new long[Count];
        Positions = new long[Count];
        var n = 0;
        for (var s = 0; s < sequences.Count; s++)
        {
            for (var t = 0; t < sequences[s].Length; t++, n++)
            {
                Tokens[n] = sequences[s][t];
                Positions[n] = _starts[s] + t;
            }
        }
    }

    /// <summary>Tokens in all, N.</summary>
    public int Count { get; }

    /// <summary>The tokens [N].</summary>
    public long[] Tokens { get; }

    /// <summary>Every token's position in its own sequence [N].</summary>
    public long[] Positions { get; }

    /// <summary>The sequences' lengths, without what is cached.</summary>
    public int[] Lengths { get; }

    /// <summary>The position of each sequence's first token.</summary>
    public IReadOnlyList<int> Starts => _starts;

    /// <summary>
    /// A key for every sequence, by which draws of dropout tell sequences apart: what a sequence draws does not depend on
    /// the batch that it is in. Without keys all are 0.
    /// </summary>
    public IReadOnlyList<ulong> Keys
    {
        get => field ??= new ulong[Lengths.Length];
        init => field = value.Count == Lengths.Length
            ? value
            : throw new ArgumentException("every sequence needs one key", nameof(value));
    }

    /// <summary>Tokens that are given by their embeddings, whose ids mean nothing; null for none.</summary>
    internal LatentTokens? Latents { get; set; }

    /// <summary>One past the highest position.</summary>
    public int MaxPosition => Enumerable.Range(0, Lengths.Length).Max(s => _starts[s] + Lengths[s]);

    /// <summary>Takes padded rows apart.</summary>
    /// <param name="ids">Token ids [B][L], padded on either side.</param>
    /// <param name="mask">True where a token counts [B][L]; each row's true entries stand together.</param>
    public static TokenBatch FromPadded(int[][] ids, bool[][] mask)
    {
        if (mask.Length != ids.Length || ids.Where((row, b) => row.Length != mask[b].Length).Any())
        {
            throw new ArgumentException("ids and mask must have the same shape", nameof(mask));
        }

        var rows = new int[ids.Length][];
        for (var b = 0; b < ids.Length; b++)
        {
            var first = Array.IndexOf(mask[b], true);
            var last = Array.LastIndexOf(mask[b], true);
            if (first < 0 || Array.IndexOf(mask[b], false, first, last - first + 1) >= 0)
            {
                throw new ArgumentException($"row {b}: the tokens that count must stand together", nameof(mask));
            }

            rows[b] = ids[b][first..(last + 1)];
        }

        return new TokenBatch(rows);
    }

    /// <summary>The index of each sequence's last token in [0, N).</summary>
    public long[] LastIndices()
    {
        var last = new long[Lengths.Length];
        var n = 0L;
        for (var s = 0; s < last.Length; s++)
        {
            n += Lengths[s];
            last[s] = n - 1;
        }

        return last;
    }

    /// <summary>The tokens, where operations need them.</summary>
    internal IndexList TokenList => _tokenList ??= new IndexList(Tokens);

    /// <summary>The positions, where operations need them.</summary>
    internal IndexList PositionList => _positionList ??= new IndexList(Positions);

    /// <summary>The sequences' lengths, where operations need them.</summary>
    internal SequenceLayout Layout => _layout ??= new SequenceLayout(Lengths);

    /// <summary>A batch of one token each whose tokens and positions are on the device alone, such as those of a step that is captured once.</summary>
    /// <param name="tokens">The tokens [B], int64.</param>
    /// <param name="positions">Their positions [B], int64.</param>
    internal static TokenBatch OnDevice(Tensor tokens, Tensor positions) =>
        new([.. Enumerable.Range(0, (int)tokens.shape[0]).Select(_ => new int[1])])
        {
            _tokenList = new IndexList(tokens),
            _positionList = new IndexList(positions),
        };
}
