using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>AdamW of one device's operations: masters, moments and summed gradients of every parameter.</summary>
internal interface IAdam : IDisposable
{
    /// <summary>The tensors by name: <c>master.</c>, <c>first.</c>, <c>second.</c> and <c>steps.</c> of every parameter, float32.</summary>
    IEnumerable<KeyValuePair<string, Tensor>> State { get; }

    /// <summary>Adds gradients to their sums.</summary>
    /// <param name="gradients">In the parameters' order, of the parameters' dtype or float32; null for a parameter that has none.</param>
    void Accumulate(IReadOnlyList<Tensor?> gradients);

    /// <summary>Adds the sums of a tree, of which every rank has a part.</summary>
    /// <param name="tree">The tree with what this rank added.</param>
    void Accumulate(GradientTree tree) => Accumulate(tree.Total());

    /// <summary>Takes one step with the sums, unless they are not finite, and clears them.</summary>
    StepReport Step(double learningRate);

    /// <summary>Puts a checkpoint's state back, and with it the weights.</summary>
    /// <param name="saved">Gives the tensor of a name.</param>
    void Restore(Func<string, Tensor> saved);
}
