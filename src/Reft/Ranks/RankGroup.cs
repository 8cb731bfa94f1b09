using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Reft.Ranks;

/// <summary>
/// The ranks that compute one run together. What is shared out is shared out by its place in an order that does not depend on their number,
/// and put together in that order: a result is that of one rank, to the bit. Every message carries a checksum.
/// </summary>
internal sealed unsafe class RankGroup : IDisposable
{
    private readonly ICommunicator? _communicator;
    private readonly NativeBuffer[] _out;
    private readonly NativeBuffer[] _in;
    private readonly NativeBuffer _heads = new();
    private readonly Stopwatch _exchanging = new();

    /// <summary>Makes a group that talks by a communicator, which it owns.</summary>
    public RankGroup(ICommunicator? communicator)
    {
        _communicator = communicator;
        Size = communicator?.Size ?? 1;
        Rank = communicator?.Rank ?? 0;
        _out = [.. Enumerable.Range(0, Size).Select(_ => new NativeBuffer())];
        _in = [.. Enumerable.Range(0, Size).Select(_ => new NativeBuffer())];
    }

    /// <summary>One rank, which talks to nobody.</summary>
    public static RankGroup Alone { get; } = new(null);

    /// <summary>Which of them this is.</summary>
    public int Rank { get; }

    /// <summary>How many there are.</summary>
    public int Size { get; }

    /// <summary>Which of those on this machine this is.</summary>
    public int LocalRank => _communicator?.LocalRank ?? 0;

    /// <summary>Bytes that this rank has sent to others so far.</summary>
    public long Sent { get; private set; }

    /// <summary>How long it has sent and received, and waited for others, so far.</summary>
    public TimeSpan Exchanging => _exchanging.Elapsed;

    /// <summary>Whether there is no other.</summary>
    public bool IsAlone => Size == 1;

    /// <summary>Whether this one writes the run's folder and says how it gets on.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Which rank does a piece of work.</summary>
    public int Of(int piece) => piece % Size;

    /// <summary>Everybody's bytes, in the ranks' order.</summary>
    public byte[][] Gather(byte[] own)
    {
        if (IsAlone)
        {
            return [own];
        }

        fixed (byte* start = own)
        {
            var message = new RankBuffer((nint)start, own.LongLength);
            return [.. Exchange([.. Enumerable.Repeat(message, Size)]).Select(part => new ReadOnlySpan<byte>((void*)part.Start, checked((int)part.Bytes)).ToArray())];
        }
    }

    /// <summary>Everybody's numbers, in the ranks' order.</summary>
    public T[][] Gather<T>(T[] own)
        where T : unmanaged =>
        [.. Gather(MemoryMarshal.AsBytes(own.AsSpan()).ToArray()).Select(bytes => MemoryMarshal.Cast<byte, T>(bytes).ToArray())];

    /// <summary>Whether somebody says so.</summary>
    public bool Any(bool own) => IsAlone ? own : Gather([own ? (byte)1 : (byte)0]).Any(bytes => bytes[0] != 0);

    /// <summary>Waits for all.</summary>
    public void Meet() => Any(false);

    /// <summary>What the first rank says.</summary>
    public byte[] FromFirst(byte[] own) => Gather(IsFirst ? own : [])[0];

    /// <summary>Refuses to go on where ranks differ in what must be equal.</summary>
    /// <param name="what">What it is, in words.</param>
    /// <param name="own">This rank's.</param>
    /// <exception cref="RankFailedException">They differ.</exception>
    public void Agree(string what, string own)
    {
        var all = Gather(System.Text.Encoding.UTF8.GetBytes(own)).Select(System.Text.Encoding.UTF8.GetString).ToArray();
        var other = Array.FindIndex(all, text => text != all[0]);
        if (other >= 0)
        {
            throw new RankFailedException($"ranks differ in {what}: rank 0 has {OneLine.Of(all[0], 60)}, rank {other} has {OneLine.Of(all[other], 60)}");
        }
    }

