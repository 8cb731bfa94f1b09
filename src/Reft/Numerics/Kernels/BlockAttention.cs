using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reft.Numerics.Kernels;

/// <summary>The shape of one layer's attention.</summary>
/// <param name="Heads">Query heads, H.</param>
/// <param name="Groups">Key and value heads, G.</param>
/// <param name="Size">The head size.</param>
/// <param name="Scale">The factor of the scores.</param>
/// <param name="Window">How many positions back are seen, the own one included.</param>
internal sealed record AttentionShape(int Heads, int Groups, int Size, float Scale, int Window)
{
    /// <summary>Whether the kernels compute scores of a shape.</summary>
    public static bool Takes(ScoreShape scores) => scores.Cap is null;

    /// <summary>The first position that a position sees.</summary>
    public int First(int position) => Math.Max(0, position + 1 - Window);
}

/// <summary>
/// Causal attention of whole sequences, forwards and backwards, eight queries at a time; no matrix of scores is
/// ever whole. Forwards it gives the bits of <see cref="AttentionKernel"/>.
/// </summary>
internal static unsafe class BlockAttention
{
    /// <summary>Queries that a thread takes at a time forwards; more than one block of a sequence packs its keys again.</summary>
    public const int ForwardBlock = 256;

    // Queries whose probabilities and their gradients exist at once backwards.
    private const int BackwardBlock = 64;
    private const int Lanes = AttentionKernel.Lanes;
    private const int Tile = Tiles.Height;

