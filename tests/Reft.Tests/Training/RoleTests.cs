using Reft.Algorithms;
using Reft.Checkpoints;
using Reft.Models;
using Reft.Rollouts;
using static TorchSharp.torch;

namespace Reft.Tests.Training;

/// <summary>Hints and feedback get no loss: to the gradient they are what they look like, more prompt or nothing at all.</summary>
public sealed class RoleTests : IDisposable
{
    // Other shapes of the same sums in float32, for gradients of order 1.
    private const double Tolerance = 1e-6;

    private readonly PretrainedModel _model = TinyModels.Llama(11, width: 16, layers: 2);
    private readonly Policy _policy;

    public RoleTests()
    {
        _policy = new Policy(_model.Decoder, new ValueHead(16, zero: true, seed: 4, CPU));
        _policy.RequireGradients(true);
    }

    public void Dispose() => _policy.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradient_HintBeforeTheAnswer_IsThatOfALongerPrompt(bool ppo) => AssertSame(
        ppo,
        Episodes.Make(0, [1, 2, 3, 4, 5, 6, 0], prompt: 2, [TokenRole.Hint, TokenRole.Hint, .. Sampled(3)]) with
        {
            LogProbs = [0, 0, -2, -2, -2],
        },
        Episodes.Make(0, [1, 2, 3, 4, 5, 6, 0], prompt: 4) with { LogProbs = [-2, -2, -2] });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradient_FeedbackAtTheEnd_IsThatOfTheSequenceWithoutIt(bool ppo) => AssertSame(
        ppo,
        Episodes.Make(0, [1, 2, 3, 4, 0, 9, 8], prompt: 2, [.. Sampled(3), TokenRole.Feedback, TokenRole.Feedback]) with
        {
            LogProbs = [-2, -2, -2, 0, 0],
        },
        Episodes.Make(0, [1, 2, 3, 4, 0], prompt: 2) with { LogProbs = [-2, -2, -2] });

    [Fact]
    public void Gradient_SampledTokensAround_IsTheirSum()
    {
        int[] tokens = [1, 2, 3, 4, 5, 6];
        TokenRole[] roles = [TokenRole.Sampled, TokenRole.Feedback, TokenRole.Hint, TokenRole.Sampled];
        var options = new CrossEntropyOptions { Aggregation = Aggregation.SequenceMeanTokenSum };

        var both = Gradient(CrossEntropy.Create(options), Episodes.Make(0, tokens, prompt: 2, roles));
        var first = Gradient(CrossEntropy.Create(options), Episodes.Make(0, tokens[..3], prompt: 2));
        var last = Gradient(CrossEntropy.Create(options), Episodes.Make(0, tokens, prompt: 5));

        Assert.InRange(Episodes.Distance(both, [.. first.Zip(last, (a, b) => a + b)]), 0, Tolerance);
    }

    private void AssertSame(bool ppo, ScoredRollout one, ScoredRollout another)
    {
        var (first, second) = (Gradient(Make(), one with { Reward = 1 }), Gradient(Make(), another with { Reward = 1 }));

        Assert.InRange(first.Max(Math.Abs), 0.01, 100);
        Assert.InRange(Episodes.Distance(first, second), 0, Tolerance);

        IAlgorithm Make() => !ppo
            ? CrossEntropy.Create(new CrossEntropyOptions())
            : Ppo.Create(
                new PpoOptions { FirstRatioTolerance = 100, WhitensAdvantages = false, ValueCoefficient = 1 },
                sequences => [.. sequences.Select(s => s.Tokens.Skip(s.PromptLength).Select(t => -0.1f * t).ToArray())]);
    }

    private float[] Gradient(IAlgorithm algorithm, ScoredRollout rollout)
    {
        using var scope = NewDisposeScope();
        var trajectories = algorithm.Prepare([rollout], _policy, new StepMetrics());
        var columns = new TokenColumns(trajectories, algorithm.Weigh(trajectories), CPU);
        var outputs = _policy.Evaluate([trajectories[0].Sequence], algorithm.Questions(0));
        algorithm.Loss(outputs, columns, new StepMetrics(), step: 0).backward();
        return Episodes.TakeGradients(_policy);
    }

    private static IEnumerable<TokenRole> Sampled(int count) => Enumerable.Repeat(TokenRole.Sampled, count);
}
