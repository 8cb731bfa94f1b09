using System.Globalization;
using System.Text.Json.Nodes;
using Reft.Numerics;

namespace Reft.Rollouts;

/// <summary>Known answers, each behind one latent slot as the model makes it and several with noise.</summary>
/// <param name="gold">The answers.</param>
/// <param name="thoughts">Slots of each, at least 2; the first has no noise.</param>
/// <param name="deviation">σ of the noise.</param>
/// <param name="seed">The seed of the noise, which depends on it, the step, the problem and the slot alone.</param>
internal sealed class LatentRollouts(IRolloutSource gold, int thoughts, double deviation, ulong seed) : IRolloutSource
{
    /// <inheritdoc/>
    public long StepsPerEpoch => gold.StepsPerEpoch;

    /// <inheritdoc/>
    public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation) =>
    [
        .. gold.Collect(step, cancellation).SelectMany(answer => Enumerable.Range(0, thoughts).Select(k =>
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"{answer.SampleId}#{k}");
            return answer with
            {
                SampleId = id,
                Noise = k == 0 ? null : new SlotNoise(CounterRandom.Hash(CounterRandom.Hash(seed, (ulong)step), id), deviation),
                PolicyStep = step,
            };
        })),
    ];

    /// <inheritdoc/>
    public JsonObject Save() => gold.Save();

    /// <inheritdoc/>
    public void Restore(JsonObject state) => gold.Restore(state);
}
