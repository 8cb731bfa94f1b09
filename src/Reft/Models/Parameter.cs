using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>One trainable tensor under its Hugging Face name.</summary>
public sealed class Parameter : IDisposable
{
    internal Parameter(string name, Tensor value)
    {
        Name = name;
        Value = value.DetachFromDisposeScope();
    }

    /// <summary>The name in a Hugging Face checkpoint.</summary>
    public string Name { get; }

    /// <summary>The tensor; a leaf, which may require gradients. Optimizers change it in place.</summary>
    public Tensor Value { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();

    /// <summary>Puts another tensor in place of this one, and disposes the old one.</summary>
    internal void Replace(Tensor value)
    {
        Value.Dispose();
        Value = value.DetachFromDisposeScope();
    }
}
