using Reft.Numerics;
using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>
/// <c>W h</c> on a sequence's last hidden state: one logit a class, without bias, in float32. It is the <c>score</c> of Transformers'
/// sequence classification models, and starts as theirs does: normal, with the model's own deviation.
/// </summary>
internal sealed class ClassHead : IDisposable
{
    /// <summary>Its name in a Hugging Face folder.</summary>
    public const string WeightName = "score.weight";

    private readonly INumericBackend _numerics;

    /// <summary>Makes a head.</summary>
    /// <param name="classes">Classes, C.</param>
    /// <param name="width">The width of what it reads, E: that of the embeddings.</param>
    /// <param name="deviation">The deviation of its start; 0 for zeros.</param>
    /// <param name="seed">The seed of the start.</param>
    /// <param name="device">Where to put it.</param>
    public ClassHead(int classes, int width, double deviation, ulong seed, ComputeDevice device)
    {
        using var frozen = no_grad();
        _numerics = device.Numerics;
        using var scope = NewDisposeScope();
        var fresh = new FreshWeights(seed).Normal(WeightName, deviation, classes, width);
        Weight = new Parameter(WeightName, fresh.to(device.Torch).MoveToOuterDisposeScope());
    }

    /// <summary>W [C, E].</summary>
    public Parameter Weight { get; }

    /// <summary>Log-probabilities [N], float32, of classes [N], int64, given states [N, E].</summary>
    public Tensor LogProbs(Tensor states, Tensor classes) => WrappedTensorDisposeScope(() =>
    {
        var logits = _numerics.Linear(states.to(ScalarType.Float32), Weight.Value, null);
        return nn.functional.log_softmax(logits, dim: 1).gather(1, classes.unsqueeze(1)).squeeze(1);
    });

    /// <inheritdoc/>
    public void Dispose() => Weight.Dispose();
}
