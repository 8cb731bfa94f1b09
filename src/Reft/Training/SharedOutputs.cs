using System.Runtime.InteropServices;
using Reft.Models;
using Reft.Ranks;
using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>What a policy says of the micro-batches of all ranks, as numbers without gradients.</summary>
internal static class SharedOutputs
{
    /// <summary>Gives one's own, and gets everybody's.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="own">What the policy says of this rank's micro-batch; null for a rank that has none.</param>
    /// <returns>By rank, to be read by <see cref="Read"/>; empty for a rank without a micro-batch.</returns>
    /// <exception cref="InputException">The loss reads whole distributions, which are too large to be sent.</exception>
    public static byte[][] Gather(RankGroup ranks, PolicyOutputs? own)
    {
        if (own?.Distribution is not null)
        {
            throw new InputException("this method's loss reads the distributions of all tokens, which are too large to be shared out; run it on one rank");
        }

        return ranks.Gather(own is null ? [] : Write(own));
    }

    private static byte[] Write(PolicyOutputs own)
    {
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
}
