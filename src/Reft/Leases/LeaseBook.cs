using Reft.Generation;

namespace Reft.Leases;

/// <summary>The leases of one draw, and what was answered. It knows no clock and no network.</summary>
internal sealed class LeaseBook
{
    /// <summary>Who draws where no worker does.</summary>
    public const string Trainer = "the trainer";

    private readonly Entry[] _entries;
    private readonly Dictionary<string, Entry> _byId;

    /// <summary>Parts requests into leases.</summary>
    /// <param name="requests">What is to be completed.</param>
    /// <param name="parts">How they are parted.</param>
    /// <param name="make">Makes a lease of its place and requests.</param>
    /// <param name="isChecked">Whether the lease at a place is drawn twice.</param>
    /// <exception cref="InputException">One completion alone can be too large for a message.</exception>
    public LeaseBook(
        IReadOnlyList<GenerationRequest> requests, LeaseSize parts, Func<int, IReadOnlyList<GenerationRequest>, Lease> make, Func<int, bool> isChecked)
    {
        _entries =
        [
            .. parts.Part(requests).Select((places, i) => new Entry(places, make(i, [.. places.Select(place => requests[place])]), isChecked(i))),
        ];
        _byId = _entries.ToDictionary(entry => entry.Lease.Id, StringComparer.Ordinal);
    }

    /// <summary>All that is offered to workers: every lease, and a second copy of those that are checked.</summary>
    public IReadOnlyList<Lease> Offers =>
        [.. _entries.Select(entry => entry.Lease), .. _entries.Where(entry => entry.IsChecked).Select(entry => entry.Lease with { Copy = 1 })];

    /// <summary>Whether all is answered that must be.</summary>
    public bool IsComplete => _entries.All(entry => entry.IsDone);

    /// <summary>How many leases there are.</summary>
    public int Count => _entries.Length;

    /// <summary>How many leases were answered by somebody else than the trainer first.</summary>
    public int ByWorkers => _entries.Count(entry => entry.First is { } first && first.Worker != Trainer);

    /// <summary>How many leases were answered more than once, each time by the same bytes.</summary>
    public int Compared => _entries.Count(entry => entry.Workers.Count > 1);

    /// <summary>The leases that wait for an answer, the last first, for workers begin at the beginning.</summary>
    public IEnumerable<Lease> Open => _entries.Reverse().Where(entry => !entry.IsDone).Select(entry => entry.Lease);

    /// <summary>The places of a lease's requests.</summary>
    public IReadOnlyList<int> PlacesOf(Lease lease) => _byId[lease.Id].Places;

    /// <summary>Whether the only leases left are those that every worker which is there has answered already.</summary>
    /// <param name="present">The workers that are there.</param>
    public bool IsLeftToTrainer(IReadOnlyCollection<string> present) =>
        _entries.All(entry => entry.IsDone || (entry.First is not null && present.All(entry.Workers.Contains)));

    /// <summary>Enters an answer.</summary>
    /// <returns>Those places of the requests that have their completions now, with these; none where they had them, or where the lease is not of this draw.</returns>
    /// <exception cref="LeaseConflictException">It was answered before, with other bytes.</exception>
    /// <exception cref="LeaseException">The answer does not fit what was asked.</exception>
    public IReadOnlyList<(int Place, Completion Completion)> Enter(LeaseAnswer answer)
    {
        if (!_byId.TryGetValue(answer.Lease, out var entry))
        {
            return [];
        }

        if (entry.First is { } first)
        {
            if (!first.Completions.AsSpan().SequenceEqual(answer.Completions))
            {
                throw new LeaseConflictException(entry.Lease, first, answer);
            }

            entry.Workers.Add(answer.Worker);
            return [];
        }

        var completions = answer.Read(entry.Lease.Requests);
        entry.First = answer;
        entry.Workers.Add(answer.Worker);
        return [.. entry.Places.Zip(completions)];
    }

    private sealed class Entry(IReadOnlyList<int> places, Lease lease, bool isChecked)
    {
        public IReadOnlyList<int> Places => places;

        public Lease Lease => lease;

        public bool IsChecked => isChecked;

        public LeaseAnswer? First { get; set; }

        public HashSet<string> Workers { get; } = new(StringComparer.Ordinal);

        /// <summary>What the trainer has drawn needs no second one: it is what a run without workers would have.</summary>
        public bool IsDone => First is not null && (!IsChecked || Workers.Count > 1 || Workers.Contains(Trainer));
    }
}

