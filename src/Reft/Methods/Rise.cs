using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Configuration;
using Reft.Evaluation.Turns;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;
using Reft.Rollouts.Curricula;

namespace Reft.Methods;

/// <summary>Options of <see cref="Rise"/>; the values of the paper and its program where they give some.</summary>
public sealed record RiseOptions
{
    /// <summary>The most attempts at a problem in training, at least 2; one after another until one is right.</summary>
    public int Turns { get; init; } = 2;

    /// <summary>Of how many samples the policy's attempts after the first are the best, at least 1; the paper's N.</summary>
    public int BestOf { get; init; } = 16;

    /// <summary>Who makes the attempts after the first: the policy, or the data.</summary>
    public ImprovingExpert Expert { get; init; }

    /// <summary>Which attempts are learned.</summary>
    public KeepRule Keep { get; init; }

    /// <summary>τ of the weight exp(r/τ), above 0: 0.4 gives 12.18 to a right attempt, 1 to a wrong one, 0.082 to one without an answer.</summary>
    public double WeightTemperature { get; init; } = 0.4;

    /// <summary>How many attempts before it a prompt holds, at least 1; the paper's evaluations have 2.</summary>
    public int Window { get; init; } = 2;

    /// <summary>What follows a wrong attempt.</summary>
    public string Feedback { get; init; } = "The answer is incorrect. Please try again. Here's the question:";

    /// <summary>Whether the question, as at first, follows that.</summary>
    public bool RepeatsQuestion { get; init; } = true;

    /// <summary>Attempts of an evaluation, at least 2.</summary>
    public int EvaluationTurns { get; init; } = 5;

    /// <summary>How often a step's sequences are gone through, at least 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Sequences of an optimizer step; 0 for all of the step's.</summary>
    public int MiniBatch { get; init; }

    /// <summary>Every error of the options; empty if there is none.</summary>
    public IReadOnlyList<string> Validate(string path) => OptionErrors.Of(
        path,
        (Turns >= 2, "turns", Turns, "at least 2"),
        (BestOf >= 1, "bestOf", BestOf, "at least 1"),
        (WeightTemperature > 0, "weightTemperature", WeightTemperature, "above 0"),
        (Window >= 1, "window", Window, "at least 1"),
        (EvaluationTurns >= 2, "evaluationTurns", EvaluationTurns, "at least 2"),
        (Epochs >= 1, "epochs", Epochs, "at least 1"),
        (MiniBatch >= 0, "miniBatch", MiniBatch, "at least 0 (0 is the whole batch)"));
}

/// <summary>Recursive introspection (<see href="https://arxiv.org/abs/2407.18219"/>): a model learns to mend its own wrong answers.</summary>
internal sealed class Rise : IMethod
{
    /// <inheritdoc/>
    public string Name => "rise";

    /// <inheritdoc/>
    public string Summary => "likelihood of the last of several attempts at a problem, weighed by its reward; each sees those before and that they were wrong";

    /// <inheritdoc/>
    public string Citation => "Qu 2024, arXiv 2407.18219, section 4";

    /// <inheritdoc/>
    public string Guide => "The model tries, is told that it was wrong, and tries again; the attempt that is learned is the best of several samples, or the known "
        + "solution. Evaluations let it try five times without ever telling it that it was right, and vote. Use it on a model that can already answer the "
        + "feedback at all, where a second look at a wrong answer helps; compare with as many samples of the first turn (m5@t1), which cost the same.";

    /// <inheritdoc/>
    public OptionsSection Options { get; } = new("rise", new RiseOptions());

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads { get; } = [.. MethodKeys.Writes, .. MethodKeys.RollsOut, "model.dropout"];

    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(RiseOptions options)
    {
        OptionErrors.ThrowIfAny(options.Validate("rise"));
        var turns = new WeighedTurns();
        return new ComposedAlgorithm(new AlgorithmParts
        {
            Preparation = turns,
            Weighting = turns,
            Terms = [new LogLikelihood()],
            Epochs = options.Epochs,
            MiniBatch = options.MiniBatch,
            KeepsGroups = true,
        });
    }

    /// <inheritdoc/>
    public IEnumerable<Contradiction> Contradictions(RunConfig config)
    {
        var options = config.Options<RiseOptions>();
        return MethodChecks.MiniBatch(Options, options.MiniBatch, config, (options.Turns - 1) * MethodChecks.Sampled(config));
    }

    /// <inheritdoc/>
    public MethodSetup Create(MethodParts parts)
    {
        var (config, options) = (parts.Config, parts.Config.Options<RiseOptions>());
        var source = PolicySource.Create(parts);
        var gold = options.Expert == ImprovingExpert.Gold
            ? GoldSolutions.Fitting(
                source.Problems.Where(p => p.HasSolution), parts.Template, parts.Model.Tokenizer, parts.Model.StopToken, parts.Model.Model.Decoder.Config.MaxPositions)
                .ToDictionary(rollout => rollout.Problem.Id, StringComparer.Ordinal)
            : [];
        var rollouts = new IntrospectionRollouts(
            source.Rollouts,
            new IntrospectionOptions
            {
                Turns = options.Turns,
                BestOf = options.BestOf,
                Expert = options.Expert,
                Keep = options.Keep,
                Temperature = options.WeightTemperature,
                Window = options.Window,
            },
            Feedback, problem => gold.GetValueOrDefault(problem.Id));
        return new MethodSetup(new Policy(parts.Model.Model.Decoder), rollouts, Create(options))
        {
            UpdatesPerStep = options.Epochs * MethodChecks.MiniBatches(options.MiniBatch, options.Turns * MethodChecks.Sampled(config)),
            Notes = source.Notes,
            Inputs = source.Inputs,
            Adds = parts.Dev.Count == 0 ? null : Evaluation(),
        };

        int[] Feedback(Problem problem) => parts.Model.Tokenizer.Encode(
            $"\n{options.Feedback}\n{(options.RepeatsQuestion ? parts.Template.Prompt(problem.Question) : "")}", addSpecialTokens: false);

        Func<long, EvaluationAddition> Evaluation()
        {
            var dev = PolicySource.Of(
                parts, parts.Dev, new PlainCurriculum(parts.Template, parts.Model.Tokenizer), config.Evaluation.Temperature, config.Evaluation.MaxTokens);
            var turns = new TurnEvaluation(dev, Feedback, options.EvaluationTurns, options.Window, config.Answers.Style, config.Answers.Policy);
            return step =>
            {
                var report = turns.Evaluate(parts.Dev);
                return new(report.Summary, file => TurnFile.Write(Path.ChangeExtension(file, TurnFile.Extension), new TurnRecord(step, "dev", report)));
            };
        }
    }
}
