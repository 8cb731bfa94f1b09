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

    /// <summary>Says that the state has been replaced.</summary>
    void Restored();
}
