using Reft.Models;
using Reft.Numerics;
using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Generation;

/// <summary>A sequence that is being decoded.</summary>
/// <param name="Slot">Its slot of the cache.</param>
/// <param name="Token">Its last token, which is not cached yet.</param>
/// <param name="Position">That token's position.</param>
internal readonly record struct DecodedRow(int Slot, int Token, int Position);

/// <summary>
/// Decode steps whose tokens, positions and places stay on the device: a step sends uniform numbers up and tokens with their log-probabilities
/// down. Where GPUs record graphs, a step is recorded once for every size that is used for long, and then takes one call.
/// </summary>
internal sealed class DeviceSteps : IDisposable
{
    private readonly Decoder _decoder;
    private readonly TensorCache _cache;
    private readonly LibraryDraws _draws;
    private readonly int _slots;
    private readonly int _length;
    private readonly bool _records;
    private readonly Dictionary<int, Step> _steps = [];
    private int[] _held = [];

    /// <summary>Prepares steps.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="cache">Its cache, with one slot more than are decoded: rows that fill a size up live there.</param>
    /// <param name="options">How tokens are drawn.</param>
    /// <param name="slots">How many sequences at once.</param>
    /// <param name="length">The slots' length.</param>
    public DeviceSteps(Decoder decoder, TensorCache cache, SamplingOptions options, int slots, int length)
    {
        _decoder = decoder;
        _cache = cache;
        _draws = new LibraryDraws(options);
        _slots = slots;
        _length = length;
        _records = decoder.Device.IsCuda && CudaGraph.IsUsable;
    }

    /// <summary>Caches every row's last token and draws its next one.</summary>
    /// <param name="rows">The rows, by ascending slot.</param>
    /// <param name="draws">Each row's hash; uniform.</param>
    /// <param name="tokens">Gets the tokens.</param>
    /// <param name="logProbs">Gets their log-probabilities.</param>
    public void Draw(DecodedRow[] rows, ReadOnlySpan<ulong> draws, Span<int> tokens, Span<float> logProbs)
    {
        var size = Size(rows.Length, _slots);
        if (!_steps.TryGetValue(size, out var step))
        {
            _steps[size] = step = new Step(this, size);
        }

        // Who stays is on the device already, one token further.
        int[] held = [size, .. rows.Select(row => row.Slot)];
        step.Send(rows, draws, isNew: !held.AsSpan().SequenceEqual(_held));
        _held = held;
        step.Run();
        LibraryDraws.Read(step.Output, tokens, logProbs);
    }

    /// <summary>Says that rows have come that no step has seen, into slots that others may have had.</summary>
    public void Forget() => _held = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var step in _steps.Values)
        {
            step.Dispose();
        }
    }

    /// <summary>The size of a step for so many rows: few sizes, each at most a third too large, so that few graphs are recorded.</summary>
    internal static int Size(int rows, int slots)
    {
        var size = 1;
        while (size < rows)
        {
            size = size % 3 == 0 ? size / 3 * 4 : size >= 16 ? size / 2 * 3 : size * 2;
        }

        return Math.Min(size, slots);
    }

    /// <summary>The step of one size, with the tensors that it reads and writes.</summary>
    private sealed class Step : IDisposable
    {
        // Steps before one is recorded: libraries set themselves up in the first ones, and a size that passes by is not worth it.
        private const int Unrecorded = 3;

        private readonly DeviceSteps _owner;
        private readonly int _size;
        private readonly Tensor _tokens;
        private readonly Tensor _positions;
        private readonly Tensor _uniform;
        private readonly Tensor _staged;
        private readonly CachePlaces _places;
        private readonly TokenBatch _batch;
        private CudaGraph? _graph;
        private int _done;

        public Step(DeviceSteps owner, int size)
        {
            _owner = owner;
            _size = size;
            var device = owner._decoder.Device.Torch;
            _tokens = Whole(size);
            _positions = Whole(size);
            _uniform = zeros(size, dtype: ScalarType.Float64, device: device).DetachFromDisposeScope();
            var staged = zeros(size, dtype: ScalarType.Float64);
            _staged = (owner._decoder.Device.IsCuda ? staged.pin_memory() : staged.alias()).DetachFromDisposeScope();
            staged.Dispose();
            Output = zeros(2, size, dtype: ScalarType.Float64, device: device).DetachFromDisposeScope();
            _places = new CachePlaces(
                Whole(size), tensor(Enumerable.Range(0, size + 1).ToArray(), device: device).DetachFromDisposeScope(),
                zeros(size + 1, dtype: ScalarType.Int32, device: device).DetachFromDisposeScope(),
                zeros(size, dtype: ScalarType.Int32, device: device).DetachFromDisposeScope(), owner._length);
            _batch = TokenBatch.OnDevice(_tokens, _positions);

            Tensor Whole(long count) => zeros(count, dtype: ScalarType.Int64, device: device).DetachFromDisposeScope();
        }

        /// <summary>Tokens and log-probabilities [2, size], float64.</summary>
        public Tensor Output { get; }

        /// <summary>Sends what the device does not know.</summary>
        public unsafe void Send(DecodedRow[] rows, ReadOnlySpan<ulong> draws, bool isNew)
        {
            using var scope = NewDisposeScope();
            var uniform = (double*)Numerics.Kernels.TensorMemory.Pointer<double>(_staged);
            for (var i = 0; i < draws.Length; i++)
            {
                uniform[i] = CounterRandom.ToUnit(draws[i]);
            }

            // The host writes this memory again only after it has read the step's result.
            _uniform.copy_(_staged, true);
            if (!isNew)
            {
                return;
            }

            var (length, spare) = (_owner._length, _owner._slots);
            var all = Enumerable.Range(0, _size).Select(i => i < rows.Length ? rows[i] : new DecodedRow(spare, 0, 0)).ToArray();
            _tokens.copy_(tensor(all.Select(row => (long)row.Token).ToArray()));
            _positions.copy_(tensor(all.Select(row => (long)row.Position).ToArray()));
            _places.Rows.copy_(tensor(all.Select(row => ((long)row.Slot * length) + row.Position).ToArray()));
            _places.Slots!.copy_(tensor([.. all.Select(row => row.Slot * length), (spare + 1) * length])); // Steps have all four.
            _places.Used!.copy_(tensor(all.Select(row => row.Position + 1).ToArray()));
        }

        public void Run()
        {
            if (_graph is not null)
            {
                _graph.Replay();
                return;
            }

            if (_owner._records && _done >= Unrecorded)
            {
                _graph = CudaGraph.Record(Compute);
                _graph.Replay();
                return;
            }

            Compute();
            _done++;
        }

        public void Dispose()
        {
            _graph?.Dispose();
            foreach (var owned in new[] { _tokens, _positions, _uniform, _staged, Output, _places.Rows, _places.Starts!, _places.Slots!, _places.Used! })
            {
                owned.Dispose();
            }
        }

        private void Compute()
        {
            using var scope = NewDisposeScope();
            _owner._cache.Use(_batch, _places);
            var logits = _owner._decoder.Logits(_owner._decoder.Hidden(_batch, _owner._cache));
            Output.copy_(_owner._draws.On(logits, _uniform));
            _tokens.copy_(Output.select(0, 0));
            _positions.Shift(1);
            _places.Rows.Shift(1);
            _places.Used!.Shift(1);
        }
    }
}
