using Reft.Algorithms;
using Reft.Models;
using Reft.Numerics;
using Reft.Rollouts;
using Reft.Tests.Numerics;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

/// <summary>The supervised loss, under every aggregation, against its definition over ragged rows.</summary>
public sealed class CrossEntropyGradientTests
{
    private const int ConstantLength = 7;

    public static TheoryData<Aggregation> Aggregations => new(Enum.GetValues<Aggregation>());

    [Theory]
    [MemberData(nameof(Aggregations))]
    public void Loss_EveryAggregation_HasTheDefinitionsValueAndSlope(Aggregation aggregation)
    {
        using var scope = NewDisposeScope();
        var rollouts = Episodes.Random(seed: 4, count: 5, vocabulary: 9);
        // A sequence of which nothing is to be learned counts as a sequence all the same.
        rollouts[2] = rollouts[2] with { Roles = [.. rollouts[2].Roles.Select(_ => TokenRole.Hint)] };
        var random = new CounterRandom(8);
        var entries = rollouts.Sum(r => r.ResponseLength);
        var at = Enumerable.Range(0, entries).Select(_ => -3 * random.NextDouble()).ToArray();
        var algorithm = CrossEntropy.Create(new CrossEntropyOptions { Aggregation = aggregation, ConstantLength = ConstantLength });
        Trajectory[] trajectories = [.. rollouts.Select(r => new Trajectory(r))];
        var columns = new TokenColumns(trajectories, algorithm.Weigh(trajectories), CPU);
        var logProbs = tensor([.. at.Select(p => (float)p)]).requires_grad_();

        var loss = algorithm.Loss(new PolicyOutputs(logProbs, null, null), columns, new StepMetrics(), step: 0);
        loss.backward();

        // Weights and log-probabilities are float32: 6e-8 of a loss below 30.
        Assert.Equal(Definition(at), loss.item<float>(), 5e-6);
        var slopes = FiniteDifferences.Of(Definition, at);
        FiniteDifferences.AssertNear(slopes, FiniteDifferences.Wide(Episodes.Values(logProbs.grad!)), 1e-7);

        double Definition(double[] p)
        {
            var own = new List<double[]>();
            var first = 0;
            foreach (var rollout in rollouts)
            {
                var start = first;
                own.Add([.. rollout.Roles.Select((role, t) => (role, Loss: -p[start + t]))
                    .Where(token => token.role == TokenRole.Sampled).Select(token => token.Loss)]);
                first += rollout.ResponseLength;
            }

            return aggregation switch
            {
                Aggregation.SequenceMeanTokenMean => own.Average(s => s.Length == 0 ? 0 : s.Average()),
                Aggregation.TokenMean => own.SelectMany(s => s).Average(),
                Aggregation.SequenceMeanTokenSum => own.Average(s => s.Sum()),
                _ => own.Sum(s => s.Sum()) / (own.Count * ConstantLength),
            };
        }
    }
}
