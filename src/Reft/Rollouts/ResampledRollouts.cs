using System.Text.Json.Nodes;
using Reft.Problems;

namespace Reft.Rollouts;

/// <summary>
/// Dynamic sampling (DAPO, <see href="https://arxiv.org/abs/2503.14476"/>, section 3.2): where all samples of a problem are worth the same it
/// teaches nothing, and another problem is drawn in its place, until a step has its number of problems that teach or its rounds are over.
/// Everything that was drawn is in the step, so that its figures are of all samples; what is left out of the loss, the algorithm says.
/// </summary>
/// <param name="rollouts">Draws from the policy.</param>
/// <param name="mostRounds">The most rounds of a step, the first one counted, at least 1.</param>
internal sealed class ResampledRollouts(PolicyRollouts rollouts, int mostRounds) : IRolloutSource
{
    private readonly EpochOrder _order = new(rollouts.Problems.Count, rollouts.Options.ProblemsPerStep, rollouts.Options.Seed);
    private long _taken;

    /// <inheritdoc/>
    public long StepsPerEpoch => rollouts.StepsPerEpoch;

    /// <inheritdoc/>
    public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation)
    {
        var all = new List<ScoredRollout>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var missing = rollouts.Options.ProblemsPerStep;
        for (var round = 0; round < mostRounds && missing > 0; round++)
        {
            // What the curriculum picks comes first; what takes the place of others, in order.
            var problems = round == 0 && rollouts.Picked(step) is { } picked ? [.. picked.Where(p => seen.Add(p.Id))] : Take(missing, seen);
            if (problems.Count == 0)
            {
                break;
            }

            var drawn = rollouts.Draw(problems, step, rollouts.Options.Sampling, rollouts.Options.SamplesPerProblem, cancellation);
            rollouts.Observe(drawn);
            all.AddRange(drawn);
            missing -= problems.Count - RolloutGroups.Equal(drawn).Count;
        }

        return all;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Figures => rollouts.Figures;

    /// <inheritdoc/>
    public JsonObject Save() => new() { ["taken"] = _taken, ["rollouts"] = rollouts.Save() };

    /// <inheritdoc/>
    public void Restore(JsonObject state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _taken = state["taken"]?.GetValue<long>() ?? throw new InputException("the rollouts' state lacks 'taken'");
        rollouts.Restore(state["rollouts"] as JsonObject ?? throw new InputException("the rollouts' state lacks 'rollouts'"));
    }

    /// <summary>The next problems in order; one that the step has already, from the end of the epoch before, is passed over.</summary>
    private List<Problem> Take(int count, HashSet<string> seen)
    {
        var problems = new List<Problem>();
        while (problems.Count < count && seen.Count < rollouts.Problems.Count)
        {
            var problem = rollouts.Problems[_order.After(_taken++)];
            if (seen.Add(problem.Id))
            {
                problems.Add(problem);
            }
        }

        return problems;
    }
}
