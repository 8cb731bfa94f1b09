using System.Text.Json.Nodes;

namespace Reft.Rollouts;

/// <summary>Sequences that are there before training begins: every epoch takes each of them once, in another random order.</summary>
internal abstract class StoredSequences : IRolloutSource
{
    private readonly ScoredRollout[] _all;
    private readonly EpochOrder _order;

    /// <summary>Keeps what is short enough.</summary>
    /// <param name="all">The sequences.</param>
    /// <param name="what">What they are, in messages.</param>
    /// <param name="maxTokens">The most tokens of a sequence.</param>
    /// <param name="batchSize">Sequences of a step.</param>
    /// <param name="seed">The seed of the order.</param>
    /// <exception cref="InputException">No sequence is short enough.</exception>
    private protected StoredSequences(IReadOnlyList<ScoredRollout> all, string what, int maxTokens, int batchSize, ulong seed)
    {
        _all = [.. all.Where(r => r.Tokens.Length <= maxTokens)];
        LeftOut = all.Count - _all.Length;
        if (_all.Length == 0)
        {
            throw new InputException(
                $"none of {all.Count} {what} fits into {maxTokens} tokens: allow longer sequences, or give problems");
        }

        _order = new EpochOrder(_all.Length, batchSize, seed);
    }

    /// <summary>Sequences that are too long and are not trained on; never cut in silence.</summary>
    public int LeftOut { get; }

    /// <summary>The sequences that are trained on.</summary>
    public IReadOnlyList<ScoredRollout> All => _all;

    /// <inheritdoc/>
    public long StepsPerEpoch => _order.StepsPerEpoch;

    /// <inheritdoc/>
    public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation) =>
        [.. _order.At(step).Select(i => _all[i])];

    /// <inheritdoc/>
    public JsonObject Save() => [];

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        // There is none.
    }
}
