using Reft.Models;

namespace Reft.Algorithms.Preparations;

/// <summary>Who says which tokens earned a reward.</summary>
public enum CreditSource
{
    /// <summary>A reward model: what its last token attends to in its last layer.</summary>
    RewardModel,

    /// <summary>The policy (ABC-D): what all later tokens attend to in its last layer.</summary>
    Policy,

    /// <summary>The policy: what its last token attends to.</summary>
    PolicyLast,

    /// <summary>Nobody: all tokens alike.</summary>
    Uniform,
}

/// <summary>
/// A terminal reward R that is spread over the tokens (<see href="https://arxiv.org/abs/2402.00782"/>): <c>r_t = β a_t R + (1 - β) R [t is the last]</c>, with
/// <c>Σ_t a_t = 1</c>, so that the sum is R whatever β.
/// </summary>
/// <param name="Share">β, in [0, 1].</param>
/// <param name="Weigh">The a of a step's trajectories [B][T], 0 of tokens that the policy did not draw.</param>
internal sealed record Credit(double Share, Func<IReadOnlyList<Trajectory>, double[][]> Weigh)
{
    /// <summary>Weights of attention or of nobody, as distributions over the tokens that were drawn; where nothing was attended to, all alike.</summary>
    /// <param name="trajectories">The trajectories.</param>
    /// <param name="attention">How much each response token is attended to [B][T]; null for all alike.</param>
    public static double[][] Normalised(IReadOnlyList<Trajectory> trajectories, double[][]? attention)
    {
        ArgumentNullException.ThrowIfNull(trajectories);
        return [.. trajectories.Select((trajectory, b) =>
        {
            var drawn = trajectory.Sampled.Select((sampled, t) => sampled ? attention?[b][t] ?? 1 : 0).ToArray();
            var sum = drawn.Sum();
            return sum > 0
                ? drawn.Select(a => a / sum).ToArray()
                : [.. trajectory.Sampled.Select(sampled => sampled ? 1.0 / trajectory.Sampled.Count(s => s) : 0)];
        })];
    }

    /// <summary>The attention of a model's last layer to the tokens of responses [B][T]; 0 of those that it does not read.</summary>
    /// <param name="decoder">The model.</param>
    /// <param name="trajectories">The trajectories.</param>
    /// <param name="stopToken">A token at the end that the model does not read; null where it reads all.</param>
    /// <param name="lastOnly">Whether only the last token's attention counts, and not that of all of the response.</param>
    internal static double[][] Attention(Decoder decoder, IReadOnlyList<Trajectory> trajectories, int? stopToken, bool lastOnly)
    {
        var read = trajectories.Select(trajectory =>
        {
            var tokens = trajectory.Rollout.Tokens;
            return tokens[^1] == stopToken ? tokens[..^1] : tokens;
        }).ToArray();
        var all = lastOnly
            ? AttentionMaps.LastRows(decoder, read)
            : AttentionMaps.Seen(decoder, [.. read.Select((tokens, b) => (tokens, Math.Min(tokens.Length, trajectories[b].Rollout.PromptLength) - 1))]);
        return [.. all.Select((row, b) => Enumerable.Range(trajectories[b].Rollout.PromptLength, trajectories[b].Rollout.ResponseLength)
            .Select(t => t < row.Length ? row[t] : 0).ToArray())];
    }
}
