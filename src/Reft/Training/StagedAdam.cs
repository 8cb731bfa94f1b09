using Reft.Models;
using Reft.Numerics.Kernels;
using Reft.Ranks;
using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>
/// AdamW of ranks that have devices of their own: gradients are added on the hosts, by who owns them and in the order of one process, and their sums go to
/// all devices, each of which takes the whole step. Masters and moments are not shared out.
/// </summary>
/// <param name="parameters">The parameters.</param>
/// <param name="inner">Steps this rank's device; owned.</param>
/// <param name="ranks">The ranks.</param>
internal sealed unsafe class StagedAdam(IReadOnlyList<Parameter> parameters, IAdam inner, RankGroup ranks) : IAdam
{
    private readonly GradientExchange _exchange = new(parameters, ranks);
    private readonly bool[] _given = new bool[parameters.Count];
    private readonly float[]?[] _sums = new float[parameters.Count][]; // Of what this rank owns.

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, Tensor>> State => inner.State;

    /// <inheritdoc/>
    public void Accumulate(IReadOnlyList<Tensor?> gradients) => Mark(_exchange.Send(gradients, Add));

    /// <inheritdoc/>
    public void Accumulate(GradientTree tree) => Mark(_exchange.Send(tree, Add));

    /// <inheritdoc/>
    public StepReport Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        Tensor?[] whole = [.. parameters.Select((parameter, i) => _given[i] ? zeros(parameter.Value.shape, ScalarType.Float32) : null)];
        nint Place(int i, long first) => (nint)(TensorMemory.Pointer<float>(whole[i]!) + first); // Only what is given is asked for.

        for (var i = 0; i < parameters.Count; i++)
        {
            if (_given[i])
            {
                var (first, count) = _exchange.Owned(i, ranks.Rank);
                Sum(i).AsSpan().CopyTo(new Span<float>((void*)Place(i, first), checked((int)count)));
            }
        }

        _exchange.Publish(_given, _ => sizeof(float), i => Place(i, _exchange.Owned(i, ranks.Rank).First), Place);
        inner.Accumulate([.. whole.Select((sum, i) => sum?.to(parameters[i].Value.device))]);
        Array.Clear(_given);
        foreach (var sum in _sums)
        {
            sum?.AsSpan().Clear();
        }

        return inner.Step(learningRate);
    }

    /// <inheritdoc/>
    public void Restore(Func<string, Tensor> saved) => inner.Restore(saved);

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();

    private float[] Sum(int parameter) => _sums[parameter] ??= new float[_exchange.Owned(parameter, ranks.Rank).Count];

    private void Add(int from, int parameter, nint at, int elementSize)
    {
        var sum = Sum(parameter);
        fixed (float* target = sum)
        {
            if (elementSize != sizeof(float))
            {
                RowKernels.Accumulate<ushort, Brain16>((ushort*)at, target, sum.Length);
            }
            else
            {
                RowKernels.Accumulate<float, Single32>((float*)at, target, sum.Length);
            }
        }
    }

    private void Mark(bool[] given)
    {
        for (var i = 0; i < given.Length; i++)
        {
            _given[i] |= given[i];
        }
    }
}
