using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>AdamW of one device's operations: masters, moments and summed gradients of every parameter.</summary>
internal interface IAdam : IDisposable
{
    /// <summary>The tensors by name: <c>master.</c>, <c>first.</c>, <c>second.</c> and <c>steps.</c> of every parameter, float32.</summary>
    IEnumerable<KeyValuePair<string, Tensor>> State { get; }

    /// <summary>Adds the gradients that the last backward pass left to their sums, and clears them.</summary>
    void Accumulate();

    /// <summary>Takes one step with the sums, unless they are not finite, and clears them.</summary>
    StepReport Step(double learningRate);

    /// <summary>Puts a checkpoint's state back, and with it the weights.</summary>
    /// <param name="saved">Gives the tensor of a name.</param>
    void Restore(Func<string, Tensor> saved);
}
