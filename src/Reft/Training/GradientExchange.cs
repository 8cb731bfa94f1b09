using Reft.Models;
using Reft.Numerics.Kernels;
using Reft.Ranks;
using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>
/// Which rank owns which stretch of the parameters, and the ways of gradients to who owns them. Stretches are those by which norms are summed, so
/// that these are added in the same order on any number of ranks. All ranks make every call together.
/// </summary>
internal sealed unsafe class GradientExchange
{
    private const long Stretch = KernelAdam.Stretch; // The same sums.

    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly int[] _firstStretch; // Of each parameter, and of all there are.
    private readonly int[] _firstOwned; // Of each rank, and of all there are.

    public GradientExchange(IReadOnlyList<Parameter> parameters, RankGroup ranks)
    {
        _parameters = parameters;
        Ranks = ranks;
        _firstStretch = new int[parameters.Count + 1];
        for (var i = 0; i < parameters.Count; i++)
        {
            _firstStretch[i + 1] = _firstStretch[i] + checked((int)((parameters[i].Count + Stretch - 1) / Stretch));
        }

        var all = _firstStretch[^1];
        _firstOwned = [.. Enumerable.Range(0, ranks.Size + 1).Select(rank => (int)((long)all * rank / ranks.Size))];
    }

    /// <summary>Those who share them.</summary>
    public RankGroup Ranks { get; }

    /// <summary>How many parameters there are.</summary>
    public int Parameters => _parameters.Count;

    /// <summary>A parameter's stretches: from where to where among those of all.</summary>
    public Range Stretches(int parameter) => _firstStretch[parameter].._firstStretch[parameter + 1];

    /// <summary>What a rank owns of a parameter: where it begins, and how much it is.</summary>
    public (long First, long Count) Owned(int parameter, int rank)
    {
        var count = _parameters[parameter].Count;
        var first = Math.Clamp((_firstOwned[rank] - _firstStretch[parameter]) * Stretch, 0, count);
        var end = Math.Clamp((_firstOwned[rank + 1] - _firstStretch[parameter]) * Stretch, 0, count);
        return (first, end - first);
    }

    /// <summary>Sends the owners their stretches of gradients, and takes those of this rank from everybody.</summary>
    /// <param name="own">This rank's, in the parameters' order; null for a parameter that has none. Of one dtype a parameter on all ranks.</param>
    /// <param name="take">Given what this rank owns of each that comes (from, parameter, where it lies, bytes of a number), in the ranks' order.</param>
    /// <returns>Whether somebody had one, by parameter.</returns>
    public bool[] Send(IReadOnlyList<Tensor?> own, Action<int, int, nint, int> take)
    {
        var given = Ranks.Gather(own.Select(gradient => (byte)(gradient?.element_size() ?? 0)).ToArray());
        using var scope = NewDisposeScope();
        Tensor?[] whole = [.. own.Select(gradient => gradient?.contiguous().cpu())];
        var send = new RankBuffer[Ranks.Size];
        for (var to = 0; to < send.Length; to++)
        {
            send[to] = Ranks.Outgoing(to, _parameters.Select((_, i) => Owned(i, to).Count * given[Ranks.Rank][i]).Sum());
            var at = send[to].Start;
            for (var i = 0; i < whole.Length; i++)
            {
                if (whole[i] is { } gradient)
                {
                    var (first, count) = Owned(i, to);
                    var bytes = count * given[Ranks.Rank][i];
                    Buffer.MemoryCopy(TensorMemory.Pointer<byte>(gradient) + (first * given[Ranks.Rank][i]), (void*)at, bytes, bytes);
                    at += (nint)bytes;
                }
            }
        }

        var come = Ranks.Exchange(send);
        for (var from = 0; from < come.Length; from++) // The order of the micro-batches that they had.
        {
            var at = come[from].Start;
            for (var i = 0; i < _parameters.Count; i++)
            {
                if (given[from][i] != 0)
                {
                    take(from, i, at, given[from][i]);
                    at += (nint)(Owned(i, Ranks.Rank).Count * given[from][i]);
                }
            }
        }

        return [.. _parameters.Select((_, i) => given.Any(sizes => sizes[i] != 0))];
    }

    /// <summary>Sends the owners their stretches of a tree's sums, and takes those of this rank, added.</summary>
    /// <param name="tree">The tree with what this rank added.</param>
    /// <param name="take">Given what this rank owns of each parameter's sum (from whom: this rank, parameter, where it lies, bytes of a number).</param>
    /// <returns>Whether somebody had a gradient, by parameter.</returns>
    public bool[] Send(GradientTree tree, Action<int, int, nint, int> take)
    {
        var owned = new OwnedTree(this, tree);
        for (var i = 0; i < _parameters.Count; i++)
        {
            if (owned.Total(i) is { } sum)
            {
                fixed (float* start = sum)
                {
                    take(Ranks.Rank, i, (nint)start, sizeof(float));
                }
            }
        }

        return owned.Given;
    }

    /// <summary>Gives everybody what this rank owns of some parameters, and puts what the others own of them in its place.</summary>
    /// <param name="moved">Of which parameters; the same on all ranks.</param>
    /// <param name="elementSize">Bytes of a parameter's number.</param>
    /// <param name="own">Where what this rank owns of a parameter lies.</param>
    /// <param name="put">Where what a rank owns of a parameter goes, by parameter and its first number.</param>
    public void Publish(bool[] moved, Func<int, long> elementSize, Func<int, nint> own, Func<int, long, nint> put)
    {
        long Bytes(int parameter, int rank) => moved[parameter] ? Owned(parameter, rank).Count * elementSize(parameter) : 0;

        var message = Ranks.Outgoing(Ranks.Rank, _parameters.Select((_, i) => Bytes(i, Ranks.Rank)).Sum());
        Each(Ranks.Rank, message.Start, (i, at, bytes) => Buffer.MemoryCopy((void*)own(i), (void*)at, bytes, bytes));
        var come = Ranks.Exchange([.. Enumerable.Repeat(message, Ranks.Size)]);
        for (var from = 0; from < come.Length; from++)
        {
            Each(from, come[from].Start, (i, at, bytes) => Buffer.MemoryCopy((void*)at, (void*)put(i, Owned(i, from).First), bytes, bytes));
        }

        void Each(int rank, nint at, Action<int, nint, long> copy)
        {
            for (var i = 0; i < _parameters.Count; i++)
            {
                if (Bytes(i, rank) is > 0 and var bytes)
                {
                    copy(i, at, bytes);
                    at += (nint)bytes;
                }
            }
        }
    }
}
