using Reft.Models;
using Reft.Numerics.Kernels;
using Reft.Ranks;
using static TorchSharp.torch;

namespace Reft.Training;

/// <summary>
/// AdamW shared out: each rank keeps the masters, moments and summed gradients of a stretch of the parameters, which is the same arithmetic in the
/// same order as <see cref="KernelAdam"/>'s, for any number of ranks. Gradients go to who owns them, and are added there in the micro-batches'
/// order; weights come back. All ranks make every call together.
/// </summary>
internal sealed unsafe class RankedAdam : IAdam
{
    private const long Stretch = KernelAdam.Stretch; // The same sums.

    private readonly AdamWOptions _options;
    private readonly GradientExchange _exchange;
    private readonly RankGroup _ranks;
    private readonly Slot[] _slots;

    public RankedAdam(IReadOnlyList<Parameter> parameters, AdamWOptions options, RankGroup ranks)
    {
        _options = options;
        _ranks = ranks;
        _exchange = new GradientExchange(parameters, ranks);
        _slots = [.. parameters.Select((parameter, i) => new Slot(parameter, _exchange.Owned(i, ranks.Rank)))];
    }

    /// <summary>The whole tensors, put together on the first rank; the others give theirs, and get nothing that is to be read.</summary>
    public IEnumerable<KeyValuePair<string, Tensor>> State
    {
        get
        {
            for (var i = 0; i < _slots.Length; i++)
            {
                var slot = _slots[i];
                yield return new("master." + slot.Name, slot.IsMaster ? slot.Value : Put(i, slot.Master));
                yield return new("first." + slot.Name, Put(i, slot.First));
                yield return new("second." + slot.Name, Put(i, slot.Second));
                yield return new("steps." + slot.Name, slot.Steps);
            }
        }
    }

    /// <inheritdoc/>
    public void Accumulate(IReadOnlyList<Tensor?> gradients) => Mark(_exchange.Send(gradients, Add));

    /// <inheritdoc/>
    public void Accumulate(GradientTree tree) => Mark(_exchange.Send(tree, Add));

    /// <inheritdoc/>
    public StepReport Step(double learningRate)
    {
        var norm = Math.Sqrt(Everywhere(slot => slot.SquaredGradient()).Sum());
        if (!double.IsFinite(norm))
        {
            Clear();
            return new StepReport(norm, 0, 0, Skipped: true);
        }

        var changed = 0L;
        var squares = Everywhere(slot =>
        {
            if (!slot.HasGradient)
            {
                return slot.Zeros();
            }

            var (parts, count) = slot.Update(
                KernelAdam.Coefficients(_options, norm, learningRate * slot.RateFactor, slot.Decays, slot.CountStep()));
            changed += count;
            return parts;
        });
        var moved = 0.0;
        for (var i = 0; i < _slots.Length; i++)
        {
            moved += _slots[i].HasGradient ? squares[i] : 0;
        }

        var all = _ranks.Gather<long>([changed]).Sum(part => part[0]);
        Publish();
        Clear();
        return new StepReport(norm, Math.Sqrt(moved), (double)all / _slots.Sum(s => s.Count), Skipped: false);
    }

    /// <inheritdoc/>
    public void Restore(Func<string, Tensor> saved)
    {
        foreach (var slot in _slots)
        {
            slot.Restore(saved);
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

    private void Add(int from, int parameter, nint at, int elementSize) => _slots[parameter].Add((void*)at, elementSize);

    private void Mark(bool[] given)
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            _slots[i].HasGradient |= given[i];
        }
    }

    /// <summary>Sums of all stretches, added slot by slot in the one order.</summary>
    private double[] Everywhere(Func<Slot, double[]> own)
    {
        double[] parts = [.. _ranks.Gather<double>([.. _slots.SelectMany(own)]).SelectMany(part => part)];
        return [.. _slots.Select((_, i) => parts[_exchange.Stretches(i)].Sum())];
    }

    /// <summary>Every rank's new weights go to all.</summary>
    private void Publish()
    {
        nint Place(int i, long first) => (nint)TensorMemory.Pointer<byte>(_slots[i].Value) + (nint)(first * _slots[i].ElementSize);

        _exchange.Publish(
            [.. _slots.Select(slot => slot.HasGradient)], i => _slots[i].ElementSize, i => Place(i, _exchange.Owned(i, _ranks.Rank).First), Place);
    }

    /// <summary>The whole of what ranks have parts of; the first rank's is whole.</summary>
    private Tensor Put(int slot, Tensor own)
    {
        var none = new RankBuffer(0, 0);
        var part = new RankBuffer((nint)TensorMemory.Pointer<byte>(own), own.numel() * sizeof(float));
        var come = _ranks.Exchange([.. Enumerable.Range(0, _ranks.Size).Select(to => to == 0 ? part : none)]);
        if (!_ranks.IsFirst)
        {
            return own;
        }

        var whole = empty(_slots[slot].Value.shape, ScalarType.Float32);
        var at = TensorMemory.Pointer<byte>(whole);
        foreach (var piece in come)
        {
            Buffer.MemoryCopy((void*)piece.Start, at, piece.Bytes, piece.Bytes);
            at += piece.Bytes;
        }

        return whole;
    }

    private void Clear()
    {
        using var scope = NewDisposeScope(); // In-place operations return a second handle.
        foreach (var slot in _slots)
        {
            slot.Clear();
        }
    }

