using Reft.Algorithms;
using Reft.Configuration;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;

namespace Reft.Methods;

/// <summary>Policy rollouts × cross-entropy on the correct ones and on gold: online self-training (ReFT, section 4.2).</summary>
internal sealed class SelfTrainingMethod : IMethod
{
    /// <inheritdoc/>
    public string Name => "online-self-training";

    /// <inheritdoc/>
    public string Summary => "cross-entropy on the correct ones of the policy's own samples, and on gold solutions";

    /// <inheritdoc/>
    public string Citation => "ReFT, section 4.2";

    /// <inheritdoc/>
    public string Guide =>
        "At every step the policy's correct samples are learned like solutions, beside the gold ones of the same questions. "
        + "There are no values, no reference and no penalty; wrong samples get no loss. Take it as the baseline of the paper, or "
        + "where reinforcement is unsteady.";

    /// <inheritdoc/>
    public OptionsSection Options { get; } = new("selfTraining", new SelfTrainingOptions());

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads { get; } = [.. MethodKeys.Writes, .. MethodKeys.RollsOut, "model.dropout"];

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas => SelfTraining.Create(new SelfTrainingOptions(), _ => null).Formulas;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => SelfTraining.Create(new SelfTrainingOptions(), _ => null).Metrics;

    /// <inheritdoc/>
    public ComposedAlgorithm Again(RunConfig config) => SelfTraining.Create(config.Options<SelfTrainingOptions>(), _ => null);

    /// <inheritdoc/>
    public IReadOnlyList<string> Replays { get; } = ["selfTraining.goldWeight"];

    /// <inheritdoc/>
    public IEnumerable<Contradiction> Contradictions(RunConfig config)
    {
        var options = config.Options<SelfTrainingOptions>();
        return MethodChecks.MiniBatch(Options, options.MiniBatch, config, Gold(options, config));
    }

    /// <inheritdoc/>
    public MethodSetup Create(MethodParts parts)
    {
        var (config, options) = (parts.Config, parts.Config.Options<SelfTrainingOptions>());
        var source = PolicySource.Create(parts);
        var gold = options.GoldWeight == 0 ? [] : Gold(parts, [.. source.Problems.Where(p => p.HasSolution)]);
        var notes = source.Notes.ToList();
        if (options.GoldWeight > 0 && gold.Count < source.Problems.Count)
        {
            notes.Add($"{source.Problems.Count - gold.Count} of {source.Problems.Count} training problems have no solution "
                + $"of at most {config.Training.MostLearned} tokens; only their correct samples are learned");
        }

        var sequences = MethodChecks.Sampled(config) + Gold(options, config);
        return new MethodSetup(
            new Policy(parts.Model.Model.Decoder), source.Rollouts, SelfTraining.Create(options, gold.GetValueOrDefault))
        {
            UpdatesPerStep = options.Epochs * MethodChecks.MiniBatches(options.MiniBatch, sequences),
            Notes = notes,
            Inputs = source.Inputs,
        };
    }

    /// <summary>The most gold solutions of a step.</summary>
    private static int Gold(SelfTrainingOptions options, RunConfig config) => options.GoldWeight > 0 ? config.Training.BatchSize : 0;

    private static Dictionary<string, ScoredRollout> Gold(MethodParts parts, IEnumerable<Problem> solved) =>
        parts.Solutions(solved).ToDictionary(r => r.Problem.Id, StringComparer.Ordinal);
}
