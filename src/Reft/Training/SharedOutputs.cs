using System.Runtime.InteropServices;
using Reft.Models;
using Reft.Ranks;
using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>What a policy says of the micro-batches of all ranks, as numbers without gradients.</summary>
internal static class SharedOutputs
{
    /// <summary>Gives what one's own micro-batches were said to be, and gets everybody's.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="own">This rank's, in its order, as <see cref="Write"/> has made them.</param>
    /// <returns>By rank, in the rank's order, to be read by <see cref="Read"/>.</returns>
    public static byte[][][] Gather(RankGroup ranks, IReadOnlyList<byte[]> own)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        foreach (var said in own)
        {
            writer.Write(said.Length);
            writer.Write(said);
        }

        return [.. ranks.Gather(memory.ToArray()).Select(bytes => Parts(bytes).ToArray())];
    }

    /// <summary>What a policy says of a micro-batch, as bytes.</summary>
    /// <exception cref="InputException">The loss reads whole distributions, which are too large to be sent.</exception>
    public static byte[] Write(PolicyOutputs own)
    {
        if (own.Distribution is not null)
        {
            throw new InputException("this method's loss reads the distributions of all tokens, which are too large to be shared out; run it on one rank");
        }

        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        foreach (var column in new[] { own.LogProbs, own.Values, own.Entropy, own.Slots })
        {
            writer.Write(column is not null);
            if (column is not null)
            {
                writer.Write((byte)column.shape.Length);
                Array.ForEach(column.shape, writer.Write);
                writer.Write(MemoryMarshal.AsBytes(column.detach().to(ScalarType.Float32).cpu().data<float>().ToArray().AsSpan()));
            }
        }

        return memory.ToArray();
    }

    /// <summary>What a policy said of a micro-batch.</summary>
    /// <param name="said">What was gathered of it.</param>
    /// <param name="device">Where it is computed with.</param>
    public static PolicyOutputs Read(byte[] said, Device device)
    {
        using var reader = new BinaryReader(new MemoryStream(said));
        return new PolicyOutputs(Column()!, Column(), Column()) { Slots = Column() }; // The first is always there.

        Tensor? Column()
        {
            if (!reader.ReadBoolean())
            {
                return null;
            }

            long[] shape = [.. Enumerable.Range(0, reader.ReadByte()).Select(_ => reader.ReadInt64())];
            var values = new float[shape.Aggregate(1L, (product, side) => product * side)];
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            return tensor(values, shape, device: device);
        }
    }

    private static IEnumerable<byte[]> Parts(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var count = BitConverter.ToInt32(bytes, at);
            yield return bytes[(at + sizeof(int))..(at + sizeof(int) + count)];
            at += sizeof(int) + count;
        }
    }
}
