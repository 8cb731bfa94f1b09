using Reft.Algorithms;
using Reft.Algorithms.Advantages;
using Reft.Algorithms.Terms;
using Reft.Methods;
using Reft.Numerics;
using Reft.Supervision;
using static TorchSharp.torch;

namespace Reft.Outside;

/// <summary>The options of <see cref="RankedMethod"/>.</summary>
public sealed record RankedOptions
{
    /// <summary>What the loss is multiplied by, above 0.</summary>
    [Option("what the loss is multiplied by", Above = 0)]
    public double Strength { get; init => field = InRange.Of(this, value); } = 1;

    /// <summary>How the policy is updated: once a step.</summary>
    [Option("how the policy is updated")]
    public UpdateOptions Update { get; init; } = new();
}

/// <summary>A policy gradient with advantages and a loss of its own: a sample counts by how many of its problem's it beats.</summary>
public static class RankedMethod
{
    /// <summary>The method.</summary>
    public static IMethod Method { get; } = new OwnSamplesMethod<RankedOptions>("ranked", "ranked", new RankedOptions())
    {
        Summary = "a policy gradient by the rank of a sample among its problem's",
        Citation = "nobody",
        Guide = "Rewards are compared, never measured. Take it where their size means nothing.",
        Update = options => options.Update,
        LeastSamples = _ => 2,
        IsOnPolicy = true,
        Algorithm = (options, _, _) => new PolicyGradient
        {
            Advantages = new Ranks(),
            Terms = [new Push(options.Strength)],
            Aggregation = Aggregation.SequenceMeanTokenSum,
        }.With(options.Update),
    };

    /// <summary>The share of the problem's samples that a sample beats, less the share that it is beaten by.</summary>
    private sealed class Ranks : IAdvantageEstimator
    {
        public IReadOnlyList<Metric> Metrics { get; } =
        [
            new("ranked/problems", "problems of a step")
            {
                Chart = new("Ranks", "Problems of a step"),
                Healthy = new("few-problems", "ranks of few problems say little", "raise training.batchSize") { Least = 2 },
            },
        ];

        public IReadOnlyList<AdvantageEstimate> Estimate(IReadOnlyList<Trajectory> trajectories, StepMetrics metrics)
        {
            var groups = trajectories.ToLookup(t => t.Rollout.Problem.Id, t => t.Rewards.Sum(), StringComparer.Ordinal);
            metrics.Set("ranked/problems", groups.Count);
            return [.. trajectories.Select(t =>
            {
                var (own, others) = (t.Rewards.Sum(), groups[t.Rollout.Problem.Id].ToArray());
                var rank = others.Sum(other => Math.Sign(own - other)) / (double)others.Length;
                return new AdvantageEstimate([.. t.Sampled.Select(sampled => sampled ? rank : 0)], []);
            })];
        }
    }

    private sealed class Push(double strength) : ILossTerm
    {
        public string Name => "push";

        public Tensor Losses(LossInputs inputs) => WrappedTensorDisposeScope(
            () => (inputs.Columns.Column(t => t.Advantages) * inputs.Outputs.LogProbs).Times(-strength));
    }
}
