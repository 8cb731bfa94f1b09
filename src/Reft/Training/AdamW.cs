using Reft.Models;
using Reft.Numerics;
using Reft.Ranks;
using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>What one optimizer step did.</summary>
/// <param name="GradientNorm">The global L2 norm of the gradient before the clip.</param>
/// <param name="UpdateNorm">The global L2 norm of the change of the master weights.</param>
/// <param name="ChangedShare">The share of computing weights that are not what they were before, in [0, 1].</param>
/// <param name="Skipped">Whether the step was left out, since the gradient was not finite.</param>
internal sealed record StepReport(double GradientNorm, double UpdateNorm, double ChangedShare, bool Skipped);

/// <summary>
/// AdamW with float32 master weights and moments, whatever dtype the model computes in. Pure bfloat16 weights would not
/// move at ReFT's learning rates: an update below 1/256 of a weight rounds to nothing.
/// </summary>
/// <remarks>
/// Gradients of micro-batches are summed in float32 by <see cref="Accumulate"/>; no division by their number happens here,
/// since the losses' weights are known beforehand. On the CPU every sum runs in one fixed order. A parameter that got no gradient, such as
/// the trunk's while only values learn, stays as it is: neither decayed nor counted, as in torch.
/// </remarks>
internal sealed class AdamW : IDisposable
{
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly IAdam _inner;
    private readonly GradientTree? _tree;

    /// <summary>Makes an optimizer.</summary>
    /// <param name="parameters">The parameters to train, all on one device; they must require gradients.</param>
    /// <param name="options">The coefficients.</param>
    /// <param name="device">Whose operations it uses; null for those of the parameters' device.</param>
    /// <param name="ranks">Those who share it out; null for nobody. They make every call together.</param>
    /// <param name="leaves">The leaves of the tree in which gradients are added; 0 for one sum after the other.</param>
    public AdamW(IReadOnlyList<Parameter> parameters, AdamWOptions options, ComputeDevice? device = null, RankGroup? ranks = null, int leaves = 0)
    {
        device ??= parameters.Count == 0 ? ComputeDevice.Cpu : parameters[0].Value.device;
        Whole.Of(options, "optimizer");
        _parameters = parameters;
        _tree = leaves == 0 ? null : new GradientTree(parameters, leaves);
        Leaves = leaves;
        _inner = (ranks is { IsAlone: false }, device.HasKernels) switch
        {
            (false, true) => new KernelAdam(parameters, options),
            (false, false) => new LibraryAdam(parameters, options),
            (true, true) => new RankedAdam(parameters, options, ranks!), // There are some.
            (true, false) => new StagedAdam(parameters, new LibraryAdam(parameters, options), ranks!),
        };
    }

    /// <summary>The leaves of the tree in which gradients are added; 0 for one sum after the other.</summary>
    public int Leaves { get; }

    /// <summary>Steps taken so far.</summary>
    public long Steps { get; private set; }

    /// <summary>
    /// The state's tensors by name, for a checkpoint: the master, both moments and the steps of every parameter.
    /// </summary>
    public IEnumerable<KeyValuePair<string, Tensor>> State => _inner.State;

    /// <summary>Gives this rank's part of the state to the first rank, which reads <see cref="State"/> at the same time.</summary>
    public void GiveState()
    {
        using var scope = NewDisposeScope();
        foreach (var _ in State)
        {
            // Each is sent as it is asked for.
        }
    }

    /// <summary>Adds the gradients that the last backward pass left, and clears them.</summary>
    /// <param name="leaf">To which leaf of the tree, if there is one: the last one or one behind it; null where there are no gradients to add.</param>
    public void Accumulate(int? leaf = 0)
    {
        using var frozen = no_grad();
        Tensor?[] gradients = [.. _parameters.Select(parameter => parameter.Value.grad)];
        if (_tree is null)
        {
            _inner.Accumulate(gradients);
        }
        else if (leaf is { } to)
        {
            _tree.Add(to, gradients);
        }

        for (var i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is { } gradient)
            {
                _parameters[i].Value.grad = null;
                gradient.Dispose();
            }
        }
    }

    /// <summary>Takes one step with the accumulated gradients, and clears them.</summary>
    /// <param name="learningRate">The learning rate of this step, which a parameter may multiply.</param>
    public StepReport Step(double learningRate)
    {
        using var frozen = no_grad();
        if (_tree is not null)
        {
            _inner.Accumulate(_tree);
            _tree.Clear();
        }

        var report = _inner.Step(learningRate);
        Steps += report.Skipped ? 0 : 1;
        return report;
    }

    /// <summary>Puts a checkpoint's state back.</summary>
    /// <param name="steps">Steps that had been taken.</param>
    /// <param name="state">The tensors by the names of <see cref="State"/>.</param>
    public void Restore(long steps, IReadOnlyDictionary<string, Tensor> state)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        Steps = steps;
        _inner.Restore(name => state.TryGetValue(name, out var saved)
            ? saved
            : throw new InputException($"the checkpoint's optimizer state lacks '{name}'"));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _inner.Dispose();
        _tree?.Dispose();
    }
}
