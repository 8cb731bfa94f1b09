using Reft.Models;
using Reft.Numerics.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>AdamW by the CPU's kernels. Every sum runs in one fixed order, whatever the threads.</summary>
internal sealed class KernelAdam : IAdam
{
    /// <summary>Numbers of a parameter that one thread sums, whatever the threads.</summary>
    internal const long Stretch = 1 << 16;

    private readonly AdamWOptions _options;
    private readonly Slot[] _slots;

    public KernelAdam(IReadOnlyList<Parameter> parameters, AdamWOptions options)
    {
        _options = options;
        _slots = [.. parameters.Select(p => new Slot(p))];
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, Tensor>> State => _slots.SelectMany(s => s.State);

    /// <inheritdoc/>
    public void Accumulate(IReadOnlyList<Tensor?> gradients)
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            if (gradients[i] is { } gradient)
            {
                _slots[i].Accumulate(gradient);
            }
        }
    }

    /// <inheritdoc/>
    public StepReport Step(double learningRate)
    {
        var norm = Math.Sqrt(_slots.Sum(s => s.SquaredGradient()));
        if (!double.IsFinite(norm))
        {
            Clear();
            return new StepReport(norm, 0, 0, Skipped: true);
        }

        var moved = 0.0;
        var changed = 0L;
        foreach (var slot in _slots)
        {
            if (!slot.HasGradient)
            {
                continue;
            }

            var (squares, count) = slot.Update(Coefficients(_options, norm, learningRate * slot.RateFactor, slot.Decays, slot.CountStep()));
            moved += squares;
            changed += count;
        }

        Clear();
        var total = _slots.Sum(s => s.Count);
        return new StepReport(norm, Math.Sqrt(moved), (double)changed / total, Skipped: false);
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
            slot.Restored();
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

    private void Clear()
    {
        using var scope = NewDisposeScope(); // In-place operations return a second handle.
        foreach (var slot in _slots)
        {
            slot.Clear();
        }
    }

    /// <summary>What a step of a parameter computes with.</summary>
    /// <param name="options">The optimizer's.</param>
    /// <param name="norm">The global norm of the gradient, which is clipped.</param>
    /// <param name="rate">The parameter's learning rate.</param>
    /// <param name="decays">Whether it decays.</param>
    /// <param name="steps">Steps that it has had, this one among them.</param>
    internal static AdamStep Coefficients(AdamWOptions options, double norm, double rate, bool decays, long steps)
    {
        var clip = options.MaxGradientNorm > 0 ? Math.Min(1, options.MaxGradientNorm / (norm + 1e-6)) : 1;
        var decay = decays ? rate * options.WeightDecay : 0;
        return new AdamStep(
            (float)clip,
            (float)options.Beta1,
            (float)options.Beta2,
            (float)(rate / (1 - Math.Pow(options.Beta1, steps))),
            (float)(1 / Math.Sqrt(1 - Math.Pow(options.Beta2, steps))),
            (float)options.Epsilon,
            (float)(1 - decay));
    }

    /// <summary>How many numbers are not what they were.</summary>
    internal static long Different(ReadOnlySpan<float> before, ReadOnlySpan<float> after)
    {
        var count = 0L;
        for (var i = 0; i < before.Length; i++)
        {
            count += before[i] == after[i] ? 0 : 1;
        }

        return count;
    }

    /// <summary>One parameter's master, moments and summed gradient.</summary>
    private sealed unsafe class Slot : IDisposable
    {
        private readonly Parameter _parameter;
        private readonly Tensor _master;
        private readonly Tensor _first;
        private readonly Tensor _second;
        private readonly Tensor _gradient;
        private readonly Tensor _steps;
        private readonly bool _ownsMaster;

        public Slot(Parameter parameter)
        {
            using var frozen = no_grad();
            var value = parameter.Value;
            if (value.device_type != DeviceType.CPU)
            {
                throw new NotSupportedException($"{parameter.Name} is on {value.device}: these kernels run on the CPU");
            }

            using var scope = NewDisposeScope();
            _parameter = parameter;
            _ownsMaster = value.dtype != ScalarType.Float32;
            _master = _ownsMaster ? value.detach().to(ScalarType.Float32).DetachFromDisposeScope() : value;
            _first = zeros(value.shape).DetachFromDisposeScope();
            _second = zeros(value.shape).DetachFromDisposeScope();
            _gradient = zeros(value.shape).DetachFromDisposeScope();
            _steps = zeros(1).DetachFromDisposeScope();
            Count = value.numel();
        }

        public long Count { get; }

        public double RateFactor => _parameter.RateFactor;

        /// <summary>Whether a backward pass since the last step gave a gradient.</summary>
        public bool HasGradient { get; private set; }

        /// <summary>Only matrices decay.</summary>
        public bool Decays => _parameter.Value.dim() > 1;

        public IEnumerable<KeyValuePair<string, Tensor>> State =>
        [
            new("master." + _parameter.StateName, _master),
            new("first." + _parameter.StateName, _first),
            new("second." + _parameter.StateName, _second),
            new("steps." + _parameter.StateName, _steps),
        ];

        /// <summary>Counts a step of this parameter; how many it has had.</summary>
        public long CountStep() => (long)++*TensorMemory.Pointer<float>(_steps); // Exact up to 16 million.

        public void Accumulate(Tensor gradient)
        {
            HasGradient = true;
            using var scope = NewDisposeScope();
            var own = gradient.contiguous();
            var target = TensorMemory.Pointer<float>(_gradient);
            if (own.dtype == ScalarType.Float32)
            {
                var source = TensorMemory.Pointer<float>(own);
                Each((first, count) => RowKernels.Accumulate<float, Single32>(source + first, target + first, count));
            }
            else
            {
                var source = TensorMemory.Pointer<ushort>(own);
                Each((first, count) => RowKernels.Accumulate<ushort, Brain16>(source + first, target + first, count));
            }
        }

        public double SquaredGradient()
        {
            var source = TensorMemory.Pointer<float>(_gradient);
            return Sum((first, count) => AdamKernel.SumOfSquares(source + first, count));
        }

        public (double Squares, long Changed) Update(AdamStep step)
        {
            var master = TensorMemory.Pointer<float>(_master);
            var gradient = TensorMemory.Pointer<float>(_gradient);
            var first = TensorMemory.Pointer<float>(_first);
            var second = TensorMemory.Pointer<float>(_second);
            _parameter.MarkChanged();
            if (_ownsMaster)
            {
                var squares = Sum((at, count) =>
                    AdamKernel.Update(master + at, gradient + at, first + at, second + at, count, step));
                return (squares, Publish());
            }

            var changed = 0L;
            var moved = Sum((at, count) =>
            {
                var before = new ReadOnlySpan<float>(master + at, (int)count).ToArray();
                var squares = AdamKernel.Update(master + at, gradient + at, first + at, second + at, count, step);
                Interlocked.Add(ref changed, Different(before, new ReadOnlySpan<float>(master + at, (int)count)));
                return squares;
            });
            return (moved, changed);
        }

        /// <summary>Rounds the masters into the computing weights; how many of those changed.</summary>
        private long Publish()
        {
            if (!_ownsMaster)
            {
                return 0;
            }

            var master = TensorMemory.Pointer<float>(_master);
            var compute = TensorMemory.Pointer<ushort>(_parameter.Value);
            return (long)Sum((first, count) => AdamKernel.Publish(master + first, compute + first, count));
        }

        public void Restored()
        {
            _parameter.MarkChanged();
            Publish();
        }

        public void Clear()
        {
            HasGradient = false;
            _gradient.zero_();
        }

        public void Dispose()
        {
            _first.Dispose();
            _second.Dispose();
            _gradient.Dispose();
            _steps.Dispose();
            if (_ownsMaster)
            {
                _master.Dispose();
            }
        }

        private void Each(Action<long, long> body) =>
            CpuKernels.Workers.For((int)((Count + Stretch - 1) / Stretch), i =>
                body(i * Stretch, Math.Min(Stretch, Count - (i * Stretch))));

        /// <summary>Sums over stretches of fixed size, so that the threads do not change the order.</summary>
        private double Sum(Func<long, long, double> body)
        {
            var parts = new double[(Count + Stretch - 1) / Stretch];
            CpuKernels.Workers.For(parts.Length, i =>
                parts[i] = body(i * Stretch, Math.Min(Stretch, Count - (i * Stretch))));
            return parts.Sum();
        }
    }
}