    /// <summary>Does a list of things, each once, by the rank whose turn it is, and tells everybody all of them, in order.</summary>
    /// <param name="count">How many things there are.</param>
    /// <param name="rankOf">Which rank does the thing at a place.</param>
    /// <param name="work">Does those at some places, in their order.</param>
    /// <param name="write">Makes a result into bytes.</param>
    /// <param name="read">Makes the bytes of the result at a place into it again.</param>
    public TResult[] Share<TResult>(
        int count, Func<int, int> rankOf, Func<IReadOnlyList<int>, IReadOnlyList<TResult>> work, Action<TResult, BinaryWriter> write,
        Func<int, BinaryReader, TResult> read)
    {
        int[] places = [.. Enumerable.Range(0, count)];
        if (IsAlone)
        {
            return [.. work(places)];
        }

        int[] own = [.. places.Where(place => rankOf(place) == Rank)];
        using var memory = new MemoryStream();
        using (var writer = new BinaryWriter(memory))
        {
            foreach (var result in work(own))
            {
                write(result, writer);
            }
        }

        BinaryReader[] readers = [.. Gather(memory.ToArray()).Select(bytes => new BinaryReader(new MemoryStream(bytes)))];
        return [.. places.Select(place => read(place, readers[rankOf(place)]))];
    }

    /// <summary>Room for a message to a rank, kept from one to the next.</summary>
    public RankBuffer Outgoing(int rank, long bytes) => _out[rank].Of(bytes);

    /// <summary>
    /// Sends a message to every rank, and gives those that come, one's own as it is; they are good until the next exchange. Lengths and checksums go first.
    /// </summary>
    /// <exception cref="RankFailedException">A rank is gone or says nothing, or a message is not what was sent.</exception>
    public RankBuffer[] Exchange(IReadOnlyList<RankBuffer> send)
    {
        const int Head = 16;
        _exchanging.Start();
        var communicator = _communicator ?? throw new InvalidOperationException("one rank talks to nobody");
        var heads = _heads.Of(2L * Size * Head);
        for (var rank = 0; rank < Size; rank++)
        {
            var head = new Span<byte>((byte*)heads.Start + (rank * Head), Head);
            BinaryPrimitives.WriteInt64LittleEndian(head, send[rank].Bytes);
            BinaryPrimitives.WriteUInt64LittleEndian(head[8..], rank == Rank ? 0 : Sum(send[rank]));
        }

        RankBuffer Part(int place) => new(heads.Start + (place * Head), Head);
        communicator.Exchange([.. Enumerable.Range(0, Size).Select(Part)], [.. Enumerable.Range(Size, Size).Select(Part)]);
        var receive = new RankBuffer[Size];
        for (var rank = 0; rank < Size; rank++)
        {
            receive[rank] = rank == Rank ? send[rank] : _in[rank].Of(BinaryPrimitives.ReadInt64LittleEndian(Come(rank)));
        }

        communicator.Exchange(send, receive);
        Sent += send.Where((_, rank) => rank != Rank).Sum(message => message.Bytes + Head);
        for (var rank = 0; rank < Size; rank++)
        {
            if (rank != Rank && Sum(receive[rank]) != BinaryPrimitives.ReadUInt64LittleEndian(Come(rank)[8..]))
            {
                throw new RankFailedException($"rank {Rank}: a message of {receive[rank].Bytes} bytes from rank {rank} is not what was sent (its checksum differs)");
            }
        }

        _exchanging.Stop();
        return receive;

        Span<byte> Come(int rank) => new((byte*)heads.Start + ((Size + rank) * Head), Head);
    }

    /// <summary>Ends all ranks.</summary>
    public void Abort(string reason) => _communicator?.Abort(reason);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (IsAlone)
        {
            return;
        }

        _communicator!.Dispose();
        _heads.Dispose();
        foreach (var buffer in _out.Concat(_in))
        {
            buffer.Dispose();
        }
    }

    private static ulong Sum(RankBuffer message)
    {
        var hash = new XxHash3();
        for (var at = 0L; at < message.Bytes;)
        {
            var count = (int)Math.Min(message.Bytes - at, 1 << 30);
            hash.Append(new ReadOnlySpan<byte>((byte*)message.Start + at, count));
            at += count;
        }

        return hash.GetCurrentHashAsUInt64();
    }
}