/// <summary>Two have answered a lease with other bytes.</summary>
/// <param name="lease">The lease.</param>
/// <param name="first">What one answered.</param>
/// <param name="second">What another did.</param>
internal sealed class LeaseConflictException(Lease lease, LeaseAnswer first, LeaseAnswer second) : Exception
{
    /// <summary>The lease.</summary>
    public Lease Lease => lease;

    /// <summary>Says who it was, and where they part.</summary>
    /// <param name="own">What the trainer draws for the lease: it says who is right.</param>
    public LeaseException Explain(LeaseAnswer own)
    {
        var right = new[] { first, second }.FirstOrDefault(answer => answer.Completions.AsSpan().SequenceEqual(own.Completions))?.Worker;
        var verdict = right switch
        {
            null => "; the trainer draws as neither does",
            LeaseBook.Trainer => "",
            _ => $"; the trainer draws as {right} does",
        };
        return new LeaseException(
            $"{Name(first)} and {Name(second)} answered lease {lease.Id} with other bytes{Where()}{verdict}: look at the memory of the other's machine, or at what it runs");
    }

    private static string Name(LeaseAnswer answer) => answer.Worker == LeaseBook.Trainer ? answer.Worker : $"worker {answer.Worker}";

    private string Where()
    {
        try
        {
            foreach (var (one, other) in first.Read(lease.Requests).Zip(second.Read(lease.Requests)))
            {
                for (var t = 0; t < Math.Min(one.Tokens.Length, other.Tokens.Length); t++)
                {
                    if (one.Tokens[t] != other.Tokens[t] || !one.LogProbs[t].Equals(other.LogProbs[t]))
                    {
                        return FormattableString.Invariant(
                            $" (sample {one.Request.Sample} of problem {one.Request.Problem:x16}, token {t + 1}: {one.Tokens[t]} at {one.LogProbs[t]:R}, {other.Tokens[t]} at {other.LogProbs[t]:R})");
                    }
                }
            }
        }
        catch (LeaseException)
        {
            return ""; // One of them is no answer at all.
        }

        return "";
    }
}

/// <summary>How large a lease may be.</summary>
/// <param name="Problems">At most so many problems.</param>
/// <param name="MostBytes">The most bytes of a message.</param>
/// <param name="MostTokens">The most tokens that a request's completion can have.</param>
internal sealed record LeaseSize(int Problems, int MostBytes, Func<GenerationRequest, int> MostTokens)
{
    /// <summary>Parts requests: the samples of a problem stay together, as they share the pass over their prompt, unless that is too large.</summary>
    /// <param name="requests">The requests.</param>
    /// <returns>The places of each lease's requests; together all of them, each once.</returns>
    public IReadOnlyList<IReadOnlyList<int>> Part(IReadOnlyList<GenerationRequest> requests)
    {
        var leases = new List<IReadOnlyList<int>>();
        var lease = new List<int>();
        var (problems, asked, answered) = (0, (long)Lease.HeadBytes, (long)LeaseAnswer.HeadBytes);
        foreach (var problem in requests.Select((request, place) => (request, place)).GroupBy(one => one.request.Problem))
        {
            var (ask, answer) = (problem.Sum(one => (long)Lease.BytesOf(one.request)), problem.Sum(one => LeaseAnswer.BytesOf(MostTokens(one.request))));
            if (problems == Problems || asked + ask > MostBytes || answered + answer > MostBytes)
            {
                Close();
            }

            problems++;
            foreach (var (request, place) in problem)
            {
                var (own, drawn) = (Lease.BytesOf(request), LeaseAnswer.BytesOf(MostTokens(request)));
                if (asked + own > MostBytes || answered + drawn > MostBytes)
                {
                    Close();
                    problems = 1;
                }

                asked += own;
                answered += drawn;
                if (asked > MostBytes || answered > MostBytes)
                {
                    throw new InputException(
                        $"rollouts.workers: a prompt of {request.Prompt.Length} tokens and {MostTokens(request)} after it do not fit into a message of "
                        + $"{MostBytes} bytes; start nats-server with a larger max_payload");
                }

                lease.Add(place);
            }
        }

        Close();
        return leases;

        void Close()
        {
            if (lease.Count > 0)
            {
                leases.Add(lease);
                lease = [];
            }

            (problems, asked, answered) = (0, Lease.HeadBytes, LeaseAnswer.HeadBytes);
        }
    }
}
