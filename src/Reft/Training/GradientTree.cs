using Reft.Models;
using Reft.Numerics;
using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>
/// A part of the tree in which gradients are added: the sum of some neighbouring leaves, in an order that is the tree's alone.
/// </summary>
/// <param name="First">The first leaf, a multiple of their number.</param>
/// <param name="Leaves">How many, a power of two.</param>
internal readonly record struct TreeNode(int First, int Leaves)
{
    /// <summary>The first half.</summary>
    public TreeNode Left => new(First, Leaves / 2);

    /// <summary>The second half.</summary>
    public TreeNode Right => new(First + (Leaves / 2), Leaves / 2);

    /// <summary>The sum of a node from the sums of nodes below it; null where there is nothing below it.</summary>
    /// <param name="held">The sum of a node, or null if it is not held, or of nothing.</param>
    /// <param name="add">Adds the sum of the second half to that of the first.</param>
    public T? Sum<T>(Func<TreeNode, T?> held, Func<T, T, T> add)
        where T : class =>
        held(this) ?? (Leaves == 1 ? null
            : Left.Sum(held, add) is not { } left ? Right.Sum(held, add)
            : Right.Sum(held, add) is { } right ? add(left, right) : left);
}

/// <summary>
/// Sums of gradients in a binary tree of a fixed number of leaves. A leaf adds neighbouring micro-batches one after the other; two halves are added once both
/// are there, so that there are at most log₂ (leaves) + 1 sums at once.
/// </summary>
internal sealed class GradientTree : IDisposable
{
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly Stack<(TreeNode Node, Tensor?[] Sums)> _held = new();
    private readonly Dictionary<int, Stack<Tensor>> _free = []; // By parameter: what is given back is used again.

    /// <summary>Makes an empty tree.</summary>
    /// <param name="parameters">Whose gradients are added.</param>
    /// <param name="leaves">How many leaves it has, a power of two.</param>
    public GradientTree(IReadOnlyList<Parameter> parameters, int leaves)
    {
        _parameters = parameters;
        Root = new TreeNode(0, leaves);
    }

    /// <summary>The sum of all.</summary>
    public TreeNode Root { get; }

    /// <summary>The sums that cannot be added yet, by their first leaf.</summary>
    public IReadOnlyList<(TreeNode Node, Tensor?[] Sums)> Held => [.. _held.Reverse()];

    /// <summary>Adds a micro-batch's gradients to a leaf, which is the one of the last call or one behind it.</summary>
    /// <param name="leaf">Which.</param>
    /// <param name="gradients">In the parameters' order; null for none.</param>
    public void Add(int leaf, IReadOnlyList<Tensor?> gradients)
    {
        using var frozen = no_grad();
        if (!(_held.TryPeek(out var last) && last.Node == new TreeNode(leaf, 1)))
        {
            Join();
            _held.Push((new TreeNode(leaf, 1), new Tensor?[_parameters.Count]));
        }

        Into(_held.Peek().Sums, gradients);
    }

    /// <summary>Adds what can be added, once no more comes to the last leaf.</summary>
    public void Join()
    {
        using var frozen = no_grad();
        while (_held.Count > 1)
        {
            var right = _held.Pop();
            var left = _held.Peek();
            var both = new TreeNode(left.Node.First, 2 * left.Node.Leaves);
            if (both.First % both.Leaves != 0 || both.Left != left.Node || both.Right != right.Node)
            {
                _held.Push(right);
                return;
            }

            _held.Pop();
            Into(left.Sums, right.Sums);
            GiveBack(right.Sums);
            _held.Push((both, left.Sums));
        }
    }

    /// <summary>The sum of all that was added; null for parameters without a gradient. Good until the tree is cleared.</summary>
    public Tensor?[] Total()
    {
        using var frozen = no_grad();
        Join();
        return Root.Sum(
            node => _held.FirstOrDefault(held => held.Node == node).Sums,
            (left, right) =>
            {
                Into(left, right);
                return left;
            }) ?? new Tensor?[_parameters.Count];
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        while (_held.TryPop(out var held))
        {
            GiveBack(held.Sums);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear();
        foreach (var tensor in _free.Values.SelectMany(stack => stack))
        {
            tensor.Dispose();
        }
    }

    private void Into(Tensor?[] sums, IReadOnlyList<Tensor?> gradients)
    {
        using var scope = NewDisposeScope(); // In-place operations return a second handle.
        for (var i = 0; i < sums.Length; i++)
        {
            if (gradients[i] is { } gradient)
            {
                sums[i] ??= Zeros(i);
                sums[i]!.Increase(gradient); // It was just made.
            }
        }
    }

    private Tensor Zeros(int parameter)
    {
        if (_free.TryGetValue(parameter, out var stack) && stack.TryPop(out var kept))
        {
            kept.zero_();
            return kept;
        }

        var value = _parameters[parameter].Value;
        return zeros(value.shape, ScalarType.Float32, value.device).DetachFromDisposeScope();
    }

    private void GiveBack(Tensor?[] sums)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            if (sums[i] is { } sum)
            {
                if (!_free.TryGetValue(i, out var stack))
                {
                    _free[i] = stack = new Stack<Tensor>();
                }

                stack.Push(sum);
            }
        }
    }
}
