using System.Diagnostics;
using Reft.Models;
using Reft.Numerics;
using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Generation;

/// <summary>
/// Completes prompts in batches over a key/value cache. Finished rows leave and waiting prompts take their place.
/// </summary>
/// <remarks>
/// The draws of sample i of problem p depend on (seed, step, p, i) alone, and on the CPU so do the logits, to the last
/// bit: a completion is the same whatever the number of slots, the order of the requests or its neighbours.
/// </remarks>
public sealed class CompletionGenerator
{
    // Prompt tokens that one prefill takes at most, besides its first prompt: bounds the memory of activations.
    private const int PrefillTokens = 4096;

    // A GPU is busy with more only.
    private const int DevicePrefillTokens = 1 << 14;

    private readonly Decoder _decoder;
    private readonly int _slots;

    /// <summary>Makes a generator.</summary>
    /// <param name="decoder">The policy.</param>
    /// <param name="slots">How many sequences are decoded at once, at least 1.</param>
    public CompletionGenerator(Decoder decoder, int slots)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        _decoder = decoder;
        _slots = slots;
    }

    /// <summary>The most tokens of a prompt and its completion.</summary>
    internal int Context => _decoder.Config.MaxPositions;

    /// <summary>Completes every request.</summary>
    /// <param name="requests">The requests; prompts may differ in length.</param>
    /// <param name="options">How tokens are drawn.</param>
    /// <param name="step">The training step; part of the key of the random draws.</param>
    /// <param name="onToken">Told of every token (index of the request, token) as it is drawn; null for nobody.</param>
    /// <param name="cancellation">Stops between two decode steps.</param>
    /// <returns>One completion for each request, in their order.</returns>
    /// <exception cref="InputException">An option is wrong, or a prompt is empty or fills the context.</exception>
    public IReadOnlyList<Completion> Generate(
        IReadOnlyList<GenerationRequest> requests,
        SamplingOptions options,
        ulong step,
        Action<int, int>? onToken = null,
        CancellationToken cancellation = default)
    {
        Whole.Of(options);
        Check(requests);
        if (requests.Count == 0)
        {
            return [];
        }

        using var frozen = inference_mode();
        using var scope = NewDisposeScope();
        using var prepared = _decoder.Prepare();
        using var quick = Determinism.Off(_decoder.Device);
        using var stream = _decoder.Device.IsCuda && CudaGraph.IsUsable ? new CudaGraph.SideStream(_decoder.Device.Index!.Value) : null; // GPUs have one.
        var slots = Math.Min(_slots, requests.Count);
        var length = requests.Max(r => r.Prompt.Length + Math.Min(options.MaxTokens, _decoder.Config.MaxPositions - r.Prompt.Length));
        // A spare slot, for rows that fill up a step on a device.
        using var cache = KeyValueCache.Create(_decoder, _decoder.Device.HasKernels ? slots : slots + 1, length);
        using var steps = !_decoder.Device.HasKernels && cache is TensorCache own ? new DeviceSteps(_decoder, own, options, slots, length) : null;
        var run = new Run(_decoder, cache, steps, requests, options, step, slots, onToken);
        while (run.Admit() || run.HasActive)
        {
            cancellation.ThrowIfCancellationRequested();
            run.Decode();
        }

        return run.Completions;
    }

    private void Check(IReadOnlyList<GenerationRequest> requests)
    {
        foreach (var request in requests)
        {
            if (request.Prompt.Length == 0)
            {
                throw new InputException($"the prompt of problem {request.Problem} is empty: it needs at least one token");
            }

            if (request.Prompt.Length >= _decoder.Config.MaxPositions)
            {
                throw new InputException(
                    $"a prompt of {request.Prompt.Length} tokens leaves no room in the model's context of " +
                    $"{_decoder.Config.MaxPositions}: shorten it to {_decoder.Config.MaxPositions - 1} tokens or fewer");
            }

            var wrong = Array.Find(request.Prompt, t => t < 0 || t >= _decoder.Config.VocabularySize);
            if (wrong != 0)
            {
                throw new InputException(
                    $"the prompt holds token {wrong}, outside the model's vocabulary of {_decoder.Config.VocabularySize}");
            }
        }
    }

    /// <summary>The state of one call of <see cref="Generate"/>.</summary>
    private sealed class Run
    {
        private readonly Decoder _decoder;
        private readonly KeyValueCache _cache;
        private readonly IReadOnlyList<GenerationRequest> _requests;
        private readonly SamplingOptions _options;
        private readonly ulong _step;
        private readonly Action<int, int>? _onToken;
        private readonly Completion?[] _completions;
        private readonly Stack<int> _free;
        private readonly List<Row> _active = [];
        private readonly ITokenDraws _draws;
        private readonly DeviceSteps? _steps;
        private readonly HashSet<int> _stops;
        private int _waiting;

        public Run(
            Decoder decoder, KeyValueCache cache, DeviceSteps? steps, IReadOnlyList<GenerationRequest> requests, SamplingOptions options,
            ulong step, int slots, Action<int, int>? onToken)
        {
            _steps = steps;
            _draws = steps is null ? new KernelDraws(options) : new LibraryDraws(options);
            _decoder = decoder;
            _cache = cache;
            _requests = requests;
            _options = options;
            _step = step;
            _onToken = onToken;
            _completions = new Completion?[requests.Count];
            _free = new Stack<int>(Enumerable.Range(0, slots).Reverse());
            _stops = [.. options.StopTokens];
        }

        public bool HasActive => _active.Count > 0;

        public IReadOnlyList<Completion> Completions => [.. _completions.Select(c => c ?? throw new UnreachableException())];

        /// <summary>Gives waiting prompts the free slots, and draws their first tokens; false if there were none.</summary>
        public bool Admit()
        {
            var rows = new List<Row>();
            var tokens = 0;
            var most = _steps is null ? PrefillTokens : DevicePrefillTokens;
            while (_free.Count > 0 && _waiting < _requests.Count
                && (rows.Count == 0 || tokens + _requests[_waiting].Prompt.Length <= most))
            {
                var request = _requests[_waiting];
                rows.Add(new Row(_waiting++, request, _free.Pop(), _options.MaxTokens));
                tokens += request.Prompt.Length;
            }

            if (rows.Count == 0)
            {
                return false;
            }

            _active.AddRange(rows);
            _steps?.Forget();
            Advance(rows, new TokenBatch([.. rows.Select(r => r.Request.Prompt)]));
            return true;
        }

        /// <summary>Draws one more token for every active row.</summary>
        public void Decode()
        {
            if (_active.Count == 0)
            {
                return;
            }

            if (_steps is not null)
            {
                DecodeOnDevice(_steps);
                return;
            }

            var rows = _active.ToList();
            var batch = new TokenBatch(
                [.. rows.Select(r => new[] { r.Tokens[^1] })],
                [.. rows.Select(r => r.Request.Prompt.Length + r.Tokens.Count - 1)]);
            Advance(rows, batch);
        }

        private void Advance(List<Row> rows, TokenBatch batch)
        {
            using var scope = NewDisposeScope();
            _cache.Use([.. rows.Select(r => r.Slot)]);
            var hidden = _decoder.Hidden(batch, _cache, batch.Count > rows.Count ? batch.LastIndices() : null);
            var logits = _decoder.Logits(hidden);
            Take(rows, (draws, tokens, logProbs) => _draws.Draw(logits, draws, tokens, logProbs));
        }

        /// <summary>One step of rows that are on the device, by ascending slot.</summary>
        private void DecodeOnDevice(DeviceSteps steps)
        {
            var rows = _active.OrderBy(row => row.Slot).ToList();
            var decoded = rows.Select(r => new DecodedRow(r.Slot, r.Tokens[^1], r.Request.Prompt.Length + r.Tokens.Count - 1)).ToArray();
            Take(rows, (draws, tokens, logProbs) => steps.Draw(decoded, draws, tokens, logProbs));
        }

        /// <summary>Draws a token for every row, and ends those that are complete.</summary>
        private void Take(List<Row> rows, Action<ulong[], int[], float[]> draw)
        {
            var draws = rows.Select(row => CounterRandom.Hash(
                CounterRandom.Hash(_options.Seed, _step, row.Request.Problem), (ulong)row.Request.Sample, (ulong)row.Tokens.Count)).ToArray();
            var (tokens, logProbs) = (new int[rows.Count], new float[rows.Count]);
            draw(draws, tokens, logProbs);
            for (var i = 0; i < rows.Count; i++)
            {
                rows[i].Tokens.Add(tokens[i]);
                rows[i].LogProbs.Add(logProbs[i]);
                _onToken?.Invoke(rows[i].Index, tokens[i]);
                Finish(rows[i]);
            }
        }

        private void Finish(Row row)
        {
            var stopped = _stops.Contains(row.Tokens[^1]);
            var full = row.Tokens.Count >= _options.MaxTokens
                || row.Request.Prompt.Length + row.Tokens.Count >= _decoder.Config.MaxPositions;
            if (!stopped && !full)
            {
                return;
            }

            _active.Remove(row);
            _free.Push(row.Slot);
            _completions[row.Index] = new Completion(
                row.Request, [.. row.Tokens], [.. row.LogProbs], stopped ? FinishReason.Stop : FinishReason.Length);
        }
    }

    private sealed class Row(int index, GenerationRequest request, int slot, int maxTokens)
    {
        public int Index => index;

        public GenerationRequest Request => request;

        public int Slot => slot;

        public List<int> Tokens { get; } = new(Math.Min(maxTokens, 512));

        public List<float> LogProbs { get; } = new(Math.Min(maxTokens, 512));
    }
}
