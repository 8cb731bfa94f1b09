using Reft.Models;
using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>
/// AdamW by libtorch's fused operator, on any device: a few calls for all parameters, and one copy to the host a step. Whether the gradient is
/// finite is decided on the device.
/// </summary>
internal sealed class LibraryAdam : IAdam
{
    // Masters whose values before the step are kept at once, to tell how far they moved: 256 MiB.
    internal const long PartElements = 1L << 26;

    private readonly AdamWOptions _options;
    private readonly Slot[] _slots;

    public LibraryAdam(IReadOnlyList<Parameter> parameters, AdamWOptions options)
    {
        using var frozen = no_grad();
        _options = options;
        _slots = [.. parameters.Select(p => new Slot(p))];
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, Tensor>> State => _slots.SelectMany(s => s.State);

    /// <inheritdoc/>
    public void Accumulate(IReadOnlyList<Tensor?> gradients)
    {
        var given = _slots.Select((slot, i) => (Slot: slot, Gradient: gradients[i])).Where(pair => pair.Gradient is not null).ToArray();
        if (given.Length > 0)
        {
            LibTorchScripts.Do("add_each", given.Select(pair => pair.Slot.Gradient).ToArray(), given.Select(pair => pair.Gradient!).ToArray());
        }

        foreach (var (slot, _) in given)
        {
            slot.HasGradient = true;
        }
    }

    /// <inheritdoc/>
    public StepReport Step(double learningRate)
    {
        using var scope = NewDisposeScope();
        var moving = Array.FindAll(_slots, slot => slot.HasGradient);
        if (moving.Length == 0)
        {
            return new StepReport(0, 0, 0, Skipped: false);
        }

        var norm = LibTorchScripts.Call("norm_squared", (object)moving.Select(slot => slot.Gradient).ToArray()).sqrt(); // float64
        var skip = norm.isfinite().logical_not().to(ScalarType.Float32);
        var clip = LibTorchScripts.Call("clip", norm, _options.MaxGradientNorm);
        var moved = zeros_like(norm);
        var changed = zeros_like(norm);
        foreach (var part in Parts(moving))
        {
            var rate = learningRate * part[0].Parameter.RateFactor;
            var (squares, count) = LibTorchScripts.CallTwo(
                "adam", Of(part, s => s.Master), Of(part, s => s.Gradient), Of(part, s => s.First), Of(part, s => s.Second), Of(part, s => s.Steps),
                Of(part, s => s.Parameter.Value.detach()), clip, skip, rate, part[0].Decays ? _options.WeightDecay : 0.0, _options.Beta1,
                _options.Beta2, _options.Epsilon, part[0].OwnsMaster);
            LibTorchScripts.Do("add_each", new[] { moved, changed }, new[] { squares, count });
        }

        // The step's one copy to the host.
        var figures = stack([norm, moved, changed], 0).cpu().data<double>().ToArray();
        Clear();
        if (!double.IsFinite(figures[0]))
        {
            return new StepReport(figures[0], 0, 0, Skipped: true);
        }

        foreach (var slot in moving)
        {
            slot.Parameter.MarkChanged();
        }

        var total = _slots.Sum(slot => slot.Master.numel());
        return new StepReport(figures[0], Math.Sqrt(figures[1]), figures[2] / total, Skipped: false);
    }

    /// <inheritdoc/>
    public void Restore(Func<string, Tensor> saved)
    {
        foreach (var (name, tensor) in State)
        {
            tensor.copy_(saved(name));
        }

        foreach (var slot in _slots)
        {
            slot.Publish();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var slot in _slots)
        {
            slot.Dispose();
        }
    }

    private static Tensor[] Of(Slot[] part, Func<Slot, Tensor> of) => [.. part.Select(of)];

    /// <summary>Neighbours of one rate and decay, cut where they would be too large.</summary>
    private static IEnumerable<Slot[]> Parts(IEnumerable<Slot> slots)
    {
        foreach (var alike in slots.GroupBy(slot => (slot.Parameter.RateFactor, slot.Decays, slot.OwnsMaster)))
        {
            var part = new List<Slot>();
            var elements = 0L;
            foreach (var slot in alike)
            {
                if (part.Count > 0 && elements + slot.Master.numel() > PartElements)
                {
                    yield return [.. part];
                    (part, elements) = ([], 0);
                }

                part.Add(slot);
                elements += slot.Master.numel();
            }

            yield return [.. part];
        }
    }

    private void Clear()
    {
        foreach (var slot in _slots.Where(slot => slot.HasGradient))
        {
            slot.HasGradient = false;
            slot.Gradient.zero_();
        }
    }

    /// <summary>One parameter's master, moments, steps and summed gradient.</summary>
    private sealed class Slot : IDisposable
    {
        public Slot(Parameter parameter)
        {
            using var scope = NewDisposeScope();
            var value = parameter.Value;
            Parameter = parameter;
            OwnsMaster = value.dtype != ScalarType.Float32;
            Master = OwnsMaster ? value.detach().to(ScalarType.Float32).DetachFromDisposeScope() : value;
            First = Zeros(value.shape);
            Second = Zeros(value.shape);
            Gradient = Zeros(value.shape);
            Steps = Zeros([1]);

            Tensor Zeros(long[] shape) => zeros(shape, device: value.device).DetachFromDisposeScope();
        }

        public Parameter Parameter { get; }

        public Tensor Master { get; }

        public Tensor First { get; }

        public Tensor Second { get; }

        public Tensor Gradient { get; }

        public Tensor Steps { get; }

        public bool OwnsMaster { get; }

        /// <summary>Whether a backward pass since the last step gave a gradient.</summary>
        public bool HasGradient { get; set; }

        /// <summary>Only matrices decay.</summary>
        public bool Decays => Parameter.Value.dim() > 1;

        public IEnumerable<KeyValuePair<string, Tensor>> State =>
        [
            new("master." + Parameter.StateName, Master),
            new("first." + Parameter.StateName, First),
            new("second." + Parameter.StateName, Second),
            new("steps." + Parameter.StateName, Steps),
        ];

        public void Publish()
        {
            if (OwnsMaster)
            {
                Parameter.Value.copy_(Master);
            }

            Parameter.MarkChanged();
        }

        public void Dispose()
        {
            First.Dispose();
            Second.Dispose();
            Gradient.Dispose();
            Steps.Dispose();
            if (OwnsMaster)
            {
                Master.Dispose();
            }
        }
    }
}
