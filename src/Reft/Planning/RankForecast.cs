namespace Reft.Planning;

/// <summary>What ranks are joined by, and where they are.</summary>
internal sealed record RankLink
{
    /// <summary>CPU time of a message besides its bytes, in seconds: what a library takes to post and to find one.</summary>
    internal const double MessageSeconds = 2e-6;

    /// <summary>Bytes a second that a machine sends, and at the same time receives; above 0.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>Seconds from a machine to another, at least 0.</summary>
    public double LatencySeconds { get; init; } = 20e-6;

    /// <summary>Ranks on a machine, at least 1.</summary>
    public int RanksPerNode { get; init; } = 1;
}

/// <summary>What one process needs for a step, taken apart so that the parts can be shared out.</summary>
internal sealed record StepCost
{
    /// <summary>Seconds of a decode step, whatever is in it.</summary>
    public double DecodeBase { get; init; }

    /// <summary>Seconds that each sequence adds to a decode step.</summary>
    public double DecodeRow { get; init; }

    /// <summary>Sequences that are decoded at once.</summary>
    public int Slots { get; init; } = 1;

    /// <summary>Tokens drawn of every completion, by its prompt, in their order; empty where nothing is drawn.</summary>
    public IReadOnlyList<int[]> Drawn { get; init; } = [];

    /// <summary>Seconds of the rollouts besides decode steps: prompts, verification. Shared by prompt if something is drawn.</summary>
    public double RolloutRest { get; init; }

    /// <summary>Seconds of the preparation: references, old values. Shared by piece.</summary>
    public double Prepare { get; init; }

    /// <summary>Tokens of every micro-batch, by optimizer step.</summary>
    public required IReadOnlyList<int[]> Updates { get; init; }

    /// <summary>Seconds of the losses and gradients of a token.</summary>
    public required double TokenSeconds { get; init; }

    /// <summary>Seconds of the optimizer, sums of gradients among them.</summary>
    public required double Optimizer { get; init; }

    /// <summary>Seconds that nobody shares.</summary>
    public double Rest { get; init; }

    /// <summary>Numbers that are trained.</summary>
    public required double Parameters { get; init; }

    /// <summary>Bytes of a computing weight, and of its gradient.</summary>
    public required int ElementBytes { get; init; }

    /// <summary>The leaves of the tree in which gradients are added; 0 for none.</summary>
    public int Leaves { get; init; }

    /// <summary>Whether gradients go through the hosts of devices, each of which steps everything.</summary>
    public bool IsStaged { get; init; }

    /// <summary>Seconds to copy a byte in memory.</summary>
    public required double CopySeconds { get; init; }

    /// <summary>Seconds of a byte's checksum.</summary>
    public required double ChecksumSeconds { get; init; }

    /// <summary>Cores of a machine, at least 1; of those of a node, its ranks have no more.</summary>
    public required int Cores { get; init; }

    /// <summary>Cores that a rank computes with, at least 1.</summary>
    public required int Threads { get; init; }

    /// <summary>The same work of a model of another size: computing and messages grow with its weights.</summary>
    public StepCost Of(double parameters)
    {
        var times = parameters / Parameters;
        return this with
        {
            DecodeBase = times * DecodeBase,
            DecodeRow = times * DecodeRow,
            RolloutRest = times * RolloutRest,
            Prepare = times * Prepare,
            TokenSeconds = times * TokenSeconds,
            Optimizer = times * Optimizer,
            Parameters = parameters,
        };
    }
}

