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
    [Option("the most attempts at a problem in training, one after another until one is right", AtLeast = 2)]
    public int Turns { get; init => field = InRange.Of(this, value); } = 2;

    /// <summary>Of how many samples the policy's attempts after the first are the best, at least 1; the paper's N.</summary>
    [Option("of how many samples the policy's attempts after the first are the best", AtLeast = 1)]
    public int BestOf { get; init => field = InRange.Of(this, value); } = 16;

    /// <summary>Who makes the attempts after the first: the policy, or the data.</summary>
    [Option("who makes the attempts after the first: the policy, or the known solutions")]
    public ImprovingExpert Expert { get; init; }

    /// <summary>Which attempts are learned.</summary>
    [Option("which attempts are learned: all, those worth more than the one before, those that none before is worth more than, right ones; the first always but for success")]
    public KeepRule Keep { get; init; }

    /// <summary>τ of the weight exp(r/τ), above 0: 0.4 gives 12.18 to a right attempt, 1 to a wrong one, 0.082 to one without an answer.</summary>
    [Option("τ of the weight exp(r/τ), with r 1, 0 or -1 for a right attempt, a wrong one and one without an answer", Above = 0)]
    public double WeightTemperature { get; init => field = InRange.Of(this, value); } = 0.4;

    /// <summary>How many attempts before it a prompt holds, at least 1; the paper's evaluations have 2.</summary>
    [Option("how many attempts before it a prompt holds", AtLeast = 1)]
    public int Window { get; init => field = InRange.Of(this, value); } = 2;

    /// <summary>What follows a wrong attempt.</summary>
    [Option("what follows a wrong attempt")]
    public string Feedback { get; init; } = "The answer is incorrect. Please try again. Here's the question:";

    /// <summary>Whether the question, as at first, follows that.</summary>
    [Option("whether the question, as at first, follows that")]
    public bool RepeatsQuestion { get; init; } = true;

    /// <summary>Attempts of an evaluation, at least 2.</summary>
    [Option("attempts of an evaluation", AtLeast = 2)]
    public int EvaluationTurns { get; init => field = InRange.Of(this, value); } = 5;

    /// <summary>How often a step's sequences are gone through, at least 1.</summary>
    [Option("how often a step's sequences are gone through", AtLeast = 1)]
    public int Epochs { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>Sequences of an optimizer step; 0 for all of the step's.</summary>
    [Option("sequences of an optimizer step", AtLeast = 0, Note = "0 is the whole batch")]
    public int MiniBatch { get; init => field = InRange.Of(this, value); }
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
    public IReadOnlyList<Formula> Formulas => Create(new RiseOptions()).Formulas;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => [.. new WeighedTurns().Metrics, .. new LogLikelihood().Metrics];

    /// <inheritdoc/>
    public string Guide => "The model tries, is told that it was wrong, and tries again; the attempt that is learned is the best of several samples, or the known "
        + "solution. Evaluations let it try five times without ever telling it that it was right, and vote. Use it on a model that can already answer the "
        + "feedback at all, where a second look at a wrong answer helps; compare with as many samples of the first turn (m5@t1), which cost the same.";

    /// <inheritdoc/>
    public OptionsSection Options { get; } = new("rise", new RiseOptions());

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads { get; } = [.. MethodKeys.Writes, .. MethodKeys.RollsOut, "model.dropout"];

    /// <inheritdoc/>
    public ComposedAlgorithm Again(RunConfig config) => Create(config.Options<RiseOptions>());

    /// <inheritdoc/>
    public IReadOnlyList<string> Replays { get; } = ["rise.keep", "rise.weightTemperature"];

    /// <inheritdoc/>
    public string? Unreplayed => "samples that were not the best of a turn, and known solutions that rise.expert gold lets stand for attempts";

    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(RiseOptions options)
    {
        var turns = new WeighedTurns(
            attempts => IntrospectionRollouts.Weights(attempts, options.Keep, options.WeightTemperature), options.Expert == ImprovingExpert.Self);
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

        int[] Feedback(Problem problem) =>
        [
            .. parts.Model.Tokenizer.Encode($"\n{options.Feedback}\n", addSpecialTokens: false),
            .. options.RepeatsQuestion ? parts.Template.PromptTokens(parts.Model.Tokenizer, problem.Question) : [],
        ];

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
