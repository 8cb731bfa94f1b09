using System.Globalization;
using Reft.Generation;
using Reft.Models;
using Reft.Numerics;
using Reft.Ranks;

namespace Reft.Leases;

/// <summary>How rollouts are leased.</summary>
/// <param name="Problems">Problems of a lease.</param>
/// <param name="CheckedShare">The share of leases that are drawn twice.</param>
/// <param name="Wait">How long to wait without news of a worker.</param>
/// <param name="Slots">How many sequences a worker decodes at once.</param>
internal sealed record LeaseTerms(int Problems, double CheckedShare, TimeSpan Wait, int Slots);

/// <summary>
/// Completions that workers draw, and this process where they do not. Who draws changes nothing: a completion depends on the weights and the request alone,
/// to the bit, so what comes twice must be equal.
/// </summary>
/// <param name="decoder">The policy.</param>
/// <param name="terms">How they are leased.</param>
/// <param name="note">Told what the user should know; whether it is a warning.</param>
/// <param name="heartbeat">Told that workers get on.</param>
/// <param name="clock">Tells the time.</param>
internal sealed class LeasedCompletions(Decoder decoder, LeaseTerms terms, Action<string, bool> note, Heartbeat heartbeat, TimeProvider clock)
    : ICompletionSource, IDisposable
{
    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(50);

    private readonly CompletionGenerator _here = new(decoder, terms.Slots);
    private readonly WorkerPresence _presence = new(terms.Wait, clock);
    private ILeaseCarrier? _carrier;
    private WeightFolder? _folder;
    private string? _fault;
    private int _draws;
    private (int Leases, int ByWorkers, int Compared) _tally;

    private RankGroup Ranks => decoder.Ranks;

    /// <summary>From now on workers are asked; before, everything is drawn here.</summary>
    /// <param name="carrier">Carries leases; owned from now on.</param>
    /// <param name="folder">Where weights are written, by the first rank; owned from now on. null for the others.</param>
    public void Open(ILeaseCarrier carrier, WeightFolder? folder) => (_carrier, _folder) = (carrier, folder);

    /// <inheritdoc/>
    public IReadOnlyList<Completion> Draw(
        IReadOnlyList<GenerationRequest> requests, SamplingOptions options, ulong step, Action<int, int> onToken, CancellationToken cancellation)
    {
        if (_carrier is not { } carrier)
        {
            return _here.DrawHere(requests, options, step, onToken, cancellation);
        }

        Hear(carrier, cancellation);
        // All ranks draw equally often, so they may talk here. Only the first writes, and where workers are: they follow.
        var weights = Publish(carrier);
        if (requests.Count == 0 || weights is null || _presence.Present.Count == 0)
        {
            return _here.DrawHere(requests, options, step, onToken, cancellation);
        }

        var draw = _draws++;
        var size = new LeaseSize(terms.Problems, carrier.MostBytes, request => Math.Min(options.MaxTokens, decoder.Config.MaxPositions - request.Prompt.Length));
        var book = new LeaseBook(
            requests, size,
            (place, own) => new Lease(Invariant($"{Ranks.Rank}.{draw}.{place}"), 0, weights, options, step, terms.Slots, own),
            place => CounterRandom.ToUnit(CounterRandom.Hash(step, Invariant($"{draw}.{place}"))) < terms.CheckedShare);
        var completions = new Completion[requests.Count];
        try
        {
            Collect(carrier, book, completions, onToken, cancellation);
        }
        finally
        {
            carrier.Withdraw(null);
        }

        _tally = (_tally.Leases + book.Count, _tally.ByWorkers + book.ByWorkers, _tally.Compared + book.Compared);
        return completions;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_carrier is not null && _tally.Leases > 0)
        {
            note(
                Invariant($"workers drew {_tally.ByWorkers} of {_tally.Leases} leases; {_tally.Compared} were drawn more than once, with the same bytes"), false);
        }

        _carrier?.Dispose();
        _carrier = null;
        _folder?.Dispose();
        _folder = null;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>The version of the weights as they are; null where there is nobody to read them.</summary>
    private WeightsVersion? Publish(ILeaseCarrier carrier)
    {
        var wanted = Ranks.Any(carrier.Fault is null && _presence.Present.Count > 0);
        if (!wanted)
        {
            return null;
        }

        var own = _folder?.Publish();
        var told = System.Text.Encoding.UTF8.GetString(Ranks.FromFirst(System.Text.Encoding.UTF8.GetBytes(own is null ? "" : Invariant($"{own.Number} {own.Sha256}")))).Split(' ');
        return new WeightsVersion(int.Parse(told[0], CultureInfo.InvariantCulture), told[1]);
    }

    private void Collect(ILeaseCarrier carrier, LeaseBook book, Completion[] completions, Action<int, int> onToken, CancellationToken cancellation)
    {
        _presence.Begin();
        var offered = carrier.Offer(book.Offers);
        while (!book.IsComplete)
        {
            cancellation.ThrowIfCancellationRequested();
            _ = Heed(carrier, book.IsLeftToTrainer(_presence.Present) ? TimeSpan.Zero : _glance, Enter);
            Tell(carrier);
            var present = _presence.Present;
            if (book.IsComplete)
            {
                return;
            }

            if (!offered || carrier.Fault is not null || present.Count == 0)
            {
                Own([.. book.Open]); // In one batch: nobody else will.
            }
            else if (book.IsLeftToTrainer(present) || _presence.IsSilent)
            {
                Own([.. book.Open.Take(1)]);
            }
        }

        void Own(Lease[] leases)
        {
            foreach (var lease in leases)
            {
                carrier.Withdraw(lease.Id);
            }

            int[] places = [.. leases.SelectMany(book.PlacesOf)];
            foreach (var answer in DrawOwn(leases, (i, token) => onToken(places[i], token), cancellation))
            {
                Enter(answer);
            }
        }

        void Enter(LeaseAnswer answer)
        {
            try
            {
                foreach (var (place, completion) in book.Enter(answer))
                {
                    completions[place] = completion;
                }
            }
            catch (LeaseConflictException conflict)
            {
                throw conflict.Explain(DrawOwn([conflict.Lease], (_, _) => { }, cancellation)[0]);
            }
        }
    }

    /// <summary>Draws leases by this process.</summary>
    private LeaseAnswer[] DrawOwn(Lease[] leases, Action<int, int> onToken, CancellationToken cancellation)
    {
        GenerationRequest[] requests = [.. leases.SelectMany(lease => lease.Requests)];
        var completions = _here.DrawHere(requests, leases[0].Sampling, leases[0].Step, onToken, cancellation).AsSpan();
        var answers = new LeaseAnswer[leases.Length];
        for (var i = 0; i < leases.Length; i++)
        {
            var count = leases[i].Requests.Count;
            answers[i] = LeaseAnswer.Of(leases[i].Id, LeaseBook.Trainer, completions[..count].ToArray());
            completions = completions[count..];
        }

        return answers;
    }

    /// <summary>Hears who is there, before a draw; as a run begins it waits for workers to come.</summary>
    private void Hear(ILeaseCarrier carrier, CancellationToken cancellation)
    {
        bool Waits() => carrier.Fault is null && _presence.IsEarly;
        while (Heed(carrier, Waits() ? _glance : TimeSpan.Zero, _ => { }) || Waits())
        {
            cancellation.ThrowIfCancellationRequested();
        }

        Tell(carrier);
    }

    /// <summary>Takes one piece of news.</summary>
    /// <returns>Whether there was one.</returns>
    private bool Heed(ILeaseCarrier carrier, TimeSpan wait, Action<LeaseAnswer> answered)
    {
        switch (carrier.Take(wait))
        {
            case LeaseAnswered { Answer: var answer }:
                _presence.Answer(answer.Worker);
                heartbeat.Beat("rollout", $"lease {answer.Lease} from worker {answer.Worker}");
                answered(answer);
                return true;
            case WorkerHeard { Worker: var worker, Progress: var progress }:
                if (_presence.Hear(worker, progress, out var isNew))
                {
                    heartbeat.Beat("rollout", $"worker {worker}");
                }

                if (isNew)
                {
                    note($"worker {worker} is there", false);
                }

                return true;
            case WorkerGone { Worker: var worker }:
                _presence.Leave(worker);
                note($"worker {worker} has ended", false);
                return true;
            case MessageDamaged { What: var what }:
                note($"{what}: left out", true);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Says once that the server is gone, and once that it is back.</summary>
    private void Tell(ILeaseCarrier carrier)
    {
        if (carrier.Fault == _fault)
        {
            return;
        }

        if (carrier.Fault is { } fault && _fault is null)
        {
            note($"{fault}: the run draws its rollouts itself until it is back", true);
        }
        else if (carrier.Fault is null)
        {
            note("the NATS server is back", false);
        }

        _fault = carrier.Fault;
    }
}
