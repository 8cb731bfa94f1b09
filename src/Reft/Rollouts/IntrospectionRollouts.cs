using System.Text.Json.Nodes;
using Reft.Problems;
using Reft.Verification;

namespace Reft.Rollouts;

/// <summary>Who makes the attempts after the first.</summary>
public enum ImprovingExpert
{
    /// <summary>The policy: the best of several samples.</summary>
    Self,

    /// <summary>The data: the known solution, and where there is none the policy.</summary>
    Gold,
}

/// <summary>Which attempts are learned; the first is always, but for <see cref="Success"/>.</summary>
public enum KeepRule
{
    /// <summary>All of them.</summary>
    All,

    /// <summary>Those that are worth more than the one before.</summary>
    Better,

    /// <summary>Those that none before is worth more than.</summary>
    Best,

    /// <summary>Those that are right, the first too.</summary>
    Success,
}

/// <summary>How attempts are made and weighed.</summary>
internal sealed record IntrospectionOptions
{
    /// <summary>The most attempts, at least 2.</summary>
    public required int Turns { get; init; }

    /// <summary>Of how many samples the policy's attempts after the first are the best, at least 1.</summary>
    public required int BestOf { get; init; }

    /// <summary>Who makes the attempts after the first.</summary>
    public ImprovingExpert Expert { get; init; }

    /// <summary>Which are learned.</summary>
    public KeepRule Keep { get; init; }

    /// <summary>τ of the weight <c>exp(r/τ)</c>, above 0.</summary>
    public required double Temperature { get; init; }

    /// <summary>How many attempts before it a prompt holds, at least 1.</summary>
    public required int Window { get; init; }
}

/// <summary>
/// Several attempts at a problem until one is right, each after the first an improved one, as sequences whose last attempt is learned
/// (RISE, <see href="https://arxiv.org/abs/2407.18219"/>, section 4.2). A right attempt is worth 1, a wrong one 0, one without an answer -1, and
/// counts <c>exp(r/τ)</c>. An empty attempt, and one whose text was there before, is not learned.
/// </summary>
/// <param name="rollouts">Draws from the policy.</param>
/// <param name="options">How.</param>
/// <param name="feedback">What follows a wrong attempt at a problem, as tokens.</param>
/// <param name="gold">The known solution of a problem as a completion; null where there is none.</param>
internal sealed class IntrospectionRollouts(
    PolicyRollouts rollouts, IntrospectionOptions options, Func<Problem, int[]> feedback, Func<Problem, ScoredRollout?> gold) : IRolloutSource
{
    /// <inheritdoc/>
    public long StepsPerEpoch => rollouts.StepsPerEpoch;

    /// <summary>What an attempt is worth: 1, 0 or -1; a known solution is right.</summary>
    public static double Worth(ScoredRollout rollout)
    {
        ArgumentNullException.ThrowIfNull(rollout);
        return rollout.Verdict?.Outcome switch
        {
            null or Outcome.Correct => 1,
            Outcome.Incorrect => 0,
            _ => -1,
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScoredRollout> Collect(long step, CancellationToken cancellation)
    {
        var (drawing, problems) = (rollouts.Options, rollouts.ProblemsAt(step));
        var starts = problems.Select(problem => rollouts.StartOf(problem, step)).ToArray();
        var first = rollouts.Draw(starts, step, drawing.Sampling, drawing.SamplesPerProblem, cancellation);
        rollouts.Observe(first);
        var all = first.Select((turn, i) =>
        {
            var start = starts[i / drawing.SamplesPerProblem];
            var attempts = new Attempts(start, feedback(start.Problem), options.Window);
            attempts.Add(turn);
            return attempts;
        }).ToArray();
        for (var turn = 1; turn < options.Turns; turn++)
        {
            Improve([.. all.Where(attempts => Worth(attempts.Turns[^1]) < 1 && attempts.Next().PromptTokens.Length < rollouts.Context)], step, turn, cancellation);
        }

        return [.. all.SelectMany(Sequences)];
    }

    /// <inheritdoc/>
    public JsonObject Save() => rollouts.Save();

    /// <inheritdoc/>
    public void Restore(JsonObject state) => rollouts.Restore(state);

    /// <summary>Makes one attempt more.</summary>
    private void Improve(Attempts[] going, long step, int turn, CancellationToken cancellation)
    {
        var own = new List<Attempts>();
        foreach (var attempts in going)
        {
            if (options.Expert == ImprovingExpert.Gold && Gold(attempts, turn) is { } solution)
            {
                attempts.Add(solution);
            }
            else
            {
                own.Add(attempts);
            }
        }

        // A problem's attempts of one turn have starts of their own, and numbers of their own.
        var numbers = own.GroupBy(attempts => attempts.Problem.Id, StringComparer.Ordinal)
            .SelectMany(group => group.Select((attempts, i) => (attempts, i))).ToDictionary(pair => pair.attempts, pair => pair.i);
        var (size, each) = (options.BestOf, rollouts.Options.SamplesPerProblem);
        var drawn = rollouts.Draw(
            [.. own.Select(attempts => attempts.Next())], step, rollouts.Options.Sampling, size, cancellation,
            i => each + ((((turn - 1) * each) + numbers[own[i]]) * size));
        foreach (var (attempts, i) in own.Select((attempts, i) => (attempts, i)))
        {
            attempts.Add(drawn.Skip(i * size).Take(size).MaxBy(Worth)!); // The first of the best; there is at least one.
        }
    }

    private ScoredRollout? Gold(Attempts attempts, int turn) =>
        gold(attempts.Problem) is { } solution && attempts.Next().PromptTokens.Length + solution.ResponseLength <= rollouts.Context
            ? solution with { SampleId = FormattableString.Invariant($"{attempts.Turns[0].SampleId}+{turn}") }
            : null;

    private IEnumerable<ScoredRollout> Sequences(Attempts attempts) =>
        Weights(attempts.Turns, options.Keep, options.Temperature).Select((weight, turn) => attempts.Sequence(turn) with { Weight = weight });

    /// <summary>How much attempts at a problem count, one after another; 0 for what is not learned.</summary>
    /// <param name="turns">The attempts.</param>
    /// <param name="keep">Which are learned.</param>
    /// <param name="temperature">τ.</param>
    public static IReadOnlyList<double> Weights(IReadOnlyList<ScoredRollout> turns, KeepRule keep, double temperature)
    {
        ArgumentNullException.ThrowIfNull(turns);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var worths = turns.Select(Worth).ToArray();
        return [.. turns.Select((attempt, turn) =>
            seen.Add(attempt.Text.Trim()) && attempt.Text.Trim().Length > 0 && Keeps(keep, worths, turn) ? Math.Exp(worths[turn] / temperature) : 0)];
    }

    private static bool Keeps(KeepRule keep, double[] worths, int turn) => keep switch
    {
        KeepRule.Success => worths[turn] == 1,
        _ when turn == 0 => true,
        KeepRule.Better => worths[turn] > worths[turn - 1],
        KeepRule.Best => worths.Take(turn).All(before => before <= worths[turn]),
        _ => true,
    };
}
