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
    /// <returns>By rank; what is meaningless for a rank without a micro-batch is empty.</returns>
    /// <exception cref="InputException">The loss reads whole distributions, which are too large to be sent.</exception>
    public static PolicyOutputs[] Gather(RankGroup ranks, PolicyOutputs? own)
    {
        if (own?.Distribution is not null)
        {
            throw new InputException("this method's loss reads the distributions of all tokens, which are too large to be shared out; run it on one rank");
        }

        return [.. ranks.Gather(own is null ? [] : Write(own)).Select(Read)];
    }

    private static byte[] Write(PolicyOutputs own)
    {
        using var memory = new MemoryStream();
        foreach (var column in new[] { own.LogProbs, own.Values, own.Entropy })
        {
            float[] values = column is null ? [] : column.detach().cpu().data<float>().ToArray();
            memory.Write(BitConverter.GetBytes(column is null ? -1 : values.Length));
            memory.Write(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        return memory.ToArray();
    }

    private static PolicyOutputs Read(byte[] bytes)
    {
        var at = 0;
        return bytes.Length == 0
            ? new PolicyOutputs(zeros(0), null, null)
            : new PolicyOutputs(Column()!, Column(), Column()); // The first is always there.

        Tensor? Column()
        {
            var count = BitConverter.ToInt32(bytes, at);
            at += sizeof(int);
            if (count < 0)
            {
                return null;
            }

            var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(at, count * sizeof(float))).ToArray();
            at += count * sizeof(float);
            return tensor(values);
        }
    }
}
