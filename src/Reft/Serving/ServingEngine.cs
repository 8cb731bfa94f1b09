using Reft.Generation;
using Reft.Models;
using Reft.Numerics.Backends;
using static TorchSharp.torch;

namespace Reft.Serving;

/// <summary>
/// Completes requests of many callers in one batch: they join and leave between two decode steps. All tensor code runs on one thread of
/// the engine's own.
/// </summary>
internal sealed class ServingEngine : IAsyncDisposable
{
    private readonly Decoder _decoder;
    private readonly ServingOptions _options;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly object _gate = new();
    private readonly LinkedList<ServedRow> _waiting = [];
    private bool _isStopping;
    private bool _isCut;
    private Exception? _fault;
    private Replacement? _replacement;
    private int _active;
    private long _drawn;

    /// <summary>Starts the engine.</summary>
    /// <param name="decoder">The model; the caller keeps it, and must not change it, until the engine has ended.</param>
    /// <param name="options">How much it takes on.</param>
    public ServingEngine(Decoder decoder, ServingOptions options)
    {
        if (options.Validate("") is { Count: > 0 } errors)
        {
            throw new InputException(string.Join("; ", errors));
        }

        _decoder = decoder;
        _options = options;
        Context = options.Context is { } asked
            ? asked <= decoder.Config.MaxPositions ? asked : throw new InputException(
                $"context is {asked}: it must be at most {decoder.Config.MaxPositions}, the model's own")
            : Math.Min(decoder.Config.MaxPositions, UsualContext);
        _thread = new Thread(Run) { IsBackground = true, Name = "reft-serving" };
        _thread.Start();
    }

    private const int UsualContext = 4096;

    /// <summary>The most tokens of a prompt and its completion.</summary>
    public int Context { get; }

    /// <summary>How many completions are being decoded.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>How many completions wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>What the weights are called; null where they have no name.</summary>
    public string? WeightVersion { get; set; }

    /// <summary>How many tokens have been drawn since it started.</summary>
    public long Drawn => Interlocked.Read(ref _drawn);

    /// <summary>Puts completions in the queue, all or none.</summary>
    /// <param name="rows">The completions; their prompts leave room in the context.</param>
    /// <exception cref="InputException">An option or a prompt is wrong.</exception>
    /// <exception cref="ServingException">Too many wait, or the engine is ending.</exception>
    public void Submit(IReadOnlyList<ServedRow> rows)
    {
        foreach (var row in rows)
        {
            Check(row);
        }

        if (rows.Count > _options.Queue + _options.Slots)
        {
            throw new InputException(
                $"{rows.Count} completions are asked for at once, and {_options.Slots} are decoded while {_options.Queue} wait: ask for fewer");
        }

        lock (_gate)
        {
            if (_isStopping)
            {
                throw new ServingException(
                    Refusal.Stopping, _fault is null ? "the service is ending and takes no more requests" : $"the service broke down: {_fault.Message}");
            }

            // Places that are free now are no queue.
            if (_waiting.Count + rows.Count > _options.Queue + _options.Slots - Active)
            {
                throw new ServingException(
                    Refusal.Busy,
                    $"{Active} completions are being decoded and {_waiting.Count} wait; {rows.Count} more would be above the limit of {_options.Queue}");
            }

            foreach (var row in rows)
            {
                _waiting.AddLast(row);
            }

            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Says that nobody wants a completion any more: it leaves before the next decode step.</summary>
    public void Cancel(ServedRow row)
    {
        row.Cancel();
        lock (_gate)
        {
            if (_waiting.Remove(row))
            {
                row.Fail(new OperationCanceledException());
            }
        }
    }

    /// <summary>
    /// Changes the model between two completions: those that are being decoded are finished with the weights as they are, those that wait get the
    /// new ones.
    /// </summary>
    /// <param name="version">What the weights are called from then on.</param>
    /// <param name="change">Changes them, on the engine's thread. Where it fails with an <see cref="InputException"/> they are as they were.</param>
    /// <exception cref="ServingException">Another change has not been made yet, or the engine is ending.</exception>
    public Task ReplaceAsync(string version, Action change)
    {
        var asked = new Replacement(version, change, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (_isStopping)
            {
                throw new ServingException(Refusal.Stopping, _fault is null ? "the service is ending" : $"the service broke down: {_fault.Message}");
            }

            if (_replacement is not null)
            {
                throw new ServingException(Refusal.Busy, "other weights are just being put in");
            }

            _replacement = asked;
            Monitor.PulseAll(_gate);
        }

        return asked.Done.Task;
    }

    /// <summary>Takes no more requests, finishes those that it has, and ends.</summary>
    /// <param name="grace">After so long what is not finished is cut off.</param>
    public async Task StopAsync(TimeSpan grace)
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }

        if (await Task.WhenAny(_ended.Task, Task.Delay(grace)) != _ended.Task)
        {
            lock (_gate)
            {
                _isCut = true;
            }
        }

        await _ended.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero);

