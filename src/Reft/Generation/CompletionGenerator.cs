using System.Diagnostics;
using System.Runtime.InteropServices;
using Reft.Models;
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
    private readonly Decoder _decoder;
    private readonly int _slots;
    private readonly ICompletionSource? _elsewhere;

    /// <summary>Makes a generator.</summary>
    /// <param name="decoder">The policy.</param>
    /// <param name="slots">How many sequences are decoded at once, at least 1.</param>
    public CompletionGenerator(Decoder decoder, int slots)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        _decoder = decoder;
        _slots = slots;
    }

    /// <summary>Makes a generator whose completions another place draws.</summary>
    /// <param name="decoder">The policy: it says which prompts can be completed, and shares them out between its ranks.</param>
    /// <param name="slots">How many sequences are decoded at once where they are drawn here, at least 1.</param>
    /// <param name="elsewhere">Who draws; null for the policy itself, here.</param>
    internal CompletionGenerator(Decoder decoder, int slots, ICompletionSource? elsewhere)
        : this(decoder, slots) => _elsewhere = elsewhere;

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
        foreach (var request in requests)
        {
            Check(_decoder, request);
        }

        // A problem's samples share the pass over their prompt, so they stay together.
        var prompts = requests.Select(request => request.Problem).Distinct().Select((problem, place) => (problem, place)).ToDictionary();
        return _decoder.Ranks.Share(
            requests.Count, place => _decoder.Ranks.Of(prompts[requests[place].Problem]),
            own => Draw([.. own.Select(place => requests[place])], (place, token) => onToken?.Invoke(own[place], token)),
            Write, (place, reader) => Read(requests[place], reader));

        IReadOnlyList<Completion> Draw(IReadOnlyList<GenerationRequest> own, Action<int, int> told) =>
            _elsewhere?.Draw(own, options, step, told, cancellation) ?? DrawHere(own, options, step, told, cancellation);
    }

    /// <summary>Completes requests that <see cref="Generate"/> would take, by this process alone.</summary>
    internal Completion[] DrawHere(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options, ulong step, Action<int, int> onToken, CancellationToken cancellation)
    {
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
        var waiting = new Queue<DecodingRow>(requests.Select((request, index) => new IndexedRow(index, request, options, step)));
        var completions = new Completion[requests.Count];
        var watch = DecodeWatch.Current;
        using var batch = new DecodingBatch(_decoder, slots, length, Take, options);
        while (batch.Admit(waiting) || batch.HasActive)
        {
            cancellation.ThrowIfCancellationRequested();
            var (rows, since) = (batch.Active.Count, Stopwatch.GetTimestamp());
            batch.Decode();
            watch?.Steps.Add((rows, Stopwatch.GetElapsedTime(since).TotalSeconds));
        }

        return completions;

        void Take(DecodingRow row)
        {
            var index = ((IndexedRow)row).Index;
            onToken(index, row.Tokens[^1]);
            if (row.Finish is { } reason)
            {
                completions[index] = new Completion(row.Request, [.. row.Tokens], [.. row.LogProbs], reason);
            }
        }
    }

    /// <summary>Writes what was drawn; not what was asked.</summary>
    internal static void Write(Completion completion, BinaryWriter writer)
    {
        writer.Write(completion.Tokens.Length);
        writer.Write(MemoryMarshal.AsBytes(completion.Tokens.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(completion.LogProbs.AsSpan()));
        writer.Write((byte)completion.FinishReason);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static Completion Read(GenerationRequest request, BinaryReader reader)
    {
        var tokens = new int[reader.ReadInt32()];
        var logProbs = new float[tokens.Length];
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(tokens.AsSpan()));
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(logProbs.AsSpan()));
        return new Completion(request, tokens, logProbs, (FinishReason)reader.ReadByte());
    }

    /// <summary>Refuses prompts that the model cannot go on from.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="request">The request.</param>
    /// <exception cref="InputException">The prompt is empty, fills the context, or holds a token that the model has not.</exception>
    internal static void Check(Decoder decoder, GenerationRequest request)
    {
        if (request.Prompt.Length == 0)
        {
            throw new InputException($"the prompt of problem {request.Problem} is empty: it needs at least one token");
        }

        if (request.Prompt.Length >= decoder.Config.MaxPositions)
        {
            throw new InputException(
                $"a prompt of {request.Prompt.Length} tokens leaves no room in the model's context of " +
                $"{decoder.Config.MaxPositions}: shorten it to {decoder.Config.MaxPositions - 1} tokens or fewer");
        }

        var wrong = Array.Find(request.Prompt, t => t < 0 || t >= decoder.Config.VocabularySize);
        if (wrong != 0)
        {
            throw new InputException(
                $"the prompt holds token {wrong}, outside the model's vocabulary of {decoder.Config.VocabularySize}");
        }
    }

    private sealed class IndexedRow(int index, GenerationRequest request, SamplingOptions options, ulong step)
        : DecodingRow(request, options, step)
    {
        public int Index => index;
    }
}
