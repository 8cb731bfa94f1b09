using System.Text.Json.Nodes;

namespace Reft.Rollouts;

/// <summary>
/// Rollouts beside which the policy's most likely completion of each problem is judged too: its reward is their baseline
/// (ReMax, <see href="https://arxiv.org/abs/2310.10505"/>). The greedy completions themselves are not trained on, and not recorded.
/// </summary>
/// <param name="rollouts">Draws from the policy.</param>
internal sealed class GreedyBaselines(PolicyRollouts rollouts) : IRolloutSource
{
    /// <inheritdoc/>
    public long StepsPerEpoch => rollouts.StepsPerEpoch;

    /// <inheritdoc/>
    public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation)
    {
        // Before the curriculum hears of the samples: both begin at the same starts.
        var greedy = rollouts.Draw(
            rollouts.ProblemsAt(step), step, rollouts.Options.Sampling with { Temperature = 0 }, samples: 1, cancellation)
            .ToDictionary(r => r.Problem.Id, r => r.Reward, StringComparer.Ordinal);
        return [.. rollouts.Collect(step, cancellation).Select(r => r with { Baseline = greedy[r.Problem.Id] })];
    }

    /// <inheritdoc/>
    public JsonObject Save() => rollouts.Save();

    /// <inheritdoc/>
    public void Restore(JsonObject state) => rollouts.Restore(state);
}