    private void Check(ServedRow row)
    {
        if (row.Options.Validate("") is { Count: > 0 } errors)
        {
            throw new InputException(string.Join("; ", errors));
        }

        CompletionGenerator.Check(_decoder, row.Request);
        if (row.Request.Prompt.Length + row.Options.MaxTokens > Context)
        {
            throw new InputException(
                $"a prompt of {row.Request.Prompt.Length} tokens and a completion of {row.Options.MaxTokens} are more than the context of {Context}: "
                + "shorten the prompt, or ask for fewer tokens");
        }
    }

    private void Run()
    {
        try
        {
            using var frozen = inference_mode();
            using var scope = NewDisposeScope();
            using var prepared = _decoder.Prepare();
            using var quick = Determinism.Off(_decoder.Device);
            using var batch = new DecodingBatch(_decoder, _options.Slots, Context, Take);
            var joining = new Queue<DecodingRow>();
            while (Gather(batch, joining))
            {
                Step(batch, joining);
                Volatile.Write(ref _active, batch.Active.Count + joining.Count);
            }
        }
        catch (Exception error)
        {
            // The thread's border: whoever waits or comes is told, and the process goes on.
            _fault = error;
            EndAll([], error);
        }
        finally
        {
            _ended.SetResult();
        }
    }

    /// <summary>Waits for work, takes out who is not wanted any more and lets in who waits; false when the engine is to end.</summary>
    private bool Gather(DecodingBatch batch, Queue<DecodingRow> joining)
    {
        foreach (var row in batch.Active.Cast<ServedRow>().Where(row => row.IsCancelled).ToArray())
        {
            batch.Leave(row);
            row.Fail(new OperationCanceledException());
        }

        while (true)
        {
            Replacement due;
            lock (_gate)
            {
                Volatile.Write(ref _active, batch.Active.Count + joining.Count);
                var isIdle = joining.Count == 0 && !batch.HasActive;
                while (_waiting.Count == 0 && isIdle && !_isStopping && _replacement is null)
                {
                    Monitor.Wait(_gate);
                }

                if (_isCut || (_isStopping && _waiting.Count == 0 && isIdle))
                {
                    EndAll(
                        [.. batch.Active.Concat(joining).Cast<ServedRow>()],
                        new ServingException(Refusal.Stopping, "the service ended before the completion did"));
                    return false;
                }

                if (!isIdle || _replacement is null)
                {
                    // Where other weights are to come, those that wait wait for them.
                    while (_replacement is null && joining.Count < batch.Free && _waiting.First is { } first)
                    {
                        _waiting.RemoveFirst();
                        first.Value.WeightVersion = WeightVersion;
                        joining.Enqueue(first.Value);
                    }

                    Volatile.Write(ref _active, batch.Active.Count + joining.Count);
                    return true;
                }

                due = _replacement;
            }

            Make(due);
        }
    }

    private void Make(Replacement due)
    {
        try
        {
            due.Change();
            WeightVersion = due.Version;
        }
        catch (InputException wrong)
        {
            due.Done.TrySetException(wrong);
        }
        catch (Exception torn)
        {
            // Half of the weights are others: nothing may be drawn with them, and the engine ends.
            due.Done.TrySetException(torn);
            throw;
        }

        lock (_gate)
        {
            _replacement = null;
        }

        due.Done.TrySetResult();
    }

    private static void Step(DecodingBatch batch, Queue<DecodingRow> joining)
    {
        try
        {
            batch.Admit(joining);
            batch.Decode();
        }
        catch (Exception error)
        {
            // One step's border: those in the batch are told, and the next ones are served.
            foreach (var row in batch.Active.Cast<ServedRow>().ToArray())
            {
                batch.Leave(row);
                row.Fail(error);
            }
        }
    }

    private void Take(DecodingRow row)
    {
        Interlocked.Increment(ref _drawn);
        ((ServedRow)row).Publish();
    }

    private void EndAll(IReadOnlyList<ServedRow> rows, Exception why)
    {
        lock (_gate)
        {
            _isStopping = true;
            foreach (var row in rows.Concat(_waiting))
            {
                row.Fail(why);
            }

            _waiting.Clear();
            _replacement?.Done.TrySetException(why);
            _replacement = null;
        }
    }

    private sealed record Replacement(string Version, Action Change, TaskCompletionSource Done);
}
