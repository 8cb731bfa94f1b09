using Reft.Numerics.Kernels;
using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>What this rank owns of the sums of a tree that all ranks have parts of.</summary>
internal sealed unsafe class OwnedTree
{
    private readonly Dictionary<(TreeNode Node, int Parameter), float[]> _sums = [];
    private readonly TreeNode _root;

    /// <summary>Sends everybody's sums to who owns them; all ranks do it together.</summary>
    public OwnedTree(GradientExchange exchange, GradientTree tree)
    {
        tree.Join();
        _root = tree.Root;
        var (ranks, held) = (exchange.Ranks, tree.Held);
        var nodes = ranks.Gather<int>([.. held.SelectMany(part => new[] { part.Node.First, part.Node.Leaves })]);
        Given = new bool[exchange.Parameters];
        for (var round = 0; round < nodes.Max(own => own.Length / 2); round++)
        {
            var given = exchange.Send(round < held.Count ? held[round].Sums : new Tensor?[exchange.Parameters], (from, parameter, at, _) =>
                _sums[(new TreeNode(nodes[from][2 * round], nodes[from][(2 * round) + 1]), parameter)] =
                    new ReadOnlySpan<float>((void*)at, checked((int)exchange.Owned(parameter, ranks.Rank).Count)).ToArray());
            for (var i = 0; i < given.Length; i++)
            {
                Given[i] |= given[i];
            }
        }
    }

    /// <summary>Whether somebody had a gradient, by parameter.</summary>
    public bool[] Given { get; }

    /// <summary>The sum of a parameter's gradients, where this rank owns it; null for none.</summary>
    public float[]? Total(int parameter) => _root.Sum(
        node => _sums.GetValueOrDefault((node, parameter)),
        (left, right) =>
        {
            fixed (float* source = right, target = left)
            {
                RowKernels.Accumulate<float, Single32>(source, target, left.Length);
            }

            return left;
        });
}
