using Reft.Algorithms;
using Reft.Algorithms.Preparations;
using Reft.Algorithms.Terms;
using Reft.Models;
using Reft.Rollouts;
using Reft.Tests.Training;
using static TorchSharp.torch;

namespace Reft.Tests.Algorithms;

public sealed class ComposedAlgorithmTests
{
    private static readonly ScoredRollout _rollout = Episodes.Make(0, [1, 2, 3], prompt: 1);

    [Fact]
    public void Loss_SeveralTerms_IsTheirWeighedSumWithCoefficients()
    {
        using var scope = NewDisposeScope();
        var algorithm = Make(new Constant("a", 2, 0), new Constant("b", 3, 0) { Factor = 0.5 });

        // Weights ½ each of two tokens: 2 + ½·3.
        Assert.Equal(3.5f, Loss(algorithm, step: 0));
    }

    [Fact]
    public void Loss_BeforeATermsFirstStep_LeavesItOut()
    {
        using var scope = NewDisposeScope();
        var algorithm = Make(new Constant("a", 2, 0), new Constant("b", 3, FirstStep: 4));

        Assert.Equal((2f, 5f), (Loss(algorithm, step: 3), Loss(algorithm, step: 4)));
    }

    [Fact]
    public void Questions_SeveralTerms_AreAllOfTheirs()
    {
        var algorithm = Make(new Constant("a", 2, 0) { Asks = PolicyQuestions.Values }, new Constant("b", 2, 0) { Asks = PolicyQuestions.Entropy });

        Assert.Equal(PolicyQuestions.Values | PolicyQuestions.Entropy, algorithm.Questions(0));
    }

    [Fact]
    public void New_NoTerms_IsRefused() => Assert.Throws<ArgumentException>(() => Make());

    [Fact]
    public void Create_OptionsOutOfRange_AreRefusedWhereTheyAreMade()
    {
        Assert.StartsWith("Lambda is 2:", Assert.Throws<OptionException>(() => Ppo.Create(new() { Lambda = 2 }, _ => [])).Message, StringComparison.Ordinal);
        Assert.Throws<OptionException>(() => SelfTraining.Create(new() { Epochs = 0 }, _ => null));
        Assert.Throws<OptionException>(() => CrossEntropy.Create(new() { ConstantLength = 0 }));
        Assert.Throws<OptionException>(() => new PpoOptions() with { Epochs = 0 });
    }

    private static ComposedAlgorithm Make(params ILossTerm[] terms) => new(new AlgorithmParts
    {
        Preparation = new Imitation(),
        Weighting = new AggregatedWeighting(Aggregation.TokenMean, 1),
        Terms = terms,
    });

    private static float Loss(ComposedAlgorithm algorithm, long step)
    {
        Trajectory[] rows = [new(_rollout)];
        var columns = new TokenColumns(rows, algorithm.Weigh(rows), CPU);
        return algorithm.Loss(new PolicyOutputs(zeros(2), null, null), columns, new StepMetrics(), step).item<float>();
    }

    private sealed record Constant(string Name, float Value, long FirstStep) : ILossTerm
    {
        public double Factor { get; init; } = 1;

        public PolicyQuestions Asks { get; init; }

        public double Coefficient => Factor;

        public PolicyQuestions Questions(long step) => Asks;

        public Tensor Losses(LossInputs inputs) => tensor([Value, Value]);
    }
}
