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
    private readonly RankGroup _ranks;
    private readonly Slot[] _slots;
    private readonly int[] _firstStretch; // Of each slot, and of all there are.
    private readonly int[] _firstOwned; // Of each rank, and of all there are.

    public RankedAdam(IReadOnlyList<Parameter> parameters, AdamWOptions options, RankGroup ranks)
    {
        _options = options;
        _ranks = ranks;
        _firstStretch = new int[parameters.Count + 1];
        for (var i = 0; i < parameters.Count; i++)
        {
            _firstStretch[i + 1] = _firstStretch[i] + checked((int)((parameters[i].Count + Stretch - 1) / Stretch));
        }

        var all = _firstStretch[^1];
        _firstOwned = [.. Enumerable.Range(0, ranks.Size + 1).Select(rank => (int)((long)all * rank / ranks.Size))];
        _slots = [.. parameters.Select((parameter, i) => new Slot(parameter, Owned(i, parameter.Count, ranks.Rank)))];
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
    public void Accumulate()
    {
        var given = _ranks.Gather(_slots.Select(slot => slot.Gradient is null ? (byte)0 : (byte)1).ToArray());
        using var scope = NewDisposeScope();
        Tensor?[] gradients = [.. _slots.Select(slot => slot.Gradient?.contiguous())];
        var send = new RankBuffer[_ranks.Size];
        for (var to = 0; to < send.Length; to++)
        {
            send[to] = _ranks.Outgoing(to, Bytes(given[_ranks.Rank], to));
            var at = send[to].Start;
            for (var i = 0; i < _slots.Length; i++)
            {
                if (gradients[i] is { } gradient)
                {
                    var (first, count) = Owned(i, _slots[i].Count, to);
                    var bytes = count * gradient.element_size();
                    Buffer.MemoryCopy(TensorMemory.Pointer<byte>(gradient) + (first * gradient.element_size()), (void*)at, bytes, bytes);
                    at += (nint)bytes;
                }
            }
        }

        var come = _ranks.Exchange(send);
        for (var from = 0; from < come.Length; from++) // The order of the micro-batches that they had.
        {
            var at = come[from].Start;
            for (var i = 0; i < _slots.Length; i++)
            {
                if (given[from][i] != 0)
                {
                    at += (nint)_slots[i].Add((void*)at);
                }
            }
        }

        for (var i = 0; i < _slots.Length; i++)
        {
            _slots[i].HasGradient |= given.Any(flags => flags[i] != 0);
            _slots[i].Forget();
        }
    }

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

    /// <summary>What a rank owns of a parameter: where it begins, and how much it is.</summary>
    private (long First, long Count) Owned(int slot, long count, int rank)
    {
        var first = Math.Clamp((_firstOwned[rank] - _firstStretch[slot]) * Stretch, 0, count);
        var end = Math.Clamp((_firstOwned[rank + 1] - _firstStretch[slot]) * Stretch, 0, count);
        return (first, end - first);
    }

    /// <summary>Bytes of what a rank owns of the parameters with a gradient.</summary>
    private long Bytes(byte[] given, int rank) =>
        _slots.Select((slot, i) => given[i] == 0 ? 0 : Owned(i, slot.Count, rank).Count * slot.ElementSize).Sum();

    /// <summary>Sums of all stretches, added slot by slot in the one order.</summary>
    private double[] Everywhere(Func<Slot, double[]> own)
    {
        double[] parts = [.. _ranks.Gather<double>([.. _slots.SelectMany(own)]).SelectMany(part => part)];
        return [.. _slots.Select((_, i) => parts[_firstStretch[i].._firstStretch[i + 1]].Sum())];
    }

    /// <summary>Every rank's new weights go to all.</summary>
    private void Publish()
    {
        byte[] moved = [.. _slots.Select(slot => slot.HasGradient ? (byte)1 : (byte)0)];
        var own = _ranks.Outgoing(_ranks.Rank, Bytes(moved, _ranks.Rank));
        Each(_ranks.Rank, own.Start, (weights, at, bytes) => Buffer.MemoryCopy(weights, at, bytes, bytes));
        var come = _ranks.Exchange([.. Enumerable.Repeat(own, _ranks.Size)]);
        for (var from = 0; from < come.Length; from++)
        {
            Each(from, come[from].Start, (weights, at, bytes) => Buffer.MemoryCopy(at, weights, bytes, bytes));
        }

        void Each(int rank, nint at, Copy copy)
        {
            for (var i = 0; i < _slots.Length; i++)
            {
                if (moved[i] != 0)
                {
                    var (first, count) = Owned(i, _slots[i].Count, rank);
                    copy(TensorMemory.Pointer<byte>(_slots[i].Value) + (first * _slots[i].ElementSize), (void*)at, count * _slots[i].ElementSize);
                    at += (nint)(count * _slots[i].ElementSize);
                }
            }
        }
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

    private delegate void Copy(void* weights, void* at, long bytes);

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

        public Tensor? Gradient => _parameter.Value.grad;

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

        /// <summary>Adds what a micro-batch left of the owned; gives the bytes that it was.</summary>
        public long Add(void* gradient)
        {
            var target = TensorMemory.Pointer<float>(_sum);
            if (IsMaster)
            {
                Each((at, count) => RowKernels.Accumulate<float, Single32>((float*)gradient + at, target + at, count));
            }
            else
            {
                Each((at, count) => RowKernels.Accumulate<ushort, Brain16>((ushort*)gradient + at, target + at, count));
            }

            return _count * ElementSize;
        }

        /// <summary>Clears the gradient of the last backward pass.</summary>
        public void Forget()
        {
            var gradient = _parameter.Value.grad;
            _parameter.Value.grad = null;
            gradient?.Dispose();
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
