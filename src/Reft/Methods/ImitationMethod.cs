using Reft.Algorithms;
using Reft.Configuration;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;

namespace Reft.Methods;

/// <summary>
/// Gold solutions × cross-entropy: supervised fine-tuning learns the solutions, pre-training every token of question and
/// solution.
/// </summary>
internal sealed class ImitationMethod(string name, bool learnsPrompts) : IMethod
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Summary => learnsPrompts
        ? "cross-entropy on every token of questions and solutions"
        : "cross-entropy on gold solutions: the warm-up, and the baseline that it is compared with";

    /// <inheritdoc/>
    public string Citation => learnsPrompts ? "language modelling of the problems' texts" : "ReFT, section 3.1, equation 1";

    /// <inheritdoc/>
    public string Guide => learnsPrompts
        ? "Every token of question and solution is learned, as a language model learns text. Take it to begin a fresh model, or "
            + "to bring a model's language nearer to the problems' before sft."
        : "The solutions are learned token by token, given their questions: where reasoning has to be shown before it can be "
            + "reinforced. Take it as the warm-up of every method that samples, for a few epochs only: a policy that has learned its "
            + "solutions by heart no longer varies.";

    /// <inheritdoc/>
    public OptionsSection Options { get; } = new("crossEntropy", new CrossEntropyOptions());

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads { get; } = [.. MethodKeys.Writes, "model.dropout"];

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => CrossEntropy.Create(new CrossEntropyOptions()).Metrics;

    /// <inheritdoc/>
    public IEnumerable<Contradiction> Contradictions(RunConfig config)
    {
        var options = config.Options<CrossEntropyOptions>();
        return MethodChecks.ConstantLength(Options, options.Aggregation, options.ConstantLength);
    }

    /// <inheritdoc/>
    public MethodSetup Create(MethodParts parts)
    {
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
            learnsPrompts);
        var notes = new List<string>();
        if (solved.Length < parts.Train.Count)
        {
            notes.Add($"{parts.Train.Count - solved.Length} of {parts.Train.Count} training problems have no solution and are left out");
        }

        if (source.LeftOut > 0)
        {
            notes.Add($"{source.LeftOut} of {solved.Length} solutions are longer than {training.MostLearned} tokens and are left out");
        }

        return new MethodSetup(
            new Policy(parts.Model.Model.Decoder), source, CrossEntropy.Create(parts.Config.Options<CrossEntropyOptions>()))
        {
            UpdatesPerStep = 1,
            Notes = notes,
        };
    }
}