    /// <summary>Attention of the queries [from, to) of one sequence, for the heads of one group.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="queries">The sequence's queries [L, H, size].</param>
    /// <param name="keys">Its keys [L, G, size].</param>
    /// <param name="values">Its values [L, G, size].</param>
    /// <param name="output">The result [L, H · size].</param>
    /// <param name="statistics">Gets the highest score and the sum's inverse of each query [L, H, 2]; null for nobody.</param>
    /// <param name="group">The group.</param>
    /// <param name="dropout">Drops probabilities; null for no dropout.</param>
    /// <param name="sequence">Which sequence it is, for the dropout.</param>
    /// <param name="from">The first query.</param>
    /// <param name="to">One past the last query.</param>
    /// <param name="scratch">Gives scratch memory for so many floats.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<T, TElement>(
        AttentionShape shape, T* queries, T* keys, T* values, T* output, float* statistics, AttentionDropout? dropout,
        int sequence, int group, int from, int to, Workers scratch)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var wide = Wide(shape.Size);
        var length = AttentionKernel.WholeBlocks(to);
        var keyBlocks = scratch.PanelScratch(((long)length * (shape.Size + wide)) + ((2L * Tile) * wide) + ((long)Tile * length));
        var valueRows = keyBlocks + ((long)length * shape.Size);
        var tile = valueRows + ((long)length * wide);
        var mixed = tile + (Tile * wide);
        var scores = mixed + (Tile * wide);
        var low = shape.First(from) & ~(Lanes - 1);
        var stride = shape.Groups * shape.Size;
        PackBlocks<T, TElement>(keys + (group * shape.Size), stride, shape.Size, low, to, keyBlocks);
        PackRows<T, TElement>(values + (group * shape.Size), stride, shape.Size, low, to, valueRows, wide, 1);
        var perGroup = shape.Heads / shape.Groups;
        for (var head = group * perGroup; head < (group + 1) * perGroup; head++)
        {
            for (var position = from; position < to; position += Tile)
            {
                var rows = Math.Min(Tile, to - position);
                PackRows<T, TElement>(
                    queries + (((long)position * shape.Heads) + head) * shape.Size, shape.Heads * shape.Size, shape.Size,
                    0, rows, tile, wide, shape.Scale);
                ForwardTile<T, TElement>(
                    shape, dropout, sequence, head, tile, keyBlocks, valueRows, scores, length, mixed, position, rows,
                    output + (((long)position * shape.Heads) + head) * shape.Size,
                    statistics == null ? null : statistics + ((((long)position * shape.Heads) + head) * 2));
            }
        }
    }

    /// <summary>The gradients of one sequence's queries, keys and values, for the heads of one group.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="inputs">Queries, keys and values, as forwards.</param>
    /// <param name="upstream">The gradient of the output [L, H · size].</param>
    /// <param name="statistics">What <see cref="Forward"/> left [L, H, 2].</param>
    /// <param name="gradients">Get the gradients; of the inputs' shapes.</param>
    /// <param name="dropout">The dropout, as forwards.</param>
    /// <param name="sequence">Which sequence it is, for the dropout.</param>
    /// <param name="group">The group.</param>
    /// <param name="length">L.</param>
    /// <param name="scratch">Gives scratch memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<T, TElement>(
        AttentionShape shape, AttentionTriple<T> inputs, T* upstream, float* statistics, AttentionTriple<T> gradients,
        AttentionDropout? dropout, int sequence, int group, int length, Workers scratch)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var work = new BackwardWork(shape, length, scratch);
        var stride = shape.Groups * shape.Size;
        var at = group * shape.Size;
        PackBlocks<T, TElement>(inputs.Keys + at, stride, shape.Size, 0, length, work.KeyBlocks);
        PackBlocks<T, TElement>(inputs.Values + at, stride, shape.Size, 0, length, work.ValueBlocks);
        PackRows<T, TElement>(inputs.Keys + at, stride, shape.Size, 0, length, work.KeyRows, work.Wide, 1);
        new Span<float>(work.KeySums, work.Length * work.Wide).Clear();
        new Span<float>(work.ValueSums, work.Length * work.Wide).Clear();
        var perGroup = shape.Heads / shape.Groups;
        for (var head = group * perGroup; head < (group + 1) * perGroup; head++)
        {
            for (var from = 0; from < length; from += BackwardBlock)
            {
                var rows = Math.Min(BackwardBlock, length - from);
                var first = (((long)from * shape.Heads) + head) * shape.Size;
                PackRows<T, TElement>(
                    inputs.Queries + first, shape.Heads * shape.Size, shape.Size, 0, rows, work.Queries, work.Wide, shape.Scale);
                PackRows<T, TElement>(
                    upstream + first, shape.Heads * shape.Size, shape.Size, 0, rows, work.Upstream, work.Wide, 1);
                for (var row = 0; row < rows; row += Tile)
                {
                    BackwardTile<T, TElement>(
                        shape, dropout, sequence, head, work, from, row, Math.Min(Tile, rows - row),
                        statistics + ((((long)(from + row) * shape.Heads) + head) * 2),
                        gradients.Queries + first + ((long)row * shape.Heads * shape.Size));
                }

                AddKeyGradients(shape, work, from, rows);
            }
        }

        Unpack<T, TElement>(work.KeySums, work.Wide, gradients.Keys + at, stride, shape.Size, length, 1);
        Unpack<T, TElement>(work.ValueSums, work.Wide, gradients.Values + at, stride, shape.Size, length, 1);
    }

    /// <summary>The head size, rounded up to what <see cref="Tiles.Multiply"/> computes at a time.</summary>
    private static int Wide(int size) => (size + Tiles.Columns - 1) / Tiles.Columns * Tiles.Columns;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ForwardTile<T, TElement>(
        AttentionShape shape, AttentionDropout? dropout, int sequence, int head, float* tile, float* keyBlocks, float* valueRows, float* scores, int stride, float* mixed,
        int position, int rows, T* output, float* statistics)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var wide = Wide(shape.Size);
        var low = shape.First(position) & ~(Lanes - 1);
        var high = AttentionKernel.WholeBlocks(position + rows);
        Tiles.Scores(tile, wide, keyBlocks + ((long)low * shape.Size), shape.Size, (high - low) / Lanes, scores + low, stride);
        var inverses = stackalloc float[Tile];
        for (var r = 0; r < rows; r++)
        {
            var row = scores + ((long)r * stride);
            AttentionKernel.Exclude(row, low, shape.First(position + r));
            AttentionKernel.Exclude(row, position + r + 1, high);
            var highest = AttentionKernel.Highest(row + low, high - low);
            inverses[r] = 1f / AttentionKernel.Exponentials(row + low, high - low, highest);
            if (statistics != null)
            {
                statistics[(long)r * shape.Heads * 2] = highest;
                statistics[((long)r * shape.Heads * 2) + 1] = inverses[r];
            }

            dropout?.Kernel.Apply<float, Single32>(
                row + low, high - low, low, dropout.RowKey(sequence, head, position + r));
        }

        for (var c = 0; c < wide; c += Tiles.Columns)
        {
            Tiles.Multiply(
                scores + low, stride, 1, valueRows + ((long)low * wide) + c, wide, position + rows - low, mixed + c, wide, adds: false);
        }

        for (var r = 0; r < rows; r++)
        {
            Unpack<T, TElement>(mixed + (r * wide), wide, output + ((long)r * shape.Heads * shape.Size), 0, shape.Size, 1, inverses[r]);
        }
    }

    /// <summary>Probabilities and their gradients of eight queries, and the gradients of the queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BackwardTile<T, TElement>(
        AttentionShape shape, AttentionDropout? dropout, int sequence, int head, BackwardWork work, int from, int row,
        int rows, float* statistics, T* gradient)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var position = from + row;
        var low = shape.First(position) & ~(Lanes - 1);
        var high = AttentionKernel.WholeBlocks(position + rows);
        var blocks = (high - low) / Lanes;
        var probabilities = work.Probabilities + ((long)row * work.Stride);
        var slopes = work.Slopes + ((long)row * work.Stride);
        Tiles.Scores(
            work.Queries + (row * work.Wide), work.Wide, work.KeyBlocks + ((long)low * shape.Size), shape.Size, blocks,
            probabilities + low, work.Stride);
        Tiles.Scores(
            work.Upstream + (row * work.Wide), work.Wide, work.ValueBlocks + ((long)low * shape.Size), shape.Size, blocks,
            slopes + low, work.Stride);
        for (var r = 0; r < Tile; r++)
        {
            var p = probabilities + ((long)r * work.Stride);
            var s = slopes + ((long)r * work.Stride);
            if (r >= rows)
            {
                new Span<float>(p + low, high - low).Clear();
                new Span<float>(s + low, high - low).Clear();
                continue;
            }

            AttentionKernel.Exclude(p, low, shape.First(position + r));
            AttentionKernel.Exclude(p, position + r + 1, high);
            var key = dropout?.RowKey(sequence, head, position + r) ?? 0;
            dropout?.Kernel.Apply<float, Single32>(s + low, high - low, low, key);
            SoftmaxBackward(p + low, s + low, high - low, statistics[(long)r * shape.Heads * 2], statistics[((long)r * shape.Heads * 2) + 1]);
            dropout?.Kernel.Apply<float, Single32>(p + low, high - low, low, key); // As the values were mixed.
        }

        for (var c = 0; c < work.Wide; c += Tiles.Columns)
        {
            Tiles.Multiply(
                slopes + low, work.Stride, 1, work.KeyRows + ((long)low * work.Wide) + c, work.Wide, position + rows - low,
                work.Mixed + c, work.Wide, adds: false);
        }

        Unpack<T, TElement>(work.Mixed, work.Wide, gradient, shape.Heads * shape.Size, shape.Size, rows, shape.Scale);
    }

    /// <summary>
    /// Scores become probabilities <c>p = exp(s - highest) · inverse</c>, and their gradients dP those of the scores,
    /// <c>p (dP - Σ p dP)</c>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftmaxBackward(float* scores, float* slopes, int count, float highest, float inverse)
    {
        var top = Vector512.Create(highest);
        var sums = Vector512<float>.Zero;
        for (var j = 0; j < count; j += Lanes)
        {
            var p = Exponential.Of(Vector512.Load(scores + j) - top) * inverse;
            p.Store(scores + j);
            sums = Vector512.FusedMultiplyAdd(p, Vector512.Load(slopes + j), sums);
        }

        var mean = Vector512.Create(Vector512.Sum(sums));
        for (var j = 0; j < count; j += Lanes)
        {
            (Vector512.Load(scores + j) * (Vector512.Load(slopes + j) - mean)).Store(slopes + j);
        }
    }

    /// <summary>Adds what a block of queries gives to the gradients of keys and values, eight keys at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddKeyGradients(AttentionShape shape, BackwardWork work, int from, int rows)
    {
        for (var key = shape.First(from) & ~(Tile - 1); key < from + rows; key += Tile)
        {
            // Queries before the first of these keys do not see them, nor do those past its last one's window.
            var first = Math.Max(0, key - from);
            var last = (int)Math.Min(rows, ((((long)key + Tile - 2 + shape.Window) & ~(Tile - 1L)) + Tile) - from);
            var weights = ((long)first * work.Stride) + key;
            var row = (long)first * work.Wide;
            for (var c = 0; c < work.Wide && last > first; c += Tiles.Columns)
            {
                Tiles.Multiply(
                    work.Probabilities + weights, 1, work.Stride, work.Upstream + row + c, work.Wide, last - first,
                    work.ValueSums + ((long)key * work.Wide) + c, work.Wide, adds: true);
                Tiles.Multiply(
                    work.Slopes + weights, 1, work.Stride, work.Queries + row + c, work.Wide, last - first,
                    work.KeySums + ((long)key * work.Wide) + c, work.Wide, adds: true);
            }
        }
    }

    /// <summary>Keys or values [low, high) of one head as blocks of sixteen; what is past the last is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackBlocks<T, TElement>(T* source, long stride, int size, int low, int high, float* blocks)
        where T : unmanaged
        where TElement : IElement<T>
    {
        for (var first = low; first < high; first += Lanes)
        {
            var target = blocks + ((long)first * size);
            var row = source + (first * stride);
            var lanes = Math.Min(Lanes, high - first);
            var columns = lanes == Lanes && Sse.IsSupported ? size & ~3 : 0;
            for (var lane = 0; lane < Lanes && columns > 0; lane += 4)
            {
                for (var c = 0; c < columns; c += 4)
                {
                    Transpose<T, TElement>(row + (lane * stride) + c, stride, target + (c * Lanes) + lane);
                }
            }

            for (var c = columns; c < size; c++)
            {
                for (var lane = 0; lane < Lanes; lane++)
                {
                    target[(c * Lanes) + lane] = lane < lanes ? TElement.Get(row[(lane * stride) + c]) : 0;
                }
            }
        }
    }

    /// <summary>Four elements of four rows, turned, widened, into a block of sixteen.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose<T, TElement>(T* rows, long stride, float* block)
        where T : unmanaged
        where TElement : IElement<T>
    {
        var a = TElement.LoadQuarter(rows);
        var b = TElement.LoadQuarter(rows + stride);
        var c = TElement.LoadQuarter(rows + (2 * stride));
        var d = TElement.LoadQuarter(rows + (3 * stride));
        var (ab, ba) = (Sse.UnpackLow(a, b), Sse.UnpackHigh(a, b)); // a0 b0 a1 b1, a2 b2 a3 b3
        var (cd, dc) = (Sse.UnpackLow(c, d), Sse.UnpackHigh(c, d));
        Sse.MoveLowToHigh(ab, cd).Store(block);
        Sse.MoveHighToLow(cd, ab).Store(block + Lanes);
        Sse.MoveLowToHigh(ba, dc).Store(block + (2 * Lanes));
        Sse.MoveHighToLow(dc, ba).Store(block + (3 * Lanes));
    }

    /// <summary>Rows [low, high) of one head, widened and multiplied; up to whole blocks and columns there are zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackRows<T, TElement>(
        T* source, long stride, int size, int low, int high, float* target, int wide, float factor)
        where T : unmanaged
        where TElement : IElement<T>
    {
        for (var r = low; r < high; r++)
        {
            var row = source + (r * stride);
            var place = target + ((long)r * wide);
            var c = 0;
            for (; c + 16 <= size; c += 16)
            {
                (TElement.Load(row + c) * factor).Store(place + c);
            }

            for (; c < size; c++)
            {
                place[c] = TElement.Get(row[c]) * factor;
            }

            for (; c < wide; c++)
            {
                place[c] = 0;
            }
        }

        var end = (high + Tile - 1) & ~(Tile - 1);
        new Span<float>(target + ((long)high * wide), (end - high) * wide).Clear();
    }

    /// <summary>Writes rows times a factor, rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Unpack<T, TElement>(
        float* source, int wide, T* target, long stride, int size, int rows, float factor)
        where T : unmanaged
        where TElement : IElement<T>
    {
        for (var r = 0; r < rows; r++, source += wide, target += stride)
        {
            var c = 0;
            for (; c + 16 <= size; c += 16)
            {
                TElement.Store(target + c, Vector512.Load(source + c) * factor);
            }

            for (; c < size; c++)
            {
                target[c] = TElement.Make(source[c] * factor);
            }
        }
    }

    /// <summary>The scratch memory of a backward pass over one sequence and group.</summary>
    private readonly struct BackwardWork
    {
        public BackwardWork(AttentionShape shape, int length, Workers scratch)
        {
            Length = AttentionKernel.WholeBlocks(length);
            Wide = BlockAttention.Wide(shape.Size);
            Stride = Length + Lanes; // Not a power of 2: columns are read, and must not fall on the same cache sets.
            var rows = (long)Length * Wide;
            var blocks = (long)Length * shape.Size;
            var part = (long)BackwardBlock * Wide;
            KeyBlocks = scratch.PanelScratch((2 * blocks) + (3 * rows) + (2 * part) + (Tile * Wide) + (2L * BackwardBlock * Stride));
            ValueBlocks = KeyBlocks + blocks;
            KeyRows = ValueBlocks + blocks;
            KeySums = KeyRows + rows;
            ValueSums = KeySums + rows;
            Queries = ValueSums + rows;
            Upstream = Queries + part;
            Mixed = Upstream + part;
            Probabilities = Mixed + (Tile * Wide);
            Slopes = Probabilities + ((long)BackwardBlock * Stride);
        }

        public int Length { get; }

        public int Wide { get; }

        public int Stride { get; }

        public float* KeyBlocks { get; }

        public float* ValueBlocks { get; }

        public float* KeyRows { get; }

        public float* KeySums { get; }

        public float* ValueSums { get; }

        public float* Queries { get; }

        public float* Upstream { get; }

        public float* Mixed { get; }

        public float* Probabilities { get; }

        public float* Slopes { get; }
    }
}

/// <summary>Queries, keys and values of one sequence, or their gradients.</summary>
internal readonly unsafe struct AttentionTriple<T>(T* queries, T* keys, T* values)
    where T : unmanaged
{
    /// <summary>[L, H, size].</summary>
    public T* Queries => queries;

    /// <summary>[L, G, size].</summary>
    public T* Keys => keys;

    /// <summary>[L, G, size].</summary>
    public T* Values => values;
}
