using Reft.Algorithms;
using Reft.Configuration;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;

namespace Reft.Methods;

/// <summary>A method that learns gold solutions: options, an algorithm, and whether it learns the questions too.</summary>
/// <typeparam name="TOptions">Its options.</typeparam>
/// <param name="name">Its name in configs.</param>
/// <param name="section">Its section there.</param>
/// <param name="defaults">The options' defaults.</param>
internal sealed class ImitationMethod<TOptions>(string name, string section, TOptions defaults) : IMethod
    where TOptions : class
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public required string Summary { get; init; }

    /// <inheritdoc/>
    public required string Citation { get; init; }

    /// <inheritdoc/>
    public string Guide { get => field ?? Summary; init; }

    /// <inheritdoc/>
    public OptionsSection Options { get; } = new(section, defaults);

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads { get; } = [.. MethodKeys.Writes, "model.dropout"];

    /// <summary>Whether every token of question and solution is learned.</summary>
    public bool LearnsPrompts { get; init; }

    /// <summary>The algorithm.</summary>
    public required Func<TOptions, IAlgorithm> Algorithm { get; init; }

    /// <summary>How token losses are aggregated, and the length of one of the ways.</summary>
    public required Func<TOptions, (Aggregation Aggregation, int ConstantLength)> Aggregates { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas => Algorithm(defaults).Formulas;

    /// <summary>What an evaluation on dev says besides; null for nothing.</summary>
    public Func<TOptions, MethodParts, Func<long, EvaluationAddition>>? Adds { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => Algorithm(defaults).Metrics;

    /// <inheritdoc/>
    public IEnumerable<Contradiction> Contradictions(RunConfig config)
    {
        var (aggregation, length) = Aggregates(config.Options<TOptions>());
        return MethodChecks.ConstantLength(Options, aggregation, length);
    }

    /// <inheritdoc/>
    public MethodSetup Create(MethodParts parts)
    {
        if (LearnsPrompts && parts.Decoder.Slot is not null)
        {
            throw new InputException($"method: {Name} learns prompts too, and a latent slot stands behind them; train it with another, such as sft");
        }

        var training = parts.Config.Training;
        Problem[] solved = [.. parts.Train.Where(p => p.HasSolution)];
        if (solved.Length == 0)
        {
            throw new InputException(
                $"problems.train: none of {parts.Train.Count} problems has a solution to imitate; name a file that has");
        }

        var source = new GoldSolutions(
            solved, parts.Template, parts.Model.Tokenizer, parts.Model.StopToken,
            Math.Min(training.MostLearned, parts.Model.Model.Decoder.Config.MaxPositions), training.BatchSize, parts.Config.Seed,
            LearnsPrompts);
        var notes = new List<string>();
        if (solved.Length < parts.Train.Count)
        {
            notes.Add($"{parts.Train.Count - solved.Length} of {parts.Train.Count} training problems have no solution and are left out");
        }

        if (source.LeftOut > 0)
        {
            notes.Add($"{source.LeftOut} of {solved.Length} solutions are longer than {training.MostLearned} tokens and are left out");
        }

        return new MethodSetup(new Policy(parts.Model.Model.Decoder), source, Algorithm(parts.Config.Options<TOptions>()))
        {
            UpdatesPerStep = 1,
            Notes = notes,
            Adds = parts.Dev.Count == 0 ? null : Adds?.Invoke(parts.Config.Options<TOptions>(), parts),
        };
    }
}
