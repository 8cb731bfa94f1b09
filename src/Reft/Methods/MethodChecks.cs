using System.Globalization;
using Reft.Algorithms;
using Reft.Configuration;

namespace Reft.Methods;

/// <summary>What is the same in the options of several methods.</summary>
internal static class MethodChecks
{
    /// <summary>Samples of a step.</summary>
    public static int Sampled(RunConfig config) => config.Training.BatchSize * config.Rollouts.SamplesPerProblem;

    /// <summary>Optimizer steps of an epoch over a step's sequences; a mini-batch of 0 takes them all.</summary>
    public static int MiniBatches(int miniBatch, int sequences) => miniBatch == 0 ? 1 : (sequences + miniBatch - 1) / miniBatch;

    /// <summary>A mini-batch of more sequences than a step has.</summary>
    /// <param name="section">The section with the key <c>miniBatch</c>.</param>
    /// <param name="miniBatch">Its value.</param>
    /// <param name="config">The config.</param>
    /// <param name="more">The most sequences of a step besides its samples.</param>
    public static IEnumerable<Contradiction> MiniBatch(OptionsSection section, int miniBatch, RunConfig config, int more = 0)
    {
        var sequences = ((long)config.Training.BatchSize * config.Rollouts.SamplesPerProblem) + more;
        if (miniBatch > sequences)
        {
            yield return new(
                string.Create(CultureInfo.InvariantCulture,
                    $"is {miniBatch}, but a step has {(more == 0 ? "" : "at most ")}{sequences} sequences; 0 takes them all at once"),
                $"{section.Name}.miniBatch",
                "training.batchSize",
                "rollouts.samplesPerProblem");
        }
    }

    /// <summary>A constant length that the aggregation does not read.</summary>
    public static IEnumerable<Contradiction> ConstantLength(OptionsSection section, Aggregation aggregation, int length)
    {
        // It is the same everywhere.
        if (length != new CrossEntropyOptions().ConstantLength && aggregation != Aggregation.SequenceSumConstant)
        {
            yield return new(
                $"is read only with {section.Name}.aggregation sequenceSumConstant; set that, or remove it",
                $"{section.Name}.constantLength",
                $"{section.Name}.aggregation");
        }
    }
}
