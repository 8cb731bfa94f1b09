using System.Diagnostics;
using Reft.Models;
using Reft.Numerics;
using Reft.Numerics.Kernels;
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
        var errors = options.Validate("");
        if (errors.Count > 0)
        {
            throw new InputException(string.Join("; ", errors));
        }

        Check(requests);
        if (requests.Count == 0)
        {
            return [];
        }

        using var frozen = inference_mode();
        using var scope = NewDisposeScope();
        using var prepared = _decoder.Prepare();
        var slots = Math.Min(_slots, requests.Count);
        var length = requests.Max(r => r.Prompt.Length + Math.Min(options.MaxTokens, _decoder.Config.MaxPositions - r.Prompt.Length));
        using var cache = KeyValueCache.Create(_decoder, slots, length);
        var run = new Run(_decoder, cache, requests, options, step, slots, onToken);
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
        private readonly Lock _samplersLock = new();
        private readonly Stack<Sampler> _samplers = [];
        private readonly HashSet<int> _stops;
        private int _waiting;

        public Run(
            Decoder decoder, KeyValueCache cache, IReadOnlyList<GenerationRequest> requests, SamplingOptions options,
            ulong step, int slots, Action<int, int>? onToken)
        {
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
            while (_free.Count > 0 && _waiting < _requests.Count
                && (rows.Count == 0 || tokens + _requests[_waiting].Prompt.Length <= PrefillTokens))
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
            Draw(rows, _decoder.Logits(hidden).cpu().contiguous());
            for (var i = 0; i < rows.Count; i++)
            {
                _onToken?.Invoke(rows[i].Index, rows[i].Tokens[^1]);
                Finish(rows[i]);
            }
        }

        private unsafe void Draw(List<Row> rows, Tensor logits)
        {
            var vocabulary = (int)logits.shape[1];
            var data = TensorMemory.Pointer<float>(logits);
            CpuKernels.Workers.For(rows.Count, i =>
            {
                var row = rows[i];
                var sampler = Rent(vocabulary);
                var key = CounterRandom.Hash(_options.Seed, _step, row.Request.Problem);
                var draw = CounterRandom.Hash(key, (ulong)row.Request.Sample, (ulong)row.Tokens.Count);
                row.Tokens.Add(sampler.Draw(data + ((long)i * vocabulary), vocabulary, draw, out var logProb));
                row.LogProbs.Add(logProb);
                Return(sampler);
            });
        }

        private Sampler Rent(int vocabulary)
        {
            lock (_samplersLock)
            {
                return _samplers.Count > 0 ? _samplers.Pop() : new Sampler(_options, vocabulary);
            }
        }

        private void Return(Sampler sampler)
        {
            lock (_samplersLock)
            {
                _samplers.Push(sampler);
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
