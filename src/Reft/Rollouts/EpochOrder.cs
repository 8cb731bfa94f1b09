using Reft.Numerics;

namespace Reft.Rollouts;

/// <summary>
/// Which items a step takes: every epoch is a permutation of all items drawn from (seed, epoch), cut into batches; the
/// last one of an epoch may be smaller, so that every item is taken exactly once an epoch.
/// </summary>
internal sealed class EpochOrder(int items, int batchSize, ulong seed)
{
    /// <summary>Steps of an epoch.</summary>
    public long StepsPerEpoch { get; } = (items + batchSize - 1) / batchSize;

    /// <summary>The indices of a step's items.</summary>
    public int[] At(long step)
    {
        var order = Order(step / StepsPerEpoch);
        var first = (int)(step % StepsPerEpoch) * batchSize;
        return order[first..Math.Min(items, first + batchSize)];
    }

    /// <summary>The index of the item that is taken after so many others, whatever the batches.</summary>
    public int After(long taken) => Order(taken / items)[taken % items];

    private int[] Order(long epoch)
    {
        var order = Enumerable.Range(0, items).ToArray();
        new CounterRandom(CounterRandom.Hash(seed, (ulong)epoch)).Shuffle(order);
        return order;
    }
}