    /// <summary>What this rank owns of one parameter.</summary>
    private sealed class Slot : IDisposable
    {
        private readonly Parameter _parameter;
        private readonly long _first;
        private readonly long _count;
        private readonly Tensor? _ownMaster; // Of what this rank owns; null where the weights themselves are the masters.
        private readonly Tensor _sum;

        public Slot(Parameter parameter, (long First, long Count) owned)
        {
            using var frozen = no_grad();
            using var scope = NewDisposeScope();
            _parameter = parameter;
            (_first, _count) = owned;
            var value = parameter.Value;
            IsMaster = value.dtype == ScalarType.Float32;
            _ownMaster = IsMaster ? null : Part(value.detach()).to(ScalarType.Float32).clone().DetachFromDisposeScope();
            First = zeros(_count).DetachFromDisposeScope();
            Second = zeros(_count).DetachFromDisposeScope();
            _sum = zeros(_count).DetachFromDisposeScope();
            Steps = zeros(1).DetachFromDisposeScope();
        }

        public string Name => _parameter.StateName;

        public Tensor Value => _parameter.Value;

        public long Count => _parameter.Count;

        public long ElementSize => _parameter.Value.element_size();

        public double RateFactor => _parameter.RateFactor;

        public bool IsMaster { get; }

        public Tensor Master => _ownMaster!; // Asked for where the weights are not.

        public Tensor First { get; }

        public Tensor Second { get; }

        public Tensor Steps { get; }

        public bool HasGradient { get; set; }

        /// <summary>Only matrices decay.</summary>
        public bool Decays => _parameter.Value.dim() > 1;

        /// <summary>Counts a step of this parameter; how many it has had.</summary>
        public long CountStep() => (long)++*TensorMemory.Pointer<float>(Steps); // Exact up to 16 million.

        /// <summary>Adds what a micro-batch left of the owned.</summary>
        public void Add(void* gradient, int elementSize)
        {
            var target = TensorMemory.Pointer<float>(_sum);
            if (elementSize != sizeof(float))
            {
                Each((at, count) => RowKernels.Accumulate<ushort, Brain16>((ushort*)gradient + at, target + at, count));
            }
            else
            {
                Each((at, count) => RowKernels.Accumulate<float, Single32>((float*)gradient + at, target + at, count));
            }
        }

        public double[] SquaredGradient()
        {
            var source = TensorMemory.Pointer<float>(_sum);
            return Parts((at, count) => AdamKernel.SumOfSquares(source + at, count));
        }

        public double[] Zeros() => new double[(_count + Stretch - 1) / Stretch];

        public (double[] Squares, long Changed) Update(AdamStep step)
        {
            _parameter.MarkChanged();
            if (_count == 0)
            {
                return ([], 0);
            }

            var gradient = TensorMemory.Pointer<float>(_sum);
            var first = TensorMemory.Pointer<float>(First);
            var second = TensorMemory.Pointer<float>(Second);
            var changed = 0L;
            if (!IsMaster)
            {
                var own = TensorMemory.Pointer<float>(_ownMaster!);
                var compute = (ushort*)TensorMemory.Pointer<byte>(_parameter.Value) + _first;
                var squares = Parts((at, count) => AdamKernel.Update(own + at, gradient + at, first + at, second + at, count, step));
                Parts((at, count) =>
                {
                    Interlocked.Add(ref changed, AdamKernel.Publish(own + at, compute + at, count));
                    return 0;
                });
                return (squares, changed);
            }

            var master = (float*)TensorMemory.Pointer<byte>(_parameter.Value) + _first;
            var moved = Parts((at, count) =>
            {
                var before = new ReadOnlySpan<float>(master + at, (int)count).ToArray();
                var squares = AdamKernel.Update(master + at, gradient + at, first + at, second + at, count, step);
                Interlocked.Add(ref changed, KernelAdam.Different(before, new ReadOnlySpan<float>(master + at, (int)count)));
                return squares;
            });
            return (moved, changed);
        }

        public void Restore(Func<string, Tensor> saved)
        {
            using var scope = NewDisposeScope();
            var master = saved("master." + Name);
            _parameter.MarkChanged();
            if (IsMaster)
            {
                _parameter.Value.copy_(master);
            }
            else
            {
                var whole = master.contiguous();
                AdamKernel.Publish(TensorMemory.Pointer<float>(whole), TensorMemory.Pointer<ushort>(_parameter.Value), Count);
            }

            _ownMaster?.copy_(Part(master));
            First.copy_(Part(saved("first." + Name)));
            Second.copy_(Part(saved("second." + Name)));
            Steps.copy_(saved("steps." + Name));
        }

        public void Clear()
        {
            HasGradient = false;
            _sum.zero_();
        }

        public void Dispose()
        {
            _ownMaster?.Dispose();
            First.Dispose();
            Second.Dispose();
            _sum.Dispose();
            Steps.Dispose();
        }

        private Tensor Part(Tensor whole) => whole.flatten().narrow(0, _first, _count);

        private void Each(Action<long, long> body) =>
            CpuKernels.Workers.For((int)((_count + Stretch - 1) / Stretch), i => body(i * Stretch, Math.Min(Stretch, _count - (i * Stretch))));

        private double[] Parts(Func<long, long, double> body)
        {
            var parts = Zeros();
            CpuKernels.Workers.For(parts.Length, i => parts[i] = body(i * Stretch, Math.Min(Stretch, _count - (i * Stretch))));
            return parts;
        }
    }
}
