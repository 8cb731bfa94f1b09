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

    /// <summary>
    /// The name under which a trainer's state keeps it: the same network may be there twice, as policy and as value network.
    /// </summary>
    internal string StateName => Owner + Name;

    /// <summary>Goes before the name in <see cref="StateName"/>; empty for the policy's own.</summary>
    internal string Owner { get; set; } = "";

    /// <summary>What an optimizer multiplies its learning rate by for this parameter.</summary>
    internal double RateFactor { get; set; } = 1;

    /// <summary>The tensor; a leaf, which may require gradients. Optimizers change it in place.</summary>
    public Tensor Value { get; }

    /// <summary>Goes up whenever the values change; what was derived from an earlier version is made anew.</summary>
    internal long Version { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => Value.Dispose();

    /// <summary>Says that the values have been changed in place.</summary>
    internal void MarkChanged() => Version++;

    /// <summary>Copies values in, rounded to the parameter's dtype.</summary>
    internal void Set(Tensor values)
    {
        using var frozen = no_grad();
        Value.copy_(values);
        MarkChanged();
    }
}
