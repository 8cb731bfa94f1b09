using static TorchSharp.torch;

namespace Reft.Models;

/// <summary>One trainable tensor under its Hugging Face name.</summary>
internal sealed class Parameter : IDisposable
{
    [ThreadStatic]
    private static Leaves? _leaves;

    private Tensor? _value; // null while the weight is kept in few bits
    private QuantizedWeight? _few;

    internal Parameter(string name, Tensor value)
    {
        Name = name;
        _value = value.DetachFromDisposeScope();
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

    /// <summary>
    /// The tensor; a leaf, which may require gradients. Optimizers change it in place. Of a weight that is kept in few bits it is a copy, which the
    /// caller's scope owns.
    /// </summary>
    public Tensor Value => _leaves?.Of(this) ?? _value ?? _few!.Whole(); // One of the two is there.

    /// <summary>How many numbers it holds.</summary>
    internal long Count => _value?.numel() ?? _few!.Count;

    /// <summary>Bytes that it takes.</summary>
    internal long Bytes => _value is null ? _few!.Bytes : _value.numel() * _value.element_size();

    /// <summary>Whether it is kept in few bits.</summary>
    internal bool IsQuantized => _few is not null;

    /// <summary>Goes up whenever the values change; what was derived from an earlier version is made anew.</summary>
    internal long Version { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _value?.Dispose();
        _few?.Dispose();
    }

    /// <summary>
    /// Gives the calling thread leaves of its own for parameters, in the same memory, until the result is disposed: several threads may
    /// then go backwards at once, each to gradients of its own.
    /// </summary>
    internal static IDisposable OwnLeaves(IEnumerable<Parameter> parameters) => new Leaves(parameters);

    /// <summary>Says that the values have been changed in place.</summary>
    internal void MarkChanged() => Version++;

    /// <summary>Keeps the weight in few bits from now on: it is frozen.</summary>
    internal void Quantize(WeightQuantization kind)
    {
        if (kind != WeightQuantization.None && _value is not null)
        {
            _few = QuantizedWeight.From(_value, kind);
            _value.Dispose();
            _value = null;
            MarkChanged();
        }
    }

    /// <summary>Copies values in, rounded to the parameter's dtype; one that was kept in few bits is whole from then on.</summary>
    internal void Set(Tensor values)
    {
        using var frozen = no_grad();
        if (_few is not null)
        {
            _value = _few.Whole().DetachFromDisposeScope();
            _few.Dispose();
            _few = null;
        }

        Value.copy_(values);
        MarkChanged();
    }

    private sealed class Leaves : IDisposable
    {
        private readonly Dictionary<Parameter, Tensor> _own;

        public Leaves(IEnumerable<Parameter> parameters)
        {
            _own = parameters.ToDictionary(parameter => parameter, parameter =>
            {
                var leaf = parameter.Value.detach().DetachFromDisposeScope();
                leaf.requires_grad = parameter.Value.requires_grad;
                return leaf;
            });
            _leaves = this;
        }

        public Tensor? Of(Parameter parameter) => _own.GetValueOrDefault(parameter);

        public void Dispose()
        {
            _leaves = null;
            foreach (var leaf in _own.Values)
            {
                leaf.Dispose();
            }
        }
    }
}
