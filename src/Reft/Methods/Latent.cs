using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Configuration;
using Reft.Models;
using Reft.Problems;
using Reft.Rollouts;

namespace Reft.Methods;

/// <summary>What a slot's score is compared with.</summary>
public enum LatentBaseline
{
    /// <summary>The mean score of the step's slots without noise; differences are divided by their norm over the step.</summary>
    Batch,

    /// <summary>The other slots of its problem: their mean, over their deviation; the paper's ablation.</summary>
    Problem,
}

/// <summary>Through what the layer of a slot learns.</summary>
public enum LatentGradient
{
    /// <summary>Through the likelihood of the known answer behind each slot, weighed by its advantage: the program's.</summary>
    Answer,

    /// <summary>Through the density of the noise: REINFORCE over slots, whose gradient is that of the expected score. Ours.</summary>
    Noise,
}

/// <summary>Options of <see cref="Latent"/>; the paper's values. Its batch is 256 problems, its learning rate 1e-5 to 5e-4 with a cosine.</summary>
public sealed record LatentOptions
{
    /// <summary>K, the slots of each problem, at least 2; the first has no noise.</summary>
    [Option("K, the slots of each problem, of which the first has no noise", AtLeast = 2)]
    public int Thoughts { get; init => field = InRange.Of(this, value); } = 8;

    /// <summary>σ of the noise on the other slots, above 0; in the units of a hidden state.</summary>
    [Option("σ of the noise on the other slots", Above = 0)]
    public double Deviation { get; init => field = InRange.Of(this, value); } = 1.5;

    /// <summary>What a slot's score is compared with.</summary>
    [Option("what a slot's score is compared with: the step's slots without noise, or the slots of its problem")]
    public LatentBaseline Baseline { get; init; }

    /// <summary>Through what the layer learns.</summary>
    [Option("through what the layer learns: the known answer's likelihood, as the program has it, or the noise's density (REINFORCE)")]
    public LatentGradient Gradient { get; init; }

    /// <summary>The lower clip range ε of the ratio, in (0, 1).</summary>
    [Option("lower clip range of the ratio", Above = 0, Below = 1)]
    public double ClipLow { get; init => field = InRange.Of(this, value); } = 0.2;

    /// <summary>The upper clip range of the ratio, above 0.</summary>
    [Option("upper clip range of the ratio", Above = 0)]
    public double ClipHigh { get; init => field = InRange.Of(this, value); } = 0.28;

    /// <summary>How often a step's slots are gone through, at least 1.</summary>
    [Option("how often a step's slots are gone through", AtLeast = 1)]
    public int Epochs { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>Slots of an optimizer step; 0 for all of the step's.</summary>
    [Option("slots of an optimizer step", AtLeast = 0, Note = "0 is the whole batch")]
    public int MiniBatch { get; init => field = InRange.Of(this, value); }

    /// <summary>Tokens that a forward pass without gradients takes at a time.</summary>
    [Option("tokens of a forward pass without gradients", AtLeast = 1)]
    public int EvaluationTokens { get; init => field = InRange.Of(this, value); } = 8192;
}

/// <summary>Reinforced latent reasoning, the second stage of LatentR3 (<see href="https://arxiv.org/abs/2505.19092"/>, section 4.3).</summary>
internal sealed class Latent : IMethod
{
    /// <inheritdoc/>
    public string Name => "latent";

    /// <inheritdoc/>
    public string Summary => "a latent slot between prompt and response is moved by noise towards where known answers are likelier; nothing else learns";

    /// <inheritdoc/>
    public string Citation => "Zhang 2025, arXiv 2505.19092, section 4.3";

    /// <inheritdoc/>
    public IReadOnlyList<Formula> Formulas => Create(new LatentOptions()).Formulas;

    /// <inheritdoc/>
    public IReadOnlyList<Metric> Metrics => Create(new LatentOptions()).Metrics;

