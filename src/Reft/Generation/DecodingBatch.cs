using Reft.Models;
using static TorchSharp.torch;

namespace Reft.Generation;

/// <summary>
/// A batch over a key/value cache that sequences join and leave between two decode steps, each with options of its own.
/// </summary>
/// <remarks>
/// A sequence's draws depend on its own seed, step, problem and sample alone, and on the CPU so do its logits, to the last bit: what it
/// becomes does not depend on who else is in the batch. One thread at a time, always the one that made it.
/// </remarks>
internal sealed class DecodingBatch : IDisposable
{
    // Prompt tokens that one prefill takes at most, besides its first prompt: bounds the memory of activations.
    private const int PrefillTokens = 4096;

    // A GPU is busy with more only.
    private const int DevicePrefillTokens = 1 << 14;

    private readonly Decoder _decoder;
    private readonly Action<DecodingRow> _onToken;
    private readonly KeyValueCache _cache;
    private readonly DeviceSteps? _steps;
    private readonly KernelDraws _draws = new();
    private readonly Stack<int> _free;
    private readonly int _latent;
    private readonly List<DecodingRow> _active = [];

    /// <summary>Allocates the slots.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="slots">How many sequences at once.</param>
    /// <param name="length">The most tokens of a prompt and its completion.</param>
    /// <param name="onToken">Told of every row that got a token; the row may have ended with it.</param>
    /// <param name="common">The options of all sequences where they share them, so that a GPU's steps can be recorded; null where each has its own.</param>
    public DecodingBatch(Decoder decoder, int slots, int length, Action<DecodingRow> onToken, SamplingOptions? common = null)
    {
        _decoder = decoder;
        _onToken = onToken;
        _latent = decoder.Slot is null ? 0 : 1;
        length += _latent;
        // A spare slot, for rows that fill up a step on a device.
        _cache = KeyValueCache.Create(decoder, decoder.Device.HasKernels ? slots : slots + 1, length);
        _steps = !decoder.Device.HasKernels && common is not null && _cache is TensorCache own
            ? new DeviceSteps(decoder, own, common, slots, length)
            : null;
        _free = new Stack<int>(Enumerable.Range(0, slots).Reverse());
    }

    /// <summary>How many sequences can join.</summary>
    public int Free => _free.Count;

    /// <summary>Whether any sequence is being decoded.</summary>
    public bool HasActive => _active.Count > 0;

    /// <summary>The sequences that are being decoded, in the order in which they came.</summary>
    public IReadOnlyList<DecodingRow> Active => _active;

    /// <summary>Gives the free slots to those that wait, in their order, and draws their first tokens.</summary>
    /// <param name="waiting">Who waits; who is admitted is taken out.</param>
    /// <returns>Whether anybody was admitted.</returns>
    public bool Admit(Queue<DecodingRow> waiting)
    {
        var rows = new List<DecodingRow>();
        var tokens = 0;
        var most = _decoder.Device.HasKernels ? PrefillTokens : DevicePrefillTokens;
        while (_free.Count > 0 && waiting.TryPeek(out var next) && (rows.Count == 0 || tokens + next.Request.Prompt.Length <= most))
        {
            next.Slot = _free.Pop();
            tokens += next.Request.Prompt.Length;
            rows.Add(waiting.Dequeue());
        }

        if (rows.Count == 0)
        {
            return false;
        }

        using var scope = NewDisposeScope();
        _active.AddRange(rows);
        _steps?.Forget();
        Advance(rows, _decoder.Slot is null ? new TokenBatch([.. rows.Select(r => r.Request.Prompt)]) : Think(_decoder.Slot, rows));
        return true;
    }

    /// <summary>Draws one more token for every sequence.</summary>
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
            [.. rows.Select(r => _latent + r.Request.Prompt.Length + r.Tokens.Count - 1)]);
        Advance(rows, batch);
    }

    /// <summary>Takes a sequence out before its end; its slot is free again.</summary>
    public void Leave(DecodingRow row)
    {
        if (_active.Remove(row))
        {
            _free.Push(row.Slot);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _steps?.Dispose();
        _cache.Dispose();
    }

    /// <summary>Caches what was asked, and gives the latent slots behind it with what was forced behind these.</summary>
    private TokenBatch Think(LatentSlot slot, List<DecodingRow> rows)
    {
        var prompts = new TokenBatch([.. rows.Select(r => r.Request.Prompt[..Asked(r)])]);
        _cache.Use([.. rows.Select(r => r.Slot)]);
        var made = slot.Forward(_decoder.Hidden(prompts, _cache), prompts, _decoder.Numerics);
        var behind = new TokenBatch([.. rows.Select(r => (int[])[0, .. r.Request.Prompt[Asked(r)..]])], [.. rows.Select(Asked)]);
        behind.Latents = new LatentTokens([.. behind.LastIndices().Select((last, b) => last + 1 - behind.Lengths[b])], made);
        return behind;

        static int Asked(DecodingRow row) => row.Request.Asked ?? row.Request.Prompt.Length;
    }

    private void Advance(List<DecodingRow> rows, TokenBatch batch)
    {
        using var scope = NewDisposeScope();
        _cache.Use([.. rows.Select(r => r.Slot)]);
        var hidden = _decoder.Hidden(batch, _cache, batch.Count > rows.Count ? batch.LastIndices() : null);
        var logits = _decoder.Logits(hidden);
        var drawn = new Drawn[rows.Count];
        RowDraw[] draws = [.. rows.Select(row => new RowDraw(row.Options, row.NextDraw, row.Likeliest))];
        if (_decoder.Device.HasKernels)
        {
            _draws.Draw(logits, draws, drawn);
        }
        else
        {
            LibraryDraws.Draw(logits, draws, drawn);
        }

        Take(rows, drawn);
    }

    /// <summary>One step of rows that are on the device, by ascending slot.</summary>
    private void DecodeOnDevice(DeviceSteps steps)
    {
        var rows = _active.OrderBy(row => row.Slot).ToList();
        var decoded = rows.Select(r => new DecodedRow(r.Slot, r.Tokens[^1], _latent + r.Request.Prompt.Length + r.Tokens.Count - 1)).ToArray();
        var (tokens, logProbs) = (new int[rows.Count], new float[rows.Count]);
        steps.Draw(decoded, [.. rows.Select(row => row.NextDraw)], tokens, logProbs);
        Take(rows, [.. tokens.Zip(logProbs, (token, logProb) => new Drawn(new TokenChance(token, logProb), []))]);
    }

    /// <summary>Gives every row its token, and ends those that are complete.</summary>
    private void Take(List<DecodingRow> rows, Drawn[] drawn)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            rows[i].Take(drawn[i], _decoder.Config.MaxPositions);
            if (rows[i].Finish is not null)
            {
                Leave(rows[i]);
            }

            _onToken(rows[i]);
        }
    }
}
