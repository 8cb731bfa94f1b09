using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Models;
using Reft.Rollouts;

namespace Reft.Algorithms;

/// <summary>Options of <see cref="SelfTraining"/>.</summary>
public sealed record SelfTrainingOptions
{
    /// <summary>How often a step's sequences are gone through.</summary>
    [Option("how often a step's sequences are gone through", AtLeast = 1)]
    public int Epochs { get; init => field = InRange.Of(this, value); } = 2;

    /// <summary>Sequences of an optimizer step, gold ones counted; 0 for all of the step's.</summary>
    [Option("sequences of an optimizer step, gold ones counted", AtLeast = 0, Note = "0 is the whole batch")]
    public int MiniBatch { get; init => field = InRange.Of(this, value); }

    /// <summary>The weight of the gold solutions' loss, in [0, 1]; the correct samples' gets the rest.</summary>
    [Option("the weight of the gold solutions' loss; that of the correct samples gets the rest", AtLeast = 0, AtMost = 1)]
    public double GoldWeight { get; init => field = InRange.Of(this, value); } = 0.5;
}

/// <summary>
/// Online self-training (ReFT, section 4.2): cross-entropy on the correct ones of the policy's own samples and on the gold
/// solutions of the same questions, <c>L = (1-g) CE(correct) + g CE(gold)</c>, each the mean over its tokens in the mini-batch.
/// There is no value, no reference and no penalty; wrong samples get no loss.
/// </summary>
internal static class SelfTraining
{
    /// <summary>Makes the algorithm.</summary>
    /// <param name="options">The options.</param>
    /// <param name="gold">The gold solution of a problem as a sequence; null where it has none.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public static ComposedAlgorithm Create(SelfTrainingOptions options, Func<string, ScoredRollout?> gold)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ComposedAlgorithm(new AlgorithmParts
        {
            Preparation = new CorrectAndGold(options.GoldWeight, gold),
            Weighting = new TwoMeans(options.GoldWeight),
            Terms = [new LogLikelihood()],
            Epochs = options.Epochs,
            MiniBatch = options.MiniBatch,
        });
    }

    private static bool IsDrawn(Trajectory trajectory) => trajectory.Rollout.Verdict is not null;

    private sealed class CorrectAndGold(double goldWeight, Func<string, ScoredRollout?> gold) : IPreparation
    {
        public IReadOnlyList<Metric> Metrics { get; } =
        [
            new("self_training/learned_sequences", "samples that are learned"), new("self_training/gold_sequences", "gold solutions beside them"),
        ];

        public IReadOnlyList<Trajectory> Prepare(IReadOnlyList<ScoredRollout> rollouts, Policy policy, StepMetrics metrics)
        {
            var sampled = Sampled(rollouts, metrics);
            var solutions = goldWeight == 0 ? [] : rollouts.Select(r => r.Problem.Id).Distinct(StringComparer.Ordinal)
                .Select(gold).OfType<ScoredRollout>().Select(r => new Trajectory(r)).ToArray();
            metrics.Set("self_training/gold_sequences", solutions.Length);
            return [.. sampled, .. solutions];
        }

        /// <summary>The samples alone: of gold solutions no log-probabilities are stored.</summary>
        public IReadOnlyList<Trajectory> Again(IReadOnlyList<Trajectory> stored, double? klCoefficient, StepMetrics metrics) =>
            Sampled([.. stored.Select(t => t.Rollout)], metrics);

        private Trajectory[] Sampled(IReadOnlyList<ScoredRollout> rollouts, StepMetrics metrics)
        {
            var sampled = rollouts.Select(r => new Trajectory(r)
            {
                OldLogProbs = r.LogProbs,
                LeftOut = r.Verdict is not { IsCorrect: true } || goldWeight == 1,
            }).ToArray();
            metrics.Set("self_training/learned_sequences", sampled.Count(t => !t.LeftOut));
            return sampled;
        }
    }

    private sealed class TwoMeans(double goldWeight) : IWeighting
    {
        public IReadOnlyList<Formula> Formulas { get; } =
        [
            new("½ CE(correct samples) + ½ CE(gold), each the mean over its tokens", "Algorithms/SelfTraining: TwoMeans", "paper, section 4.2; program")
            {
                Departure = "the weight of gold is an option; gold is never cut; dropout in updates where `model.dropout` says so, as in the program. The means are "
                    + "over the whole mini-batch: one correct sample of 32 weighs as much as all gold together. The program takes them on each of 8 "
                    + "processes, so the weight of correct samples is ½ times the share of processes that have any",
            },
        ];

        public float[][] Weigh(IReadOnlyList<Trajectory> miniBatch)
        {
            var correct = Tokens(miniBatch.Where(t => !t.LeftOut && IsDrawn(t)));
            var solutions = Tokens(miniBatch.Where(t => !IsDrawn(t)));
            return [.. miniBatch.Select(t =>
            {
                var weight = t.LeftOut ? 0 : IsDrawn(t) ? (1 - goldWeight) / correct : goldWeight / solutions;
                return t.Sampled.Select(counts => counts ? (float)weight : 0f).ToArray();
            })];
        }

        private static double Tokens(IEnumerable<Trajectory> trajectories) => trajectories.Sum(t => t.Sampled.Count(s => s));
    }
}