    /// <inheritdoc/>
    public string Guide => "Between prompt and response stands one token whose embedding is what a small layer of attention makes of the prompt's states. First "
        + "train it with all of the model (sft with model.latentSlot: true), then, from that checkpoint, with this method the layer alone: each known answer "
        + "is scored behind the slot and behind noised ones, by its perplexity. Nothing is decoded and nothing verified, so a step costs K forward passes. "
        + "Take it where answers are short and thoughts in words would cost too much; other programs load the checkpoint without the slot.";

    /// <inheritdoc/>
    public OptionsSection Options { get; } = new("latent", new LatentOptions());

    /// <inheritdoc/>
    public IReadOnlyList<string> Reads { get; } = [.. MethodKeys.Writes.Where(key => key != "model.lora"), .. MethodKeys.HasEntropy]; // The slot alone learns.

    /// <summary>Makes the algorithm.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(LatentOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IAdvantageEstimator advantages = options.Baseline == LatentBaseline.Batch
            ? new BatchAdvantages(rollout => rollout.Noise is null)
            : new GroupAdvantages(GroupBaseline.Mean, GroupScale.SampleDeviation);
        return new ComposedAlgorithm(new AlgorithmParts
        {
            Preparation = new LatentScores(advantages, options.EvaluationTokens),
            Weighting = new AggregatedWeighting(Aggregation.SequenceMeanTokenMean, constantLength: 1),
            Terms = [options.Gradient == LatentGradient.Answer ? new ClippedSurrogate(options.ClipLow, options.ClipHigh) : new SlotScore()],
            Epochs = options.Epochs,
            MiniBatch = options.MiniBatch,
            Ratio = new RatioOptions(),
        });
    }

    /// <inheritdoc/>
    public IEnumerable<Contradiction> Contradictions(RunConfig config)
    {
        var options = config.Options<LatentOptions>();
        if (options.Gradient == LatentGradient.Noise && (options.Epochs > 1 || options.MiniBatch > 0))
        {
            return [new("is noise, which has no ratio to correct for slots of an older layer: one update a step, with all of its slots; remove epochs and miniBatch", "latent.gradient", "latent.epochs", "latent.miniBatch")];
        }

        return MethodChecks.MiniBatch(Options, options.MiniBatch, config, (options.Thoughts * config.Training.BatchSize) - MethodChecks.Sampled(config));
    }

    /// <inheritdoc/>
    public MethodSetup Create(MethodParts parts)
    {
        var (config, options, decoder) = (parts.Config, parts.Config.Options<LatentOptions>(), parts.Decoder);
        var hadSlot = decoder.Slot is not null;
        decoder.AddSlot(config.Seed);
        Problem[] solved = [.. parts.Train.Where(problem => problem.HasSolution)];
        if (solved.Length == 0)
        {
            throw new InputException(
                $"problems.train: none of {parts.Train.Count} problems has a solution whose likelihood could be a reward; name a file that has");
        }

        var gold = new GoldSolutions(
            solved, parts.Template, parts.Tokenizer, parts.StopToken, Math.Min(config.Training.MostLearned, decoder.Config.MaxPositions),
            config.Training.BatchSize, config.Seed);
        return new MethodSetup(
            new Policy(decoder) { TrainsSlotAlone = true }, new LatentRollouts(gold, options.Thoughts, options.Deviation, config.Seed), Create(options))
        {
            UpdatesPerStep = options.Epochs * MethodChecks.MiniBatches(options.MiniBatch, options.Thoughts * config.Training.BatchSize),
            Notes =
            [
                .. hadSlot ? Array.Empty<string>()
                    : ["the model has no latent slot and begins with a fresh one: train it first with method sft and model.latentSlot: true"],
                .. solved.Length == parts.Train.Count ? Array.Empty<string>()
                    : [$"{parts.Train.Count - solved.Length} of {parts.Train.Count} training problems have no solution and are left out"],
                .. gold.LeftOut == 0 ? Array.Empty<string>()
                    : [$"{gold.LeftOut} of {solved.Length} solutions are longer than {config.Training.MostLearned} tokens and are left out"],
            ],
        };
    }
}