/// <summary>A step of so many ranks.</summary>
/// <param name="Ranks">How many.</param>
/// <param name="Rollout">Seconds of the rollouts: until the last rank has its own.</param>
/// <param name="Prepare">Seconds of the preparation.</param>
/// <param name="Losses">Seconds of losses and gradients: of each round, until the longest micro-batch is done.</param>
/// <param name="Optimizer">Seconds of sums and steps.</param>
/// <param name="Messages">Seconds of gradients and weights on their way, with checksums and copies.</param>
/// <param name="Rest">Seconds that nobody shares.</param>
/// <param name="SentBytes">Bytes that a rank sends to the others.</param>
/// <param name="StateBytes">Bytes of weights, gradients, sums, masters and moments on a rank; activations are as on one.</param>
internal sealed record RankStep(
    int Ranks, double Rollout, double Prepare, double Losses, double Optimizer, double Messages, double Rest, double SentBytes, double StateBytes)
{
    /// <summary>Seconds of the step.</summary>
    public double Seconds => Rollout + Prepare + Losses + Optimizer + Messages + Rest;
}

/// <summary>
/// What a step would take on so many ranks, from what it takes one process. It shares work out as the ranks do (micro-batches, prompts), waits for the
/// slowest, and adds the messages. A machine's ranks share its cores and its link.
/// </summary>
internal static class RankForecast
{
    private const int Gathers = 2; // Of a round: who has gradients, and the gradients.
    private const int StepGathers = 5; // Of an optimizer step: what the policy says, two norms, what has changed, the weights.
    private const int OtherGathers = 4; // Of a step: completions, verdicts, references, values.
    private const double Single = sizeof(float);

    /// <summary>A step of so many ranks.</summary>
    /// <param name="cost">What one process needs.</param>
    /// <param name="link">What joins the ranks.</param>
    /// <param name="ranks">How many, at least 1.</param>
    public static RankStep Of(StepCost cost, RankLink link, int ranks)
    {
        var shared = Math.Min(ranks, link.RanksPerNode);
        var losses = cost.Updates.Sum(micros => Losses(cost, link, micros, ranks));
        var elements = cost.Parameters;
        var state = (elements * 2 * cost.ElementBytes)
            + (elements * Single * (cost.ElementBytes < Single ? 4 : 3) / (cost.IsStaged ? 1 : ranks))
            + (cost.Leaves == 0 ? 0 : elements * Single * (1 + Math.Log2(Math.Max(1, cost.Leaves / (double)ranks))));
        var rollout = cost.Drawn.Count == 0
            ? cost.RolloutRest
            : Phase(cost, link, [.. Enumerable.Range(0, ranks).Select(rank => Rollout(cost, rank, ranks))]);
        // Pieces are many; the last round of them has idle ranks.
        var pieces = Math.Max(1, cost.Updates.Sum(micros => micros.Length));
        var crowd = cost.IsStaged ? 1 : Crowd(cost, link, ranks); // A device computes by itself.
        var prepare = cost.Prepare * crowd * Math.Ceiling(pieces / (double)ranks) / pieces;
        var optimizer = cost.Optimizer * crowd / (cost.IsStaged ? 1 : ranks);
        if (ranks == 1)
        {
            return new RankStep(1, rollout, prepare, losses, optimizer, 0, cost.Rest, 0, state);
        }

        var sent = cost.Updates.Sum(micros => Sent(cost, micros.Length, ranks));
        var packed = sent * ranks / (ranks - 1); // What stays here is copied too.
        var host = ((2 * sent) * cost.ChecksumSeconds) + (packed * cost.CopySeconds);
        var away = (ranks - shared) / (double)(ranks - 1);
        var near = 2 * sent * (1 - away) * cost.CopySeconds; // In and out of memory that both see.
        var exchanges = OtherGathers + cost.Updates.Sum(micros => (Gathers * Rounds(cost, micros.Length, ranks)) + StepGathers);
        var waits = 2 * exchanges * ((away > 0 ? link.LatencySeconds : 0) + ((ranks - 1) * RankLink.MessageSeconds));
        var messages = ((host + near) * Crowd(cost, link, ranks)) + (sent * away * shared / link.BytesPerSecond) + waits;
        return new RankStep(ranks, rollout, prepare, losses, optimizer, messages, cost.Rest, sent, state);
    }

