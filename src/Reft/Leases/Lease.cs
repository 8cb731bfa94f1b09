using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using Reft.Generation;

namespace Reft.Leases;

/// <summary>Weights that a trainer has written.</summary>
/// <param name="Number">Counts up; 0 are those that it began with.</param>
/// <param name="Sha256">The SHA-256 of their file, in lower-case hexadecimal digits.</param>
internal sealed record WeightsVersion(int Number, string Sha256)
{
    /// <summary>The name of their file.</summary>
    public string FileName => NameOf(Number);

    /// <summary>The name of a version's file.</summary>
    public static string NameOf(int number) => FormattableString.Invariant($"v{number:000000}.safetensors");
}

/// <summary>Completions that somebody is to draw. What comes out depends on the weights and on what stands here, and on nothing else.</summary>
/// <param name="Id">Names it among those of a run: rank, draw and place.</param>
/// <param name="Copy">0; or 1 where it is drawn a second time, by another worker.</param>
/// <param name="Weights">By which weights.</param>
/// <param name="Sampling">How tokens are drawn.</param>
/// <param name="Step">The training step; part of the key of the draws.</param>
/// <param name="Slots">How many sequences are decoded at once.</param>
/// <param name="Requests">What to complete; at least one.</param>
internal sealed record Lease(
    string Id, int Copy, WeightsVersion Weights, SamplingOptions Sampling, ulong Step, int Slots, IReadOnlyList<GenerationRequest> Requests)
{
    /// <summary>At most so many bytes are a lease without its requests.</summary>
    public const int HeadBytes = 1024;

    /// <summary>How many bytes a request takes.</summary>
    public static int BytesOf(GenerationRequest request) => (sizeof(int) * request.Prompt.Length) + 24;

    /// <summary>The message.</summary>
    public byte[] ToBytes() => Message.Write(writer =>
    {
        writer.Write(Id);
        writer.Write(Copy);
        writer.Write(Weights.Number);
        writer.Write(Weights.Sha256);
        writer.Write(Sampling.Temperature);
        writer.Write(Sampling.TopK);
        writer.Write(Sampling.TopP);
        writer.Write(Sampling.MinP);
        writer.Write(Sampling.MaxTokens);
        writer.Write(Sampling.Seed);
        writer.Write(Sampling.ScoresUnfiltered);
        Message.WriteInts(writer, [.. Sampling.StopTokens]);
        writer.Write(Step);
        writer.Write(Slots);
        writer.Write(Requests.Count);
        foreach (var request in Requests)
        {
            writer.Write(request.Problem);
            writer.Write(request.Sample);
            writer.Write(request.Asked ?? -1);
            Message.WriteInts(writer, request.Prompt);
        }
    });

    /// <summary>Reads a message.</summary>
    /// <exception cref="LeaseException">It is not what was sent.</exception>
    public static Lease FromBytes(ReadOnlyMemory<byte> bytes) => Message.Read(bytes, "a lease", reader => new Lease(
        reader.ReadString(), reader.ReadInt32(), new WeightsVersion(reader.ReadInt32(), reader.ReadString()),
        new SamplingOptions
        {
            Temperature = reader.ReadDouble(),
            TopK = reader.ReadInt32(),
            TopP = reader.ReadDouble(),
            MinP = reader.ReadDouble(),
            MaxTokens = reader.ReadInt32(),
            Seed = reader.ReadUInt64(),
            ScoresUnfiltered = reader.ReadBoolean(),
            StopTokens = Message.ReadInts(reader),
        },
        reader.ReadUInt64(), reader.ReadInt32(),
        [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => Request(reader))]));

    private static GenerationRequest Request(BinaryReader reader)
    {
        var (problem, sample, asked) = (reader.ReadUInt64(), reader.ReadInt32(), reader.ReadInt32());
        return new GenerationRequest(problem, sample, Message.ReadInts(reader)) { Asked = asked < 0 ? null : asked };
    }
}