    /// <summary>Seconds of a decode step and of a sequence in it, of least squares; together they have the seconds that were measured.</summary>
    /// <param name="steps">Sequences and seconds of every step.</param>
    public static (double Base, double Row) Fit(IReadOnlyList<(int Rows, double Seconds)> steps)
    {
        if (steps.Count == 0)
        {
            return (0, 0);
        }

        var (rows, seconds) = (steps.Average(step => step.Rows), steps.Average(step => step.Seconds));
        var spread = steps.Sum(step => Math.Pow(step.Rows - rows, 2));
        var slope = spread == 0 ? seconds / rows : steps.Sum(step => (step.Rows - rows) * (step.Seconds - seconds)) / spread;
        slope = Math.Clamp(slope, 0, seconds / rows);
        return (seconds - (slope * rows), slope);
    }

    /// <summary>The seconds of work that ranks do at once: of the slowest, or of a machine that has more to do than cores.</summary>
    private static double Phase(StepCost cost, RankLink link, double[] work) => cost.IsStaged ? work.Max() : work.Chunk(link.RanksPerNode)
        .Max(node => Math.Max(node.Max(), node.Sum() * cost.Threads / cost.Cores));

    /// <summary>How many times as long work takes that all ranks do alike, where they share too few cores.</summary>
    private static double Crowd(StepCost cost, RankLink link, int ranks) => Math.Max(1, Math.Min(ranks, link.RanksPerNode) * cost.Threads / (double)cost.Cores);

    private static int Rounds(StepCost cost, int micros, int ranks) => new Training.PieceShare(micros, ranks, cost.Leaves).Rounds;

    private static double Losses(StepCost cost, RankLink link, int[] micros, int ranks)
    {
        var share = new Training.PieceShare(micros.Length, ranks, cost.Leaves);
        return Enumerable.Range(0, share.Rounds).Sum(round => Phase(cost, link, [.. Enumerable.Range(0, ranks).Select(rank =>
            share.Of(round, rank) is { } piece ? micros[piece] * cost.TokenSeconds : 0)]));
    }

    /// <summary>Bytes that a rank sends in an optimizer step.</summary>
    private static double Sent(StepCost cost, int micros, int ranks)
    {
        var others = (ranks - 1) / (double)ranks;
        var gradients = cost.Leaves == 0
            ? cost.ElementBytes * Rounds(cost, micros, ranks)
            : Single * Branches(cost.Leaves, ranks);
        return cost.Parameters * others * (gradients + (cost.IsStaged ? Single : cost.ElementBytes));
    }

    /// <summary>The most sums that a rank has of a tree: one where they are a power of two.</summary>
    private static int Branches(int leaves, int ranks) => Enumerable.Range(0, ranks).Max(rank =>
    {
        var (first, end) = ((int)((long)leaves * rank / ranks), (int)((long)leaves * (rank + 1) / ranks));
        var count = 0;
        while (first < end)
        {
            var size = 1;
            while (first % (2 * size) == 0 && first + (2 * size) <= end)
            {
                size *= 2;
            }

            first += size;
            count++;
        }

        return count;
    });

    private static double Rollout(StepCost cost, int rank, int ranks)
    {
        int[] own = [.. cost.Drawn.Where((_, prompt) => prompt % ranks == rank).SelectMany(tokens => tokens)];
        return Decode(cost, own) + (cost.RolloutRest * cost.Drawn.Where((_, prompt) => prompt % ranks == rank).Count() / cost.Drawn.Count);
    }

    /// <summary>Seconds of the decode steps of completions, each of which takes the place of one that has ended.</summary>
    private static double Decode(StepCost cost, int[] tokens)
    {
        var waiting = new Queue<int>(tokens.Where(count => count > 1));
        var active = new List<int>();
        var seconds = 0.0;
        while (waiting.Count > 0 || active.Count > 0)
        {
            while (active.Count < cost.Slots && waiting.TryDequeue(out var next))
            {
                active.Add(next - 1); // The first is drawn with the prompt.
            }

            seconds += cost.DecodeBase + (cost.DecodeRow * active.Count);
            active = [.. active.Select(left => left - 1).Where(left => left > 0)];
        }

        return seconds;
    }
}