/// <summary>What was drawn for a lease.</summary>
/// <param name="Lease">The lease.</param>
/// <param name="Worker">Who drew it.</param>
/// <param name="Completions">The completions of its requests, in their order, as bytes: equal bytes, equal completions.</param>
internal sealed record LeaseAnswer(string Lease, string Worker, byte[] Completions)
{
    /// <summary>At most so many bytes are an answer without its completions.</summary>
    public const int HeadBytes = 1024;

    /// <summary>The most bytes that a completion takes.</summary>
    public static long BytesOf(int mostTokens) => (8L * mostTokens) + 8;

    /// <summary>Makes one of completions.</summary>
    public static LeaseAnswer Of(string lease, string worker, IEnumerable<Completion> completions)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        foreach (var completion in completions)
        {
            CompletionGenerator.Write(completion, writer);
        }

        return new LeaseAnswer(lease, worker, memory.ToArray());
    }

    /// <summary>The completions.</summary>
    /// <param name="requests">What was asked.</param>
    /// <exception cref="LeaseException">They are not those of the requests.</exception>
    public Completion[] Read(IReadOnlyList<GenerationRequest> requests)
    {
        using var reader = new BinaryReader(new MemoryStream(Completions));
        try
        {
            Completion[] all = [.. requests.Select(request => CompletionGenerator.Read(request, reader))];
            return reader.BaseStream.Position == Completions.Length ? all : throw new EndOfStreamException();
        }
        catch (Exception error) when (error is EndOfStreamException or OverflowException or OutOfMemoryException)
        {
            throw new LeaseException($"worker {Worker}: its answer to lease {Lease} is not one for the {requests.Count} completions that were asked for");
        }
    }

    /// <summary>The message.</summary>
    public byte[] ToBytes() => Message.Write(writer =>
    {
        writer.Write(Lease);
        writer.Write(Worker);
        writer.Write(Completions.Length);
        writer.Write(Completions);
    });

    /// <summary>Reads a message.</summary>
    /// <exception cref="LeaseException">It is not what was sent.</exception>
    public static LeaseAnswer FromBytes(ReadOnlyMemory<byte> bytes) => Message.Read(
        bytes, "an answer", reader => new LeaseAnswer(reader.ReadString(), reader.ReadString(), reader.ReadBytes(reader.ReadInt32())));
}

/// <summary>A run cannot go on with its workers.</summary>
/// <param name="message">Which, and why.</param>
internal sealed class LeaseException(string message) : Exception(message);

/// <summary>Bytes with a checksum before them.</summary>
internal static class Message
{
    public static byte[] Write(Action<BinaryWriter> write)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.UTF8);
        writer.Write(0UL);
        write(writer);
        var bytes = memory.ToArray();
        BitConverter.TryWriteBytes(bytes, XxHash3.HashToUInt64(bytes.AsSpan(sizeof(ulong))));
        return bytes;
    }

    public static T Read<T>(ReadOnlyMemory<byte> bytes, string what, Func<BinaryReader, T> read)
    {
        if (bytes.Length < sizeof(ulong) || BitConverter.ToUInt64(bytes.Span) != XxHash3.HashToUInt64(bytes.Span[sizeof(ulong)..]))
        {
            throw new LeaseException($"{what} of {bytes.Length} bytes is not what was sent (its checksum differs)");
        }

        using var reader = new BinaryReader(new MemoryStream(bytes[sizeof(ulong)..].ToArray()), Encoding.UTF8);
        return read(reader);
    }

    public static void WriteInts(BinaryWriter writer, int[] numbers)
    {
        writer.Write(numbers.Length);
        writer.Write(MemoryMarshal.AsBytes(numbers.AsSpan()));
    }

    public static int[] ReadInts(BinaryReader reader)
    {
        var numbers = new int[reader.ReadInt32()];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(numbers.AsSpan()));
        return numbers;
    }
}
